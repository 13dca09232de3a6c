// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/baselines.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/sme_reference.h"

namespace {

using namespace sme;

// 256 x 32 codes of 8 bits: 256 bit columns, 16 operating units of 16 columns (two outputs). Every other row
// is empty, so each unit keeps 128 rows, one crossbar's; eight units fill a crossbar.
TEST(SmeBaselines, SreLeavesEmptyRowsOfUnitsOut) {
  CodedMatrix matrix;
  matrix.inputs = 256;
  matrix.outputs = 32;
  matrix.codes.assign(256 * 32, 0);
  for (std::size_t r = 0; r < 256; r += 2)
    std::fill_n(matrix.codes.begin() + static_cast<std::ptrdiff_t>(r * 32), 32, 255);
  BaselineCount count = sre_style(matrix, {});
  EXPECT_EQ(count.crossbars, 2u);
  EXPECT_EQ(count.index_bits, 16u * 128 * 7);
  // One more row in one unit takes that unit a second time.
  matrix.codes[32] = -1;
  count = sre_style(matrix, {});
  EXPECT_EQ(count.crossbars, 3u);
  EXPECT_EQ(count.index_bits, 16u * 128 * 7 + 7);
  // Full: the conventional mapping.
  std::fill(matrix.codes.begin(), matrix.codes.end(), std::int16_t{255});
  EXPECT_EQ(sre_style(matrix, {}).crossbars, 4u);
}

TEST(SmeBaselines, PimPruneTakesTheWeakestPiecesOut) {
  std::mt19937_64 random(1);
  const CodedMatrix matrix = test_support::random_codes(100, 40, 8, random, 0);
  const PrunedMatrix none = pim_prune_style(matrix, 16, 0);
  EXPECT_EQ(none.strips.size(), 3u);
  EXPECT_EQ(none.kept, 300u);
  EXPECT_EQ(none.index_bits, 300u * 7);
  const PrunedMatrix half = pim_prune_style(matrix, 16, 0.5);
  EXPECT_EQ(half.pieces, 300u);
  EXPECT_EQ(half.kept, 150u);
  // What is kept of a strip is stronger than what is not.
  for (const CodedMatrix& strip : half.strips)
    EXPECT_EQ(strip.codes.size(), std::size_t{strip.inputs} * strip.outputs);
  EXPECT_EQ(half.strips[2].outputs, 8u);
  double kept = 0, all = 0;
  for (const CodedMatrix& strip : half.strips)
    for (const double code : strip.codes) kept += code * code;
  for (const double code : matrix.codes) all += code * code;
  EXPECT_GT(kept, all / 2);
  EXPECT_EQ(pim_prune_style(matrix, 16, 0.999).kept, 1u);
}

}  // namespace
