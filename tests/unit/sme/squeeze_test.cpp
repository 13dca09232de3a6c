// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/squeeze.h"

#include <random>

#include <gtest/gtest.h>

#include "models/sme/function/layer.h"
#include "models/sme/function/quantizer.h"
#include "tests/support/sme_reference.h"

namespace {

using namespace sme;

// The paper's worked example: 4-bit weights. A weight with a zero in its last place moves one plane down and
// its input is doubled; the product stays what it was, and the first crossbar is free.
TEST(SmeSqueeze, DoublingTheInputLeavesTheProductUnchanged) {
  CodedMatrix matrix;
  matrix.inputs = 4;
  matrix.outputs = 1;
  matrix.planes = 4;
  matrix.scales = {1};
  matrix.codes = {0b1100, 0b0110, 0b1010, 0b0011};
  LayerSettings s;
  s.mapping.sign = SignMode::magnitude;
  GemvOptions options;
  options.signed_inputs = false;
  const std::vector<std::uint8_t> a{5, 7, 11, 255};
  for (const unsigned degree : {0u, 1u}) {
    s.mapping.squeeze_degree = degree;
    const Layer layer(matrix, s);
    EXPECT_EQ(layer.map().crossbars, 4 - degree);
    EXPECT_EQ(layer.map().tiles[0].degree, degree);
    EXPECT_EQ(layer.map().tiles[0].squeezed_rows, 2 * degree);
    GemvResult result;
    layer.gemv(a.data(), 1, options, result);
    EXPECT_EQ(result.y[0], 12 * 5 + 6 * 7 + 10 * 11 + 3 * 255);
    EXPECT_EQ(result.max_abs_error, 0);
    EXPECT_EQ(result.conversions, (8 + degree) * (4 - degree));
  }
}

TEST(SmeSqueeze, ShiftsAreTheStepsThatARowMovesIn) {
  for (unsigned degree = 0; degree <= 3; ++degree)
    for (unsigned leading = 1; leading <= 9; ++leading) {
      unsigned at = leading, moved = 0;
      for (unsigned step = 1; step <= degree; ++step)
        if (at == step) ++at, ++moved;
      EXPECT_EQ(row_shift(leading, degree), moved);
    }
  EXPECT_EQ(rcmr_bits_per_row(0), 0u);
  EXPECT_EQ(rcmr_bits_per_row(1), 1u);
  EXPECT_EQ(rcmr_bits_per_row(2), 2u);
  EXPECT_EQ(rcmr_bits_per_row(3), 2u);
}

// Eq. 3: A <= K Ma / (Mw - D), 146 for K = 128 and D = 1: always met.
TEST(SmeSqueeze, PaysUpToThePapersLimit) {
  for (std::uint64_t rows = 0; rows <= 128; ++rows) EXPECT_TRUE(squeeze_pays(rows, 128, 8, 8, 1));
  EXPECT_TRUE(squeeze_pays(146, 146, 8, 8, 1));
  for (std::uint64_t rows = 0; rows <= 128; ++rows)
    EXPECT_EQ(squeeze_pays(rows, 128, 8, 2, 1), rows * (8 - 1) <= 128 * 2) << rows;
}

// A squeezed row loses less than 2^s of a number, so an output is off by at most the sum of |a| (2^s - 1);
// rows whose numbers end in s zeros lose nothing. No output of SME codes with all leading ones in plane 1 is
// off.
TEST(SmeSqueeze, ErrorIsBounded) {
  std::mt19937_64 random(9);
  for (unsigned i = 0; i < 30; ++i) {
    const CodedMatrix matrix = test_support::random_codes(200, 33, 8, random, i % 3 * 0.45);
    LayerSettings s;
    s.mapping.sign = static_cast<SignMode>(i % 2);
    s.mapping.squeeze_degree = 1 + i % 3;
    const Layer layer(matrix, s);
    const auto a = test_support::random_inputs(200, random);
    GemvResult result;
    layer.gemv(a.data(), 1, {}, result);
    std::int64_t inputs = 0;
    for (const std::uint8_t byte : a) inputs += std::abs(static_cast<std::int8_t>(byte));
    const std::int64_t bound = inputs * ((1 << s.mapping.squeeze_degree) - 1);
    EXPECT_LE(result.max_abs_error, bound);
    EXPECT_EQ(result.clips, 0u);
    EXPECT_GT(result.max_abs_error, 0);
  }
  CodedMatrix large = test_support::random_codes(64, 8, 8, random);
  const std::vector<int> set{128, 160, 192, 224};
  for (std::int16_t& code : large.codes) code = static_cast<std::int16_t>(set[random() % 4]);
  LayerSettings s;
  s.mapping.squeeze_degree = 3;
  const Layer layer(large, s);
  const auto a = test_support::random_inputs(64, random);
  GemvResult result;
  layer.gemv(a.data(), 1, {}, result);
  EXPECT_EQ(result.max_abs_error, 0);
  EXPECT_EQ(layer.map().crossbars, 3u);  // of the positive set: planes 4 to 6
}

}  // namespace
