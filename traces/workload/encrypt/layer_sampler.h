// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "traces/io/records.h"
#include "traces/workload/encrypt/moduli.h"

namespace workload {

/// How much of each encrypted layer is written: a tile of its weights.
struct EncryptOptions {
  CryptoModulus modulus;
  unsigned inputs = 32;    ///< columns of the tile
  unsigned outputs = 4;    ///< rows of the tile
  std::uint64_t seed = 1;  ///< of the operands and of which tile is taken
};

/// Makes the records of encrypted layers from weight codes.
///
/// Once a trace: write modulus().record(kModulusId) before the first part. Then, for every matrix that is
/// computed under encryption, part() with its codes gives one ModMul: a tile of inputs x outputs, drawn anew
/// for every token, layer and matrix. Its population is the number of such tiles in the matrix, so that the
/// multiplications of the layer are about population times those of the part. That counts the squarings anew
/// in every row of tiles and not the product over the tiles of a row: exact figures need the whole matrix.
class LayerSampler {
 public:
  static constexpr std::uint32_t kModulusId = 1;

  explicit LayerSampler(EncryptOptions options) : options_(std::move(options)) {}

  const CryptoModulus& modulus() const { return options_.modulus; }

  struct Place {
    std::uint32_t token = 0;  ///< index of the current token
    std::uint32_t layer = 0;
    trace::Matrix matrix = tricycle::trace::O_PROJ;
    std::uint64_t rows = 0, cols = 0;  ///< of the whole matrix
    unsigned weight_bits = 8;          ///< 8 or 4
  };
  /// The code of a weight, -127 .. 127 or -7 .. 7.
  using Code = std::function<int(std::uint64_t row, std::uint64_t col)>;

  trace::Record part(const Place& place, const Code& code) const;

 private:
  EncryptOptions options_;
};

}  // namespace workload
