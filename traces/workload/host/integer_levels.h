// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>

// The inner loops of IntegerKernels, one set per SimdLevel. All sums are exact.
namespace workload::integer {

// INT4 activations, set out for the vector kernels: columns in chunks of 128, first the 64 even ones, then
// the odd ones.
constexpr std::size_t kInt4Chunk = 128;

struct Int4Row {
  const std::uint8_t* codes;  // of the first chunk
  const std::int8_t* a;       // chunks of 64 even and 64 odd activations
  std::size_t chunks;
};

// sums[t] = w . a[t], for `tokens` vectors a[t * cols].
using Int8Dots = void(const std::int8_t* w, const std::int8_t* a, std::size_t cols, std::size_t tokens,
                      std::int32_t* sums, std::size_t sum_stride);
// Sum of (code + 8) * a over the chunks; codes as nibbles.
using Int4Dot = std::int32_t(const Int4Row& row);

Int8Dots int8_dots_portable;
Int8Dots int8_dots_avx2;
Int8Dots int8_dots_avx512;
Int4Dot int4_dot_portable;
Int4Dot int4_dot_avx2;
Int4Dot int4_dot_avx512;

}  // namespace workload::integer
