// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/flexquant/tile_digest.h"

#include <algorithm>
#include <cstdlib>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"

namespace flexquant {
namespace {

using ::testing::ElementsAre;

std::vector<unsigned> numbers16(const std::string& bytes) {
  std::vector<unsigned> numbers;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    numbers.push_back(static_cast<unsigned char>(bytes[i]) + 256U * static_cast<unsigned char>(bytes[i + 1]));
  }
  return numbers;
}

std::vector<unsigned> numbers8(const std::string& bytes) {
  std::vector<unsigned> numbers;
  for (const char c : bytes) numbers.push_back(static_cast<unsigned char>(c));
  return numbers;
}

// 2 outputs x 4 inputs in one tile: the inputs are the tile's rows.
TEST(TileDigest, ByHand) {
  // 64 = 1000000, -127 = 1111111, 3 = 0000011, 0; 1, 16 = 0010000, -2 = 0000010, 0
  const Int8Matrix m{2, 4, {64, -127, 3, 0, 1, 16, -2, 0}, {1, 1}};
  const TileDigest d = tile_digest(m);
  EXPECT_THAT(numbers16(d.ones), ElementsAre(2, 1, 2, 1, 1, 3, 3));
  // Inputs 0 (64, 1) and 1 (127, 16) lead in plane 1, input 2 (3, 2) in plane 6, input 3 has no ones.
  EXPECT_THAT(numbers8(d.rows_by_leading_plane), ElementsAre(2, 0, 0, 0, 0, 1, 0, 1));
}

// 3 outputs x 5 inputs, tiles of 2 inputs x 2 outputs: 3 input tiles, 2 output tiles each.
TEST(TileDigest, TilesGoOutputsFirstAndTheLastAreSmaller) {
  const Int8Matrix m{3,
                     5,
                     {1, 2, 4, 8, 16,  //
                      0, 0, 0, 0, 32,  //
                      64, 1, 0, 0, 3},
                     {1, 1, 1}};
  const TileDigest d = tile_digest(m, {2, 2, 1});
  EXPECT_THAT(numbers16(d.ones), ElementsAre(0, 0, 0, 0, 0, 1, 1,    // inputs 0, 1, outputs 0, 1
                                             1, 0, 0, 0, 0, 0, 1,    // inputs 0, 1, output 2
                                             0, 0, 0, 1, 1, 0, 0,    // inputs 2, 3, outputs 0, 1
                                             0, 0, 0, 0, 0, 0, 0,    // inputs 2, 3, output 2
                                             0, 1, 1, 0, 0, 0, 0,    // input 4, outputs 0, 1
                                             0, 0, 0, 0, 0, 1, 1));  // input 4, output 2
  EXPECT_THAT(numbers8(d.rows_by_leading_plane), ElementsAre(0, 0, 0, 0, 0, 1, 1, 0,  //
                                                             1, 0, 0, 0, 0, 0, 1, 0,  //
                                                             0, 0, 0, 1, 1, 0, 0, 0,  //
                                                             0, 0, 0, 0, 0, 0, 0, 2,  //
                                                             0, 1, 0, 0, 0, 0, 0, 0,  //
                                                             0, 0, 0, 0, 0, 1, 0, 0));
  const TileDigest third = tile_digest(m, {2, 2, 3});  // tiles 0 and 3
  EXPECT_EQ(third.ones, d.ones.substr(0, 14) + d.ones.substr(3 * 14, 14));
  EXPECT_EQ(third.rows_by_leading_plane,
            d.rows_by_leading_plane.substr(0, 8) + d.rows_by_leading_plane.substr(3 * 8, 8));
}

TEST(TileDigest, FullTilesReachTheHighestCounts) {
  const Int8Matrix m{257, 255, std::vector<std::int8_t>(257 * 255, -127), std::vector<float>(257, 1)};
  const TileDigest d = tile_digest(m, {255, 257, 1});
  EXPECT_EQ(numbers16(d.ones), std::vector<unsigned>(7, 65535));
  EXPECT_THAT(numbers8(d.rows_by_leading_plane), ElementsAre(255, 0, 0, 0, 0, 0, 0, 0));
}

// Code by code, with nothing of the words of the implementation.
void expect_naive(const Int8Matrix& m, const TileGrid& grid) {
  const TileDigest d = tile_digest(m, grid);
  const std::vector<unsigned> ones = numbers16(d.ones), rows = numbers8(d.rows_by_leading_plane);
  std::size_t tile = 0, present = 0;
  for (std::size_t i0 = 0; i0 < m.cols; i0 += grid.rows) {
    for (std::size_t o0 = 0; o0 < m.rows; o0 += grid.cols, ++tile) {
      if (tile % grid.stride != 0) continue;
      std::vector<unsigned> expected_ones(7, 0), expected_rows(8, 0);
      for (std::size_t i = i0; i < std::min(i0 + grid.rows, m.cols); ++i) {
        int largest = 0;
        for (std::size_t o = o0; o < std::min(o0 + grid.cols, m.rows); ++o) {
          const int magnitude = std::abs(m.codes[o * m.cols + i]);
          largest = std::max(largest, magnitude);
          for (int plane = 1, weight = 64; plane <= 7; ++plane, weight /= 2) {
            if (magnitude / weight % 2 == 1) ++expected_ones[plane - 1];
          }
        }
        int plane = 1;
        for (int weight = 64; weight > largest; weight /= 2) ++plane;  // largest = 0: weight ends at 0
        ++expected_rows[plane - 1];
      }
      ASSERT_LE((present + 1) * 8, rows.size());
      for (unsigned p = 0; p < 7; ++p) ASSERT_EQ(ones[present * 7 + p], expected_ones[p]) << tile << " " << p;
      for (unsigned p = 0; p < 8; ++p) ASSERT_EQ(rows[present * 8 + p], expected_rows[p]) << tile << " " << p;
      ++present;
    }
  }
  EXPECT_EQ(ones.size(), present * 7);
  EXPECT_EQ(rows.size(), present * 8);
}

TEST(TileDigest, EqualsANaiveCount) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 60; ++round) {
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    Int8Matrix m{1 + below(300), 1 + below(400), {}, {}};
    for (std::size_t k = 0; k < m.rows * m.cols; ++k) {
      const int wide = static_cast<int>(random() % 255) - 127;
      m.codes.push_back(static_cast<std::int8_t>(wide >> random() % 9));  // small magnitudes are frequent
    }
    TileGrid grid;
    if (round % 2 == 1) grid = {1 + below(255), 1 + below(257), 1 + below(4)};
    expect_naive(m, grid);
    if (::testing::Test::HasFatalFailure()) return;
  }
}

TEST(TileDigest, RefusesTilesWhoseCountsDoNotFit) {
  const Int8Matrix m{1, 1, {1}, {1}};
  for (const TileGrid& grid : {TileGrid{256, 1, 1}, TileGrid{0, 1, 1}, TileGrid{128, 512, 1},
                               TileGrid{1, 0, 1}, TileGrid{1, 1, 0}}) {
    EXPECT_THROW(tile_digest(m, grid), sim::Error);
  }
}

}  // namespace
}  // namespace flexquant
