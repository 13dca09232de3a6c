// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/model/shape.h"

#include <cmath>

#include <gtest/gtest.h>

#include "sim/core/error.h"

namespace {

using workload::ModelShape;
using workload::rope_frequencies;
using workload::synthetic_shape;

TEST(ModelShape, parameters_of_known_models) {
  EXPECT_EQ(synthetic_shape("llama2-7b").parameters(), 6'738'415'616ULL);    // as published
  EXPECT_EQ(synthetic_shape("llama3.1-8b").parameters(), 8'030'261'248ULL);  // as published
  ModelShape tied = synthetic_shape("llama2-7b");
  tied.tied_head = true;
  EXPECT_EQ(tied.parameters(), 6'738'415'616ULL - 32000ULL * 4096);
}

TEST(ModelShape, every_synthetic_shape_is_sound) {
  for (const char* name : {"llama2-7b", "llama3.1-8b", "tiny"}) {
    EXPECT_NO_THROW(check(synthetic_shape(name), name)) << name;
    EXPECT_EQ(synthetic_shape(name).name, name);
  }
  EXPECT_THROW(synthetic_shape("llama4"), sim::Error);
}

TEST(ModelShape, plain_frequencies) {
  ModelShape s = synthetic_shape("tiny");
  s.head_dim = 8;
  s.rope_theta = 10000;
  const auto f = rope_frequencies(s);
  ASSERT_EQ(f.size(), 4U);
  EXPECT_FLOAT_EQ(f[0], 1.0F);
  EXPECT_FLOAT_EQ(f[1], 0.1F);  // 10000^(-2/8)
  EXPECT_FLOAT_EQ(f[2], 0.01F);
  EXPECT_FLOAT_EQ(f[3], 0.001F);
}

// Wavelengths 2 pi 10^k for k = 0 .. 3 are 6.28, 62.8, 628, 6283 tokens. With an original context of 256, low
// 1 and high 4, waves shorter than 64 are kept, those above 256 stretched by 8.
TEST(ModelShape, stretched_frequencies) {
  ModelShape s = synthetic_shape("tiny");
  s.head_dim = 8;
  s.rope_theta = 10000;
  s.rope_scaling = {true, 8, 1, 4, 256};
  const auto f = rope_frequencies(s);
  EXPECT_FLOAT_EQ(f[0], 1.0F);
  EXPECT_FLOAT_EQ(f[1], 0.1F);
  EXPECT_FLOAT_EQ(f[2], 0.01F / 8);
  EXPECT_FLOAT_EQ(f[3], 0.001F / 8);
  // Between 64 and 256 tokens: blended. With an original context of 100 the wave of 62.8 lies between 25 and
  // 100.
  s.rope_scaling.original_context = 100;
  const double blend = (100 / (2 * M_PI * 10) - 1) / (4 - 1);
  EXPECT_NEAR(rope_frequencies(s)[1], (1 - blend) * 0.1 / 8 + blend * 0.1, 1e-8);
}

}  // namespace
