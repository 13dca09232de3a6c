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

// What cells hold of a matrix under a sign mode: one or two sets of unsigned numbers of `planes` bits, rows x
// cols. A depthwise matrix can be seen as it is given (taps x channels), or as the block-diagonal matrix that
// computes it (taps * channels rows; row c * taps + i has its only number in column c).
class StoredBits {
 public:
  StoredBits(const CodedMatrix& matrix, SignMode sign, bool diagonal);

  std::uint32_t rows() const { return rows_; }
  std::uint32_t cols() const { return matrix_.outputs; }
  unsigned planes() const { return planes_; }
  unsigned sets() const { return sign_ == SignMode::differential ? 2 : 1; }
  bool diagonal() const { return diagonal_; }
  std::uint32_t taps() const { return matrix_.inputs; }  // of a diagonal one: rows a channel

  int offset() const { return sign_ == SignMode::offset ? 1 << matrix_.planes : 0; }

  // Signed codes of row `row`, columns [col, col + count); 0 off the diagonal of a diagonal one.
  void read_codes(std::uint32_t row, std::uint32_t col, std::uint32_t count, std::int16_t* out) const;
  // Stored numbers of row `row`, columns [col, col + count), of one set. In magnitude mode the magnitudes.
  void read(unsigned set, std::uint32_t row, std::uint32_t col, std::uint32_t count,
            std::uint16_t* out) const;

 private:
  std::uint16_t stored(unsigned set, std::int16_t code) const;

  const CodedMatrix& matrix_;
  SignMode sign_;
  bool diagonal_;
  unsigned planes_;
  std::uint32_t rows_;
};

// A part of a stored matrix that one group of crossbars holds.
struct Block {
  std::uint32_t row0, rows, col0, cols;
};
// All of them: row by row of crossbars; of a diagonal one, floor(shape.rows / taps) channels each.
std::vector<Block> blocks(const StoredBits& bits, const CrossbarShape& shape);

// Bit statistics of a matrix's tiles where its codes are not at hand (a trace's TileDigest). Tile (i, j) at
// i * ceil(outputs / tile_cols) + j; only every stride-th tile may be there.
struct TileStatistics {
  struct Tile {
    std::array<std::uint32_t, kMaxPlanes> ones{};                 // [p - 1]
    std::array<std::uint32_t, kMaxPlanes + 1> rows_by_leading{};  // [p - 1]: rows whose first one is in plane
                                                                  // p; [planes]: rows without ones
  };
  std::string name;
  std::uint32_t inputs = 0, outputs = 0;
  unsigned planes = 7;
  std::uint32_t tile_rows = 128, tile_cols = 128;
  std::uint32_t stride = 1;
  std::vector<Tile> tiles;
};

}  // namespace sme
