// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/flexquant/tile_digest.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "sim/core/error.h"

namespace flexquant {
namespace {

constexpr std::size_t kMaxRows = 255;
constexpr std::uint64_t kLow = 0x0101010101010101U;  // the lowest bit of every byte of a word
constexpr std::size_t kWords = (kMaxRows + 7) / 8;

// The magnitudes of one output's codes within a tile, eight to a word.
using Line = std::array<std::uint64_t, kWords>;

struct Tile {
  std::array<std::uint32_t, kMagnitudePlanes> ones{};
  Line seen{};  // by tile row: all magnitudes of the row or-ed

  void add(const std::int8_t* codes, std::size_t inputs);
};

// Planes are counted byte by byte within words: a byte gets at most one from each of 32 words, and the bytes
// of a line add up to at most 255, so that the product below carries their sum in its highest byte.
void Tile::add(const std::int8_t* codes, std::size_t inputs) {
  std::array<std::uint8_t, kWords * 8> magnitudes{};
  for (std::size_t i = 0; i < inputs; ++i) {
    magnitudes[i] = static_cast<std::uint8_t>(codes[i] < 0 ? -codes[i] : codes[i]);
  }
  const std::size_t words = (inputs + 7) / 8;
  std::array<std::uint64_t, kMagnitudePlanes> counts{};
  for (std::size_t w = 0; w < words; ++w) {
    std::uint64_t word = 0;
    std::memcpy(&word, magnitudes.data() + 8 * w, 8);
    seen[w] |= word;
    for (unsigned p = 0; p < kMagnitudePlanes; ++p) counts[p] += word >> (kMagnitudePlanes - 1 - p) & kLow;
  }
  for (unsigned p = 0; p < kMagnitudePlanes; ++p) {
    ones[p] += static_cast<std::uint32_t>(counts[p] * kLow >> 56);
  }
}

void append(const Tile& tile, std::size_t inputs, TileDigest& digest) {
  for (const std::uint32_t count : tile.ones) {
    digest.ones += {static_cast<char>(count & 0xff), static_cast<char>(count >> 8)};
  }
  std::array<std::uint8_t, kWords * 8> seen{};
  std::memcpy(seen.data(), tile.seen.data(), seen.size());
  std::array<std::uint8_t, kMagnitudePlanes + 1> rows{};
  for (std::size_t i = 0; i < inputs; ++i) {
    unsigned plane = 0;
    while (plane < kMagnitudePlanes && (seen[i] >> (kMagnitudePlanes - 1 - plane)) == 0) ++plane;
    ++rows[plane];
  }
  digest.rows_by_leading_plane.append(rows.begin(), rows.end());
}

}  // namespace

TileDigest tile_digest(const Int8Matrix& matrix, const TileGrid& grid) {
  if (grid.rows == 0 || grid.rows > kMaxRows || grid.cols == 0 || grid.rows * grid.cols > 65535 ||
      grid.stride == 0) {
    throw sim::Error(sim::Exit::internal, "tile_digest: tiles of " + std::to_string(grid.rows) + " x " +
                                              std::to_string(grid.cols) + ", every " +
                                              std::to_string(grid.stride) + ". one");
  }
  const std::size_t across = (matrix.rows + grid.cols - 1) / grid.cols;
  const std::size_t tiles = (matrix.cols + grid.rows - 1) / grid.rows * across;
  TileDigest digest;
  for (std::size_t t = 0; t < tiles; t += grid.stride) {
    const std::size_t first_input = t / across * grid.rows, first_output = t % across * grid.cols;
    const std::size_t inputs = std::min(grid.rows, matrix.cols - first_input);
    const std::size_t last_output = std::min(first_output + grid.cols, matrix.rows);
    Tile tile;
    for (std::size_t o = first_output; o < last_output; ++o) {
      tile.add(matrix.codes.data() + o * matrix.cols + first_input, inputs);
    }
    append(tile, inputs, digest);
  }
  return digest;
}

}  // namespace flexquant
