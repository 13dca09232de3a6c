// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "traces/workload/numeric/float16.h"

namespace million {

using workload::Float16;

// Shape of product quantisation: a vector of head_dim is cut into `sub_vectors` (M) neighbouring parts of
// head_dim / M, each replaced by the index of one of 2^code_bits centroids. "4 bit" at head_dim 128 is
// M = 64, code_bits = 8; "3 bit" is M = 32, code_bits = 12 [code].
struct PqShape {
  unsigned head_dim = 128;
  unsigned sub_vectors = 64;
  unsigned code_bits = 8;

  unsigned sub_dim() const { return head_dim / sub_vectors; }
  unsigned centroids() const { return 1U << code_bits; }
  // Bytes of the codes of one vector, packed: ceil(M * code_bits / 8).
  std::size_t code_bytes() const { return (std::size_t{sub_vectors} * code_bits + 7) / 8; }
  std::size_t elements() const { return std::size_t{sub_vectors} * centroids() * sub_dim(); }
  bool operator==(const PqShape& other) const {
    return head_dim == other.head_dim && sub_vectors == other.sub_vectors && code_bits == other.code_bits;
  }
};

// Throws sim::Error (usage) unless M divides head_dim, and code_bits is 1 .. 12.
void check(const PqShape& shape);

// Centroids [M][C][sub_dim] as fp16, with f32 copies in the two layouts that kernels read.
class Codebook {
 public:
  Codebook() = default;
  // Throws sim::Error (input) for a wrong number of centroids or one that is not finite.
  Codebook(const PqShape& shape, std::vector<Float16> centroids);

  const PqShape& shape() const { return shape_; }
  const std::vector<Float16>& centroids() const { return centroids_; }
  const float* by_centroid() const { return by_centroid_.data(); }    // [M][C][sub_dim]
  const float* by_component() const { return by_component_.data(); }  // [M][sub_dim][padded()]
  std::size_t padded() const;  // C rounded up to whole vectors of 16; what is over lies at +infinity

 private:
  PqShape shape_;
  std::vector<Float16> centroids_;
  std::vector<float> by_centroid_;
  std::vector<float> by_component_;
};

// One pair for all layers and heads [code].
struct Codebooks {
  Codebook key;
  Codebook value;
};

}  // namespace million
