// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/sme/function/kernels.h"
#include "models/sme/function/layer.h"
#include "models/sme/function/stored_bits.h"

namespace sme {

// Columns of one crossbar that may clip.
struct HotCrossbar {
  std::vector<std::uint8_t> bits;      // as HotColumns
  std::vector<std::uint16_t> columns;  // of the tile
  unsigned terms = 1;
  std::int32_t coefficient[4] = {1, 0, 0, 0};
  unsigned most_per_row = 1;  // what one conducting row adds at most
  unsigned shift = 0;         // weight of the crossbar's sums, 2^shift
  bool negative = false;      // of the negative sign set
};

// One block of a matrix, ready for products with the first planes of it.
struct ValueTile {
  Block block{};
  unsigned words = 0;                  // of 64 rows
  unsigned degree = 0;                 // largest row shift
  std::size_t pairs = 0, columns = 0;  // of `weights`, padded
  std::vector<std::int16_t>
      weights;  // what crossbars hold times what squeezing doubled, offset taken off; empty: zeros
  std::vector<std::uint16_t> lost_rows;  // rows that squeezing took ones from, padded to an even number
  std::vector<std::int16_t> lost;        // [pair of lost rows][column][2]: exact weights minus `weights`
  std::vector<std::uint64_t> shifted;    // [shift 0 .. degree][word]: rows by shift; empty where degree is 0
  std::vector<HotCrossbar> hot;
};

struct ValueTiles {
  std::vector<ValueTile> tiles;
  std::uint64_t conversions = 0;  // of a product
  std::size_t bytes() const;
};

struct Layer::Values {
  CodedMatrix matrix;
  bool diagonal = false;
  std::array<std::unique_ptr<ValueTiles>, kMaxPlanes + 1>
      driven;  // by magnitude planes, made when first asked for
};

// driven: magnitude planes, 1 .. matrix.planes. adc_most: largest sum that an ADC gives.
ValueTiles build_values(const StoredBits& bits, const LayerMap& map, const LayerSettings& settings,
                        unsigned driven, std::int32_t adc_most);

// Bits of `rows` inputs, one after the other: out[cycle][word], `cycles` of them, the first `bits` the
// input's own, then sign extension or zeros.
void bit_stream(const std::uint8_t* a, std::uint32_t rows, unsigned words, unsigned bits, unsigned cycles,
                bool is_signed, std::uint64_t* out);

// A block's share of a batch of products with device effects, cell by cell: adds to y, counts clips.
struct NoisyBlock {
  const StoredBits* bits;
  const LayerMap* map;
  const LayerSettings* settings;
  const ValueTile* tile;
  std::size_t index;  // of the block
  unsigned driven;    // stored planes
  std::int32_t adc_most;
};
// rows[cycle][word] of one vector; y[column] in units of the last driven plane. Returns clips.
class NoisyCells {
 public:
  explicit NoisyCells(const NoisyBlock& block);  // draws the cells
  std::uint64_t product(const std::uint64_t* rows, unsigned cycles, bool is_signed,
                        std::uint64_t noise_stream, std::int64_t* y) const;

 private:
  struct Crossbar {
    unsigned set, index, shift;
    std::vector<float> cells;  // [row][column], in currents of a cell that holds 1
  };
  NoisyBlock block_;
  std::vector<Crossbar> crossbars_;
  float off_current_ = 0;  // of a driven row, taken off a column's sum
};

}  // namespace sme
