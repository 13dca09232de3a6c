// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/model/synthetic.h"

#include <cmath>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "traces/workload/model/prompt_pieces.h"
#include "traces/workload/model/seeded.h"

namespace {

using workload::synthetic_shape;
using workload::synthetic_weights;

TEST(SyntheticWeights, follow_from_the_seed_alone) {
  const auto a = synthetic_weights(synthetic_shape("tiny"), 1);
  EXPECT_EQ(a.digest, synthetic_weights(synthetic_shape("tiny"), 1).digest);
  EXPECT_NE(a.digest, synthetic_weights(synthetic_shape("tiny"), 2).digest);
  EXPECT_TRUE(a.synthetic);
  // The same on every machine: a trace of synthetic weights names them by this digest.
  EXPECT_EQ(a.digest, "5c5631ffa275f28a30d63170cde7f97cf21f4fdfeafee6d770ad0a2c66446770");
}

TEST(SyntheticWeights, matrices_keep_the_size_of_what_they_multiply) {
  const auto w = synthetic_weights(synthetic_shape("tiny"), 3);
  const auto& m = w.layers[1].gate_up_proj;
  double mean = 0;
  double square = 0;
  for (const float v : m.values) {
    mean += static_cast<double>(v);
    square += static_cast<double>(v) * static_cast<double>(v);
  }
  const auto count = static_cast<double>(m.values.size());
  EXPECT_NEAR(mean / count, 0, 5 / std::sqrt(count * static_cast<double>(m.cols)));
  EXPECT_NEAR(square / count * static_cast<double>(m.cols), 1.0, 0.05);  // variance 1 / cols
  EXPECT_NE(w.layers[0].qkv_proj.values, w.layers[1].qkv_proj.values);
  for (const float v : w.final_norm) {
    EXPECT_GE(v, 0.9F);
    EXPECT_LE(v, 1.1F);
  }
}

TEST(SyntheticWeights, more_than_the_machine_holds_is_refused_before_it_is_taken) {
  auto shape = synthetic_shape("llama3.1-8b");
  shape.layers = 4096;
  try {
    synthetic_weights(shape, 1);
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::limit);
    EXPECT_THAT(e.what(), ::testing::HasSubstr("GB of memory; choose a smaller shape"));
  }
}

// The whole causal, then four pieces a number of devices, as long as a piece can be halved.
TEST(PromptPieces, are_what_ring_schedules_need) {
  std::string text;
  for (const workload::PromptPiece& p : workload::prompt_pieces(24)) {
    text += std::to_string(p.query_tokens) + "x" + std::to_string(p.kv_tokens) + (p.causal ? "c " : " ");
  }
  EXPECT_EQ(text, "24x24c 12x12c 12x12 12x6 6x12 6x6c 6x6 6x3 3x6 ");
  EXPECT_EQ(workload::prompt_pieces(7).size(), 1U);
  EXPECT_EQ(workload::prompt_pieces(32768).size(), 25U);
}

// The numbers of a filled cache: nearly normal, and one stream does not lead to another.
TEST(Seeded, keys_and_values_are_spread) {
  double sum = 0;
  double squares = 0;
  double product = 0;
  const std::uint64_t keys = workload::kv_stream(1, 3, true);
  const std::uint64_t values = workload::kv_stream(1, 3, false);
  constexpr unsigned kCount = 20000;
  for (unsigned i = 0; i < kCount; ++i) {
    const double x = workload::seeded_normal(keys, i);
    sum += x;
    squares += x * x;
    product += x * workload::seeded_normal(values, i);
  }
  EXPECT_NEAR(sum / kCount, 0, 0.03);
  EXPECT_NEAR(squares / kCount, 1, 0.03);
  EXPECT_NEAR(product / kCount, 0, 0.03);
}

}  // namespace
