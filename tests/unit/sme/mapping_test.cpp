// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/mapping.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "models/sme/function/squeeze.h"
#include "sim/core/error.h"
#include "tests/support/sme_reference.h"
#include "traces/workload/flexquant/tile_digest.h"

namespace {

using namespace sme;
using test_support::random_codes;
using test_support::SmeReference;

std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) { return (a + b - 1) / b; }

std::uint64_t ones_of(const CodedMatrix& matrix) {
  std::uint64_t ones = 0;
  for (const int code : matrix.codes)
    ones += static_cast<unsigned>(__builtin_popcount(static_cast<unsigned>(std::abs(code))));
  return ones;
}

std::uint64_t ones_of(const LayerMap& map) {
  std::uint64_t ones = 0;
  for (const TileMap& tile : map.tiles)
    for (const SetMap& set : tile.sets)
      for (const PlaneUse& use : set.use) ones += use.ones;
  return ones;
}

// Bits are conserved by every mapping; counts are the formulas; tiles cover the matrix once.
TEST(SmeMapping, ConservesBitsAndCoversTheMatrix) {
  std::mt19937_64 random(2);
  for (unsigned i = 0; i < 60; ++i) {
    const auto inputs = std::uniform_int_distribution<std::uint32_t>(1, 300)(random);
    const auto outputs = std::uniform_int_distribution<std::uint32_t>(1, 300)(random);
    const auto planes = std::uniform_int_distribution<unsigned>(1, 8)(random);
    const CodedMatrix matrix = random_codes(inputs, outputs, planes, random, i % 3 == 0 ? 0.99 : 0.3);
    MappingSettings s;
    s.kind = i % 2 == 0 ? MappingKind::inter_crossbar : MappingKind::conventional;
    s.crossbar.cell_bits = 1 + i % 4 / 2;
    if (i % 5 == 0) s.crossbar.rows = 64, s.crossbar.cols = 96;
    s.sign = i % 3 == 1 ? SignMode::magnitude : SignMode::differential;
    const unsigned sets = s.sign == SignMode::differential ? 2 : 1;
    const LayerMap map = map_layer(matrix, s);
    EXPECT_EQ(ones_of(map), ones_of(matrix));
    const std::uint64_t cells = divide_up(planes, s.crossbar.cell_bits);
    const std::uint64_t down = divide_up(inputs, s.crossbar.rows);
    EXPECT_EQ(map.counts.conventional, sets * down * divide_up(cells * outputs, s.crossbar.cols));
    EXPECT_EQ(map.counts.bit_sliced, sets * down * divide_up(outputs, s.crossbar.cols) * cells);
    EXPECT_EQ(map.counts.used, map.counts.bit_sliced - map.counts.zero);
    EXPECT_LE(map.counts.packed, map.counts.used);
    EXPECT_EQ(map.tiles.size(), std::size_t{map.tile_rows} * map.tile_cols);
    std::uint64_t area = 0, crossbars = 0;
    for (const TileMap& tile : map.tiles) {
      area += std::uint64_t{tile.rows} * (map.conventional ? tile.bit_columns : tile.cols);
      crossbars += tile.crossbars();
    }
    EXPECT_EQ(area, std::uint64_t{inputs} * outputs * (map.conventional ? cells : 1));
    EXPECT_EQ(crossbars, map.crossbars);
    if (map.conventional) {
      EXPECT_LE(map.crossbars, map.counts.conventional);
    }
    s.release_empty = false;
    const LayerMap kept = map_layer(matrix, s);
    EXPECT_EQ(kept.crossbars, map.conventional ? kept.counts.conventional : kept.counts.bit_sliced);
  }
}

// Used crossbars after squeezing are those in which the step-by-step reference leaves a one.
TEST(SmeMapping, SqueezedCrossbarsAreTheReferences) {
  std::mt19937_64 random(3);
  for (unsigned i = 0; i < 40; ++i) {
    const CodedMatrix matrix = random_codes(std::uniform_int_distribution<std::uint32_t>(1, 100)(random),
                                            std::uniform_int_distribution<std::uint32_t>(1, 60)(random),
                                            1 + i % 8, random, i % 2 == 0 ? 0.95 : 0.5);
    LayerSettings s;
    s.mapping.crossbar.rows = 32;
    s.mapping.crossbar.cols = 16;
    s.mapping.crossbar.cell_bits = 1 + i % 2;
    s.mapping.sign = static_cast<SignMode>(i % 3);
    s.mapping.squeeze_degree = i / 3 % 4;
    const std::vector<std::uint8_t> none(matrix.inputs, 0);
    const LayerMap map = map_layer(matrix, s.mapping);
    EXPECT_EQ(map.crossbars, SmeReference(matrix, s).gemv(none.data(), true).crossbars) << i;
    std::uint64_t by_plane = 0;
    for (const std::uint64_t n : map.counts.used_by_plane) by_plane += n;
    EXPECT_EQ(by_plane, map.counts.used);
    for (const TileMap& tile : map.tiles) {
      EXPECT_LE(tile.degree, s.mapping.squeeze_degree);
      EXPECT_EQ(tile.squeezed_rows > 0, tile.degree > 0);
      EXPECT_EQ(tile.rcmr_bits,
                tile.degree > 0 ? tile.rows * rcmr_bits_per_row(s.mapping.squeeze_degree) : 0);
      // The planes that every row has left are free.
      for (unsigned p = 0; p < s.mapping.squeeze_degree && p < map.planes; ++p)
        EXPECT_EQ(tile.sets[0].planes >> p & 1, 0) << p;
    }
  }
}

// Narrow tiles of a layer side by side: 24 columns wide, five to a crossbar.
TEST(SmeMapping, PacksNarrowTiles) {
  std::mt19937_64 random(4);
  const CodedMatrix matrix = random_codes(128 * 11, 24, 8, random, 0.1);
  MappingSettings s;
  s.sign = SignMode::magnitude;
  const LayerMap plain = map_layer(matrix, s);
  EXPECT_EQ(plain.crossbars, 88u);
  EXPECT_EQ(plain.slots, 11u);
  EXPECT_EQ(plain.counts.packed, 24u);
  s.pack_narrow = true;
  const LayerMap packed = map_layer(matrix, s);
  EXPECT_EQ(packed.crossbars, 24u);
  EXPECT_EQ(packed.slots, 3u);
  std::vector<std::uint32_t> width(3, 0);
  for (const TileMap& tile : packed.tiles) width.at(tile.slot) += tile.bit_columns;
  EXPECT_EQ(width, (std::vector<std::uint32_t>{120, 120, 24}));
}

TEST(SmeMapping, DepthwiseLayersAreCountedAsGivenAndExecutedDiagonally) {
  std::mt19937_64 random(5);
  CodedMatrix matrix = random_codes(9, 144, 8, random, 0);
  matrix.kind = MatrixKind::depthwise;
  MappingSettings s;
  s.sign = SignMode::magnitude;
  const LayerMap map = map_layer(matrix, s);
  EXPECT_EQ(map.counts.conventional, 9u);
  EXPECT_EQ(map.counts.bit_sliced, 16u);
  EXPECT_EQ(map.tiles.size(), 11u);  // 14 channels of 9 taps each, the last 4
  EXPECT_EQ(map.tiles[0].rows, 126u);
  EXPECT_EQ(map.tiles[0].cols, 14u);
  EXPECT_EQ(map.tiles[10].cols, 4u);
  EXPECT_EQ(ones_of(map), ones_of(matrix));
  s.depthwise = Depthwise::as_given;
  EXPECT_EQ(map_layer(matrix, s).tiles.size(), 2u);
}

// Statistics of tiles give the map that the codes give, squeezed planes at most too many.
TEST(SmeMapping, StatisticsOfTilesGiveTheSameMap) {
  std::mt19937_64 random(6);
  const CodedMatrix matrix = random_codes(300, 200, 7, random, 0.9);
  flexquant::Int8Matrix codes;
  codes.rows = 200;
  codes.cols = 300;
  codes.codes.resize(60000);
  for (std::size_t r = 0; r < 300; ++r)
    for (std::size_t c = 0; c < 200; ++c)
      codes.codes[c * 300 + r] = static_cast<std::int8_t>(matrix.codes[r * 200 + c]);
  const flexquant::TileDigest digest = flexquant::tile_digest(codes);
  TileStatistics statistics;
  statistics.name = "m";
  statistics.inputs = 300;
  statistics.outputs = 200;
  for (std::size_t t = 0; t < 6; ++t) {
    TileStatistics::Tile tile;
    for (unsigned p = 0; p < 7; ++p)
      tile.ones[p] = static_cast<unsigned char>(digest.ones[2 * (7 * t + p)]) +
                     256u * static_cast<unsigned char>(digest.ones[2 * (7 * t + p) + 1]);
    for (unsigned p = 0; p <= 7; ++p)
      tile.rows_by_leading[p] = static_cast<unsigned char>(digest.rows_by_leading_plane[8 * t + p]);
    statistics.tiles.push_back(tile);
  }
  MappingSettings s;
  s.sign = SignMode::magnitude;
  for (unsigned degree = 0; degree <= 3; ++degree) {
    s.squeeze_degree = degree;
    const LayerMap exact = map_layer(matrix, s), estimated = map_layer(statistics, s);
    EXPECT_EQ(estimated.counts.conventional, exact.counts.conventional);
    EXPECT_EQ(estimated.counts.zero, exact.counts.zero);
    EXPECT_GE(estimated.crossbars, exact.crossbars);
    if (degree == 0) {
      EXPECT_EQ(estimated.crossbars, exact.crossbars);
    }
    EXPECT_EQ(estimated.rcmr_bits, exact.rcmr_bits);
    for (std::size_t t = 0; t < exact.tiles.size(); ++t) {
      EXPECT_EQ(estimated.tiles[t].degree, exact.tiles[t].degree);
      EXPECT_EQ(estimated.tiles[t].squeezed_rows, exact.tiles[t].squeezed_rows);
    }
  }
  s.sign = SignMode::differential;
  EXPECT_THROW(map_layer(statistics, s), sim::Error);
}

TEST(SmeMapping, RefusesSettingsThatContradictEachOther) {
  MappingSettings s;
  s.squeeze_degree = 4;
  EXPECT_THROW(check(s), sim::Error);
  s.squeeze_degree = 1;
  s.kind = MappingKind::conventional;
  EXPECT_THROW(check(s), sim::Error);
  s.squeeze_degree = 0;
  s.crossbar.rows = 0;
  EXPECT_THROW(check(s), sim::Error);
  s.crossbar.rows = 513;
  EXPECT_THROW(check(s), sim::Error);
  s.crossbar.rows = 128;
  s.crossbar.cell_bits = 3;
  EXPECT_THROW(check(s), sim::Error);
}

TEST(SmeMapping, RefusesKernelsThatACrossbarCannotHold) {
  std::mt19937_64 random(7);
  CodedMatrix matrix = random_codes(9, 20, 8, random, 0);
  matrix.kind = MatrixKind::depthwise;
  MappingSettings s;
  s.crossbar.rows = 8;
  EXPECT_THROW(map_layer(matrix, s), sim::Error);
  s.depthwise = Depthwise::as_given;
  EXPECT_NO_THROW(map_layer(matrix, s));
  s = {};
  s.crossbar.cols = 4;
  EXPECT_NO_THROW(map_layer(matrix, s));
  s.kind = MappingKind::conventional;
  EXPECT_THROW(map_layer(matrix, s), sim::Error);
}

TEST(SmeCrossbar, ExactAdcHoldsAFullColumn) {
  EXPECT_EQ(exact_adc_bits({128, 128, 1}), 8u);  // 128 needs 8 bits, the paper's ADC has 6
  EXPECT_EQ(exact_adc_bits({127, 128, 1}), 7u);
  EXPECT_EQ(exact_adc_bits({128, 128, 2}), 9u);
  EXPECT_EQ(exact_adc_bits({1, 1, 1}), 1u);
}

}  // namespace
