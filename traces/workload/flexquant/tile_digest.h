// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "traces/workload/flexquant/weights.h"

namespace flexquant {

constexpr unsigned kMagnitudePlanes = 7;  // of an INT8 code: plane 1 has weight 64, plane 7 weight 1

// How a matrix is cut: a tile (a crossbar) takes `rows` of the matrix's inputs to `cols` of its outputs; the
// last ones may be smaller. Tile t = (input tile) * ceil(outputs / cols) + (output tile).
struct TileGrid {
  std::size_t rows = 128;  // at most 255: counts of tile rows are bytes
  std::size_t cols = 128;  // rows * cols at most 65535: counts of ones have 16 bits
  std::size_t stride = 1;  // every so many tiles is looked at, tile 0 first
};

// Bit statistics of the magnitudes of INT8 codes, as in a trace's TileDigest (traces/schema/trace.proto).
// Planes 1 to 3 are also those of the INT4 codes nested in them.
struct TileDigest {
  std::string ones;                   // per tile: 7 numbers of 16 bits, low byte first: ones in plane 1 .. 7
  std::string rows_by_leading_plane;  // per tile: 8 bytes: tile rows by the first plane in which any of their
                                      // codes has a one; the last byte: rows without ones
};

// Throws sim::Error (internal) for a grid outside the limits above.
TileDigest tile_digest(const Int8Matrix& matrix, const TileGrid& grid = {});

}  // namespace flexquant
