// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/flexquant/activation.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "sim/core/error.h"

namespace flexquant {
namespace {

TEST(Activation, ByHand) {
  const float x[] = {254, -1, 1, 3, -5, 0};  // scale 2; halves go to the even code
  const Activation a = quantise_activation(x, 6);
  EXPECT_EQ(a.scale, 2.0F);
  EXPECT_EQ(a.codes, (std::vector<std::int8_t>{127, 0, 0, 2, -2, 0}));
}

TEST(Activation, IsNearbyintOfTheQuotient) {
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  for (int round = 0; round < 200; ++round) {
    std::vector<float> x(97);
    for (float& v : x) v = normal(random) * std::ldexp(1.0F, round - 100);
    const Activation a = quantise_activation(x.data(), x.size());
    for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(a.codes[i], std::nearbyint(x[i] / a.scale)) << i;
  }
}

TEST(Activation, Ends) {
  const float zeros[] = {0, 0, -0.0F};
  EXPECT_EQ(quantise_activation(zeros, 3).scale, 0.0F);
  EXPECT_EQ(quantise_activation(zeros, 3).codes, (std::vector<std::int8_t>{0, 0, 0}));
  const float tiny[] = {std::numeric_limits<float>::denorm_min()};  // the scale is 0
  EXPECT_EQ(quantise_activation(tiny, 1).codes[0], 0);
  const float small[] = {200 * std::numeric_limits<float>::denorm_min()};  // a scale of one or two steps
  EXPECT_EQ(quantise_activation(small, 1).codes[0], 100);
  const float coarse[] = {
      190 * std::numeric_limits<float>::denorm_min()};  // 190 steps of a scale rounded down to 1
  EXPECT_EQ(quantise_activation(coarse, 1).codes[0], 127);
  const float infinite[] = {1, std::numeric_limits<float>::infinity()};
  EXPECT_THROW(quantise_activation(infinite, 2), sim::Error);
  const float nan[] = {std::numeric_limits<float>::quiet_NaN(), 1};
  EXPECT_THROW(quantise_activation(nan, 2), sim::Error);
}

TEST(Dequantise, ByHand) {
  const Int8Matrix m8{2, 1, {0, 0}, {0.5F, 3}};
  const std::int32_t sums[] = {10, -7};
  float y[2] = {99, 99};
  dequantise(m8, sums, 0.25F, 1, 2, y);
  EXPECT_EQ(y[0], 99);  // not in the range
  EXPECT_EQ(y[1], -5.25F);

  Int4Matrix m4;
  m4.rows = 1;
  m4.cols = 8;
  m4.group = 4;
  m4.scales = {0.5F, 0.25F};
  dequantise(m4, sums, 2.0F, 0, 1, y);
  EXPECT_EQ(y[0], (10 * 0.5F - 7 * 0.25F) * 2);
}

// The order of operations is part of the format: these numbers tell it from its neighbours.
TEST(Dequantise, RoundsInTheDocumentedOrder) {
  const std::int32_t sums[] = {16777217, 16777217};
  const float scale = 1.1F;
  const float activation = 1.3F;
  float y = 0;
  const Int8Matrix m8{1, 1, {0}, {scale}};
  dequantise(m8, sums, activation, 0, 1, &y);
  const volatile float product = scale * activation;
  const volatile float expected8 = 16777216.0F * product;
  EXPECT_EQ(y, expected8);
  Int4Matrix m4;
  m4.rows = 1;
  m4.cols = 4;
  m4.group = 2;
  m4.scales = {scale, 0.7F};
  dequantise(m4, sums, activation, 0, 1, &y);
  const volatile float first = 16777216.0F * scale;
  const volatile float second = 16777216.0F * 0.7F;
  const volatile float sum = first + second;
  const volatile float expected4 = sum * activation;
  EXPECT_EQ(y, expected4);
}

}  // namespace
}  // namespace flexquant
