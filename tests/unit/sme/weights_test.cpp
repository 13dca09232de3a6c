// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/sme/function/layer.h"
#include "models/sme/function/networks.h"
#include "models/sme/function/quantizer.h"
#include "models/sme/weights/trace_weights.h"
#include "models/sme/weights/weights_file.h"
#include "sim/core/error.h"
#include "tests/support/model_folder.h"
#include "tests/support/temp_folder.h"
#include "traces/io/reader.h"
#include "traces/workload/numeric/fnv.h"

namespace {

using namespace sme;
using test_support::f32_tensor;
using test_support::safetensors_bytes;
using test_support::write_bytes;
using testing::HasSubstr;

std::string refusal(const std::filesystem::path& file) {
  try {
    read_weights(file);
  } catch (const sim::Error& error) {
    EXPECT_EQ(error.exit_code(), sim::Exit::input);
    return error.what();
  }
  return "accepted";
}

TEST(SmeWeights, ReadsMatricesAndKernels) {
  const test_support::TempFolder folder;
  // Names out of order: the file's order counts.
  write_bytes(folder / "w", safetensors_bytes({{"b", f32_tensor({3, 2}, 1)},
                                               {"a.bias", f32_tensor({2}, 1)},
                                               {"c", f32_tensor({2, 3, 1, 2}, 0)},
                                               {"d", f32_tensor({4, 1, 3, 3}, 0)},
                                               {"e.dwconv", f32_tensor({9, 4}, 0)}}));
  const WeightsFile file = read_weights(folder / "w");
  ASSERT_EQ(file.matrices.size(), 4u);
  EXPECT_EQ(file.passed_over, 1u);
  EXPECT_EQ(file.matrices[0].inputs, 3u);
  EXPECT_EQ(file.matrices[0].outputs, 2u);
  EXPECT_EQ(file.matrices[1].inputs, 6u);
  EXPECT_EQ(file.matrices[1].outputs, 2u);
  // Output 1, input 2 * 3 + 1 ... of [2, 3, 1, 2]: element 6 + 5 goes to row 5, column 1.
  EXPECT_EQ(file.matrices[1].values[5 * 2 + 1], 11 % 7 * 0.125F);
  EXPECT_EQ(file.matrices[2].kind, MatrixKind::depthwise);
  EXPECT_EQ(file.matrices[2].inputs, 9u);
  EXPECT_EQ(file.matrices[2].outputs, 4u);
  EXPECT_EQ(file.matrices[3].kind, MatrixKind::depthwise);
  EXPECT_EQ(read_weights(folder / "w", Orientation::outputs_by_inputs).matrices[0].inputs, 2u);
}

TEST(SmeWeights, RefusesWhatCannotBeMapped) {
  const test_support::TempFolder folder;
  write_bytes(folder / "w", safetensors_bytes({{"a", f32_tensor({2, 2, 2}, 1)}}));
  EXPECT_THAT(refusal(folder / "w"), HasSubstr("w: a: has 3 dimensions [2, 2, 2]"));
  write_bytes(folder / "w", safetensors_bytes({{"a", f32_tensor({2}, 1)}}));
  EXPECT_THAT(refusal(folder / "w"), HasSubstr("no weight matrix"));
  test_support::TestTensor bad = f32_tensor({2, 2}, 1);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  bad.bytes.replace(8, 4, reinterpret_cast<const char*>(&nan), 4);
  write_bytes(folder / "w", safetensors_bytes({{"a", bad}}));
  EXPECT_THAT(refusal(folder / "w"), HasSubstr("a: the weight at row 1, column 0 is NaN"));
  write_bytes(folder / "w", safetensors_bytes({{"a", f32_tensor({200000, 1}, 1)}}));
  EXPECT_THAT(refusal(folder / "w"), HasSubstr("sides of a matrix"));
  write_bytes(folder / "w", "not a file of tensors");
  EXPECT_NE(refusal(folder / "w"), "accepted");
  EXPECT_THAT(refusal(folder / "absent"), HasSubstr("cannot be opened"));
}

// Products of the sample's first tokens, in INT8 and in INT4 nested in it, are the trace's 32-bit sums.
TEST(SmeTraceWeights, ProductsEqualTheTracesDigests) {
  trace::Reader reader(std::string(TRICYCLE_SOURCE_DIR) + "/traces/samples/decode.tct");
  TraceWeights weights;
  std::map<TraceKey, TraceMatrix> matrices;
  std::map<TraceKey, std::unique_ptr<Layer>> layers;
  LayerSettings settings;
  std::map<unsigned, unsigned> compared;
  while (reader.next() && (compared[8] < 30 || compared[4] < 30)) {
    if (weights.offer(reader) || reader.kind() != trace::Kind::gemv) continue;
    if (matrices.empty())
      for (TraceMatrix& m : weights.take(reader)) {
        EXPECT_EQ(m.nested, m.key.matrix != tricycle::trace::LM_HEAD);  // the head stays INT8
        layers[m.key] = std::make_unique<Layer>(std::move(m.int8), settings);
        matrices[m.key];
      }
    const auto& gemv = reader.record().gemv();
    if (gemv.activation_codes().empty() || compared[gemv.weight_bits()] >= 30) continue;
    const TraceKey key{gemv.layer(), static_cast<int>(gemv.matrix())};
    ASSERT_TRUE(layers.count(key));
    GemvOptions options;
    options.planes_driven = gemv.weight_bits() == 4 ? 3 : 7;
    GemvResult result;
    layers[key]->gemv(reinterpret_cast<const std::uint8_t*>(gemv.activation_codes().data()), 1, options,
                      result);
    std::vector<std::uint8_t> bytes;
    for (const std::int64_t y : result.y)
      for (unsigned i = 0; i < 4; ++i) bytes.push_back(static_cast<std::uint8_t>(y >> (8 * i)));
    EXPECT_EQ(workload::fnv1a(bytes), gemv.result_digest());
    EXPECT_EQ(result.y, result.exact);
    ++compared[gemv.weight_bits()];
  }
  EXPECT_EQ(compared[8], 30u);
  EXPECT_EQ(compared[4], 30u);
}

// The reference counts, from real weights.
class SmeRealWeights : public testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("TRICYCLE_DATA");
    if (folder == nullptr) GTEST_SKIP() << "TRICYCLE_DATA is not set: no real weights";
    file_ = std::filesystem::path(folder) / "weights" / "mobilenet_v2_1.0_224.safetensors";
    if (!std::filesystem::exists(file_)) GTEST_SKIP() << file_ << " is not there";
  }
  LayerMap sum(QuantizerKind kind, unsigned degree, bool per_channel = false) const {
    QuantizerSettings quantizer;
    quantizer.kind = kind;
    quantizer.per_channel = per_channel;
    MappingSettings mapping;
    mapping.sign = SignMode::magnitude;
    mapping.squeeze_degree = degree;
    LayerMap total;
    for (const WeightMatrix& m : read_weights(file_).matrices) {
      const LayerMap map = map_layer(make_quantizer(quantizer)->quantize(m), mapping);
      total.counts.add(map.counts);
      total.tile_row_slots += map.tile_row_slots;
      for (unsigned p = 0; p < kMaxPlanes; ++p) total.before[p].rows += map.before[p].rows;
    }
    return total;
  }
  std::filesystem::path file_;
};

TEST_F(SmeRealWeights, MobileNetTakesTheReferencesCrossbars) {
  const LayerMap plain = sum(QuantizerKind::int8, 0);
  EXPECT_EQ(plain.counts.conventional, 2453u);
  EXPECT_EQ(plain.counts.bit_sliced, 2880u);
  EXPECT_EQ(plain.counts.zero, 61u);
  EXPECT_NEAR(plain.empty_row_share(1), 0.727, 0.0005);
  EXPECT_NEAR(plain.empty_row_share(2), 0.142, 0.0005);
  const LayerMap sme = sum(QuantizerKind::sme, 0);
  EXPECT_EQ(sme.counts.zero, 77u);
  EXPECT_EQ(sme.counts.used, 2803u);
  EXPECT_NEAR(sme.empty_row_share(1), 0.821, 0.0005);
  EXPECT_NEAR(sme.empty_row_share(2), 0.167, 0.0005);
  EXPECT_EQ(sum(QuantizerKind::sme, 1).counts.used, 2506u);
  EXPECT_EQ(sum(QuantizerKind::sme, 2).counts.used, 2154u);
  EXPECT_EQ(sum(QuantizerKind::sme, 3).counts.used, 1800u);
  EXPECT_GT(sum(QuantizerKind::sme, 0, true).counts.used,
            2850u);  // scales per channel leave almost nothing to free
}

TEST_F(SmeRealWeights, AdoptTheNetworksPositions) {
  std::vector<WeightMatrix> weights = read_weights(file_).matrices;
  EXPECT_EQ(weights.size(), 53u);
  adopt_shape(weights, "mobilenet_v2", file_.string());
  EXPECT_EQ(weights[0].positions, 112u * 112u);
}

}  // namespace
