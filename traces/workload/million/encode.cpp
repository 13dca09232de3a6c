// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/million/encode.h"

#include <string>

#include "sim/core/error.h"
#include "traces/workload/million/nearest.h"

namespace million {

void encode(const Codebook& book, const float* vectors, std::size_t count, Code* codes,
            workload::SimdLevel level) {
  const PqShape& shape = book.shape();
  const std::size_t one = std::size_t{shape.sub_dim()} * book.padded();
  for (unsigned m = 0; m < shape.sub_vectors; ++m)
    nearest({vectors + std::size_t{m} * shape.sub_dim(), shape.head_dim, count, book.by_component() + m * one,
             book.padded(), shape.sub_dim(), codes + m, shape.sub_vectors, nullptr},
            level);
}

void decode(const Codebook& book, const Code* codes, std::size_t count, float* vectors) {
  const PqShape& shape = book.shape();
  const unsigned sub_dim = shape.sub_dim();
  for (std::size_t i = 0; i < count; ++i) {
    for (unsigned m = 0; m < shape.sub_vectors; ++m) {
      const std::size_t code = codes[i * shape.sub_vectors + m];
      const float* centroid = book.by_centroid() + (std::size_t{m} * shape.centroids() + code) * sub_dim;
      for (unsigned k = 0; k < sub_dim; ++k) vectors[i * shape.head_dim + m * sub_dim + k] = centroid[k];
    }
  }
}

std::vector<std::uint8_t> pack_codes(const PqShape& shape, const Code* codes, std::size_t count) {
  std::vector<std::uint8_t> bytes(count * shape.code_bytes(), 0);
  for (std::size_t i = 0; i < count; ++i) {
    std::uint8_t* out = bytes.data() + i * shape.code_bytes();
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (unsigned m = 0; m < shape.sub_vectors; ++m) {
      pending |= static_cast<std::uint32_t>(codes[i * shape.sub_vectors + m]) << bits;
      for (bits += shape.code_bits; bits >= 8; bits -= 8, pending >>= 8)
        *out++ = static_cast<std::uint8_t>(pending);
    }
    if (bits > 0) *out = static_cast<std::uint8_t>(pending);
  }
  return bytes;
}

std::vector<Code> unpack_codes(const PqShape& shape, const std::uint8_t* bytes, std::size_t count) {
  std::vector<Code> codes(count * shape.sub_vectors);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* in = bytes + i * shape.code_bytes();
    std::uint32_t pending = 0;
    unsigned bits = 0;
    for (unsigned m = 0; m < shape.sub_vectors; ++m) {
      for (; bits < shape.code_bits; bits += 8) pending |= static_cast<std::uint32_t>(*in++) << bits;
      codes[i * shape.sub_vectors + m] = static_cast<Code>(pending & (shape.centroids() - 1));
      pending >>= shape.code_bits;
      bits -= shape.code_bits;
    }
  }
  return codes;
}

}  // namespace million
