// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>

#include "traces/workload/numeric/cpu.h"

// The inner loops of Layer::gemv, one set per instruction set; the same integers from each.
namespace sme {

constexpr unsigned kColumnGroup = 32;  // columns of a group of hot columns
constexpr unsigned kColumnPad = 16;    // a tile's dense columns are padded to a multiple
constexpr unsigned kMaxCycles = 12;    // input cycles: 8 bits and up to 3 of squeezing, and one to spare
constexpr unsigned row_bytes(unsigned rows) { return (rows + 15) / 16 * 2; }
constexpr unsigned kMaxRowBytes = 64;  // of 512 rows
constexpr unsigned kMaxHot = 18;       // crossbars of a tile

// A tile's weights for pairs of rows: [pair][column][2], columns padded with zeros.
// sums[column] = sum over pairs of w * a. |w| < 2^12 and |a| < 2^9, at most 512 rows: 32 bits hold every sum.
using TileProduct = void(const std::int16_t* weights, std::size_t pairs, std::size_t columns,
                         const std::int16_t* a, std::int32_t* sums);

// Columns of one crossbar whose sum may leave the ADC: [group][term][row byte][kColumnGroup], a byte having
// eight rows of a column. The sum of a column is the sum over terms of coefficient[term] * ones(bits &
// active).
struct HotColumns {
  const std::uint8_t* bits;
  std::size_t groups;
  unsigned terms;  // 1, 2 or 4
  std::int32_t coefficient[4];
};

// Input cycles in which a clip is possible.
struct ActiveRows {
  const std::uint8_t* rows;  // [cycle][row byte]
  unsigned bytes;            // of a cycle; even
  unsigned cycles;
  std::uint8_t shift[kMaxCycles];  // the cycle's weight is 2^shift, negative where `negative` is
  bool negative[kMaxCycles];
};

// For every crossbar: excess[column] = sum over cycles of weight * (sum - sum clipped to +-most), and how
// many sums were clipped. excess has groups * kColumnGroup places for one crossbar after the other.
using ClippedPart = void(const HotColumns* crossbars, std::size_t count, const ActiveRows& active,
                         std::int32_t most, std::int32_t* excess, std::uint64_t* clips);

struct Kernels {
  TileProduct* product;
  ClippedPart* clipped;
  const char* name;
};

// Those of a level; AVX-512 needs BITALG (byte population counts) and VNNI, and falls back to AVX2 without.
const Kernels& kernels(workload::SimdLevel level);

TileProduct tile_product_portable;
TileProduct tile_product_avx2;
TileProduct tile_product_avx512;
ClippedPart clipped_part_portable;
ClippedPart clipped_part_avx2;
ClippedPart clipped_part_avx512;

}  // namespace sme
