// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "models/sme/function/crossbar.h"
#include "models/sme/function/matrix.h"

namespace sme {

// Ones of one plane of a tile, and tile rows that have one.
struct PlaneUse {
  std::uint32_t ones = 0;
  std::uint32_t rows = 0;
};

// One sign set of a tile, as programmed (after squeezing).
struct SetMap {
  std::uint16_t planes = 0;     // bit p - 1: plane p (1 = most significant) is held by a crossbar
  std::uint16_t crossbars = 0;  // bit i: crossbar i is there. SLC: crossbar i holds plane i + 1; MLC: planes
                                // 2i + 1 and 2i + 2; conventional: the only one, bit 0, holds all planes
  std::array<PlaneUse, kMaxPlanes> use{};  // [p - 1]
};

// A part of a matrix that one group of crossbars (one a plane; conventional: one in all) holds.
struct TileMap {
  std::uint32_t row0 = 0, rows = 0;  // inputs of the activation vector
  std::uint32_t col0 = 0, cols = 0;  // outputs
  std::uint32_t bit_columns = 0;    // columns in use, and conversions an input cycle, of one of its crossbars
  unsigned degree = 0;              // input cycles beyond the input's bits: the largest shift of a row
  std::uint32_t squeezed_rows = 0;  // rows with a shift
  std::uint32_t rcmr_bits = 0;      // row conversion mask register: rows * ceil(log2(D + 1)) where degree > 0
  std::uint32_t slot = 0;  // with packing: tiles of the same slot share crossbars, side by side, and are
                           // driven one after the other; else every tile has its own
  std::array<SetMap, 2> sets{};  // [0]: magnitude, positive or offset; [1]: negative (differential only)

  unsigned crossbars() const;    // of all sign sets
  unsigned planes_held() const;  // of all sign sets
};

// Crossbars of a matrix by the reference rules: the matrix as it is given (K x M; depthwise ones too), all
// sign sets together.
struct CrossbarCounts {
  std::uint64_t conventional = 0;  // sets * ceil(K / rows) * ceil(planes * M / cols), in cells of cell_bits
  std::uint64_t bit_sliced = 0;    // sets * tiles * planes: before anything is freed
  std::uint64_t zero = 0;          // of those, without a one before squeezing
  std::uint64_t used = 0;          // after release and squeezing (without release: bit_sliced)
  std::uint64_t packed = 0;        // used, with narrow tiles of one plane side by side in a crossbar
  std::array<std::uint64_t, kMaxPlanes> used_by_plane{};  // SLC: by plane; MLC: by pair

  void add(const CrossbarCounts& other);
};

// Where the bits of a matrix are: all that timing needs to know of it. Conservation: every input and output
// of the matrix is in tiles that cover it without overlap (conventional mapping: without overlap of bit
// columns).
struct LayerMap {
  std::string name;
  MatrixKind kind = MatrixKind::dense;
  std::uint32_t inputs = 0;  // length of an activation vector (depthwise diagonal: taps * channels)
  std::uint32_t outputs = 0;
  std::uint64_t positions = 1;  // products of one inference
  std::uint64_t macs = 0;       // of one product
  unsigned planes = 0;          // stored planes, the offset's included
  unsigned magnitude_bits = 0;
  unsigned sign_sets = 1;
  SignMode sign = SignMode::differential;
  CrossbarShape crossbar;
  bool conventional = false;
  bool values = false;                         // Layer::gemv gives values
  unsigned squeeze_degree = 0;                 // as asked for
  std::uint32_t tile_rows = 0, tile_cols = 0;  // tiles down the inputs, across the outputs
  std::vector<TileMap>
      tiles;                // tile (i, j) at i * tile_cols + j; depthwise diagonal: one a group of channels
  std::uint32_t slots = 0;  // crossbar groups: tiles, or fewer where narrow ones are packed
  std::uint64_t crossbars = 0;  // that the tiles above take, packing applied
  std::uint64_t rcmr_bits = 0;
  CrossbarCounts counts;                      // by the reference rules
  std::uint64_t tile_row_slots = 0;           // sum of tile rows over the tiles of the matrix as given
  std::array<PlaneUse, kMaxPlanes> before{};  // sums over its tiles before squeezing, sign sets together

  // Share of tile rows without a one in plane p (1 = most significant) before squeezing; one sign set's rows
  // count once.
  double empty_row_share(unsigned plane) const;
  // Share of zero bits over all planes after squeezing, freed crossbars' bits included.
  double bit_sparsity() const;
};

}  // namespace sme
