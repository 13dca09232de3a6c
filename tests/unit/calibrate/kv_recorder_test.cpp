// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/calibrate/kv_recorder.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "traces/workload/calibrate/outliers.h"

namespace workload {
namespace {

constexpr KvShape kShape{2, 4, 2, 3, 100};

TEST(KvRecorder, CountsChannelsOfEveryHead) {
  KvRecorder recorder(kShape, 1, 0);
  const float k[] = {1, -2, 0, 10, 0, 1, 3, 1, 0, -20, 0, 2};  // two tokens, two heads, three channels
  const float v[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -7};
  recorder.append_prompt(1, 2, k, v);
  recorder.append_prompt(0, 2, v, v);
  const auto& channels = recorder.key_channels();
  EXPECT_EQ(channels[6].largest, 3);  // layer 1, head 0, channel 0
  EXPECT_EQ(channels[6].sum_of_squares, 10);
  EXPECT_EQ(channels[7].largest, 2);
  EXPECT_EQ(channels[9].largest, 20);
  EXPECT_EQ(recorder.value_channels()[11].largest, 7);
  EXPECT_EQ(recorder.tokens(), 2U);
  EXPECT_EQ(recorder.samples(), 8U);  // every vector of both layers
  EXPECT_EQ(std::vector<float>(recorder.keys().begin(), recorder.keys().begin() + 12),
            std::vector<float>(k, k + 12));
  const nlohmann::json j = outliers_json(recorder);
  EXPECT_EQ(j["keys"][1]["heads"][1]["largest"], (std::vector<double>{20, 0, 2}));
  EXPECT_DOUBLE_EQ(j["keys"][1]["largest_over_median"], 10);  // head 1: 20 over 2; head 0: 3 over 2
  EXPECT_DOUBLE_EQ(j["keys"][1]["heads"][0]["rms"][0], std::sqrt(5.0));
}

TEST(KvRecorder, SamplesFromAllHeadsAndLayers) {
  KvRecorder recorder(kShape, 4, 7);
  // The first channel says which layer and head a vector comes from.
  std::vector<float> k(6 * 500);
  int counts[4] = {};
  for (unsigned layer = 0; layer < 2; ++layer) {
    for (unsigned i = 0; i < 1000; ++i) k[i * 3] = static_cast<float>(layer * 2 + i % 2);
    recorder.append_prompt(layer, 500, k.data(), k.data());
  }
  for (std::size_t i = 0; i < recorder.samples(); ++i) ++counts[static_cast<int>(recorder.keys()[i * 3])];
  for (const int count : counts) EXPECT_NEAR(count, 125, 40);
  KvRecorder again(kShape, 4, 7);
  again.append_prompt(0, 500, k.data(), k.data());
  again.append_prompt(1, 500, k.data(), k.data());
  EXPECT_EQ(again.samples(), recorder.samples());
}

TEST(KvRecorder, IsForPrefillsOnly) {
  KvRecorder recorder(kShape, 0, 0);
  float x[12] = {};
  recorder.append_prompt(0, 2, x, x);
  EXPECT_EQ(recorder.samples(), 0U);
  EXPECT_THROW(recorder.attend(0, x, x), sim::Error);
}

}  // namespace
}  // namespace workload
