// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/flexquant/weights.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "sim/core/error.h"

namespace flexquant {
namespace {

TEST(Weights, Int8ByHand) {
  // Row 0: largest 2.54, scale 0.02. Row 1: zeros. Row 2: scale 1, halves go to the even code.
  const float w[] = {2.54F, -0.02F, 0.031F, 0, 0, 0, 127, 2.5F, -3.5F};
  const Int8Matrix m = quantise_int8(w, 3, 3);
  EXPECT_EQ(m.codes, (std::vector<std::int8_t>{127, -1, 2, 0, 0, 0, 127, 2, -4}));
  EXPECT_EQ(m.scales, (std::vector<float>{2.54F / 127, 0, 1}));
}

TEST(Weights, Int4GroupsHaveTheirOwnScales) {
  const float w[] = {7, -3, 1, 0.5F, 70, -36, 5, 0, 14, 3};  // one row, groups of 4: scales 1, 10, 2
  const Int4Matrix m = quantise_int4(w, 1, 10, 4);
  EXPECT_EQ(m.groups(), 3U);
  EXPECT_EQ(m.scales, (std::vector<float>{1, 10, 2}));
  const int codes[] = {7, -3, 1, 0, 7, -4, 0, 0, 7, 2};  // 0.5 -> 0, 3.6 -> 4, 0.5 -> 0, 1.5 -> 2
  for (unsigned col = 0; col < 10; ++col) EXPECT_EQ(m.code(0, col), codes[col]) << col;
  EXPECT_EQ(m.codes[0], 0xd7);  // even column in the low nibble: 7, then -3 = 0xd
}

TEST(Weights, NestedKeepsSignAndUpperThreeBits) {
  Int8Matrix m8{1, 9, {127, -127, 16, 15, -15, -16, 31, -100, 0}, {0.25F}};
  const Int4Matrix m = nest_int4(m8);
  const int codes[] = {7, -7, 1, 0, 0, -1, 1, -6, 0};
  for (unsigned col = 0; col < 9; ++col) EXPECT_EQ(m.code(0, col), codes[col]) << col;
  EXPECT_EQ(m.scales, std::vector<float>{4});
  EXPECT_EQ(m.groups(), 1U);
  EXPECT_EQ(m.codes.size(), 5U);
  EXPECT_EQ(m.codes[4], 0);  // the odd end leaves the high nibble 0
}

TEST(Weights, NestedIsWhatACrossbarComputesWithoutItsLowerPlanes) {
  for (int code = -127; code <= 127; ++code) {
    const Int8Matrix m8{1, 1, {static_cast<std::int8_t>(code)}, {1.0F}};
    const int magnitude = std::abs(code);
    int planes = 0;
    for (int bit = 4; bit < 7; ++bit) planes += magnitude & (1 << bit);
    EXPECT_EQ(dequantise(nest_int4(m8))[0], static_cast<float>(code < 0 ? -planes : planes)) << code;
  }
}

TEST(Weights, ErrorIsAtMostHalfAStep) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  for (const std::size_t cols : {1U, 2U, 127U, 128U, 129U, 300U}) {
    std::vector<float> w(5 * cols);
    for (float& x : w) x = normal(random);
    const Int8Matrix m8 = quantise_int8(w.data(), 5, cols);
    const Int4Matrix m4 = quantise_int4(w.data(), 5, cols);
    const std::vector<float> w8 = dequantise(m8);
    const std::vector<float> w4 = dequantise(m4);
    for (std::size_t i = 0; i < w.size(); ++i) {
      ASSERT_LE(std::fabs(w8[i] - w[i]), 0.5001F * m8.scales[i / cols]);
      ASSERT_LE(std::fabs(w4[i] - w[i]), 0.5001F * m4.scales[i / cols * m4.groups() + i % cols / m4.group]);
    }
  }
}

TEST(Weights, WhatCannotBeQuantisedIsRefused) {
  const float bad[] = {1, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_THROW(quantise_int8(bad, 1, 2), sim::Error);
  EXPECT_THROW(quantise_int4(bad, 1, 2), sim::Error);
  EXPECT_THROW(quantise_int8(bad, 0, 2), sim::Error);
  EXPECT_THROW(quantise_int8(bad, 1, kMaxCols + 1), sim::Error);
  EXPECT_THROW(quantise_int4(bad, 1, 2, 0), sim::Error);
  EXPECT_THROW(quantise_int4(bad, 1, 2, 3), sim::Error);
}

}  // namespace
}  // namespace flexquant
