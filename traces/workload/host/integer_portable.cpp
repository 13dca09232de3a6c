// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/integer_levels.h"

namespace workload::integer {

void int8_dots_portable(const std::int8_t* w, const std::int8_t* a, std::size_t cols, std::size_t tokens,
                        std::int32_t* sums, std::size_t sum_stride) {
  for (std::size_t t = 0; t < tokens; ++t, a += cols) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < cols; ++i) sum += w[i] * a[i];
    sums[t * sum_stride] = sum;
  }
}

std::int32_t int4_dot_portable(const Int4Row& row) {
  constexpr std::size_t kBytes = kInt4Chunk / 2;
  std::int32_t sum = 0;
  for (std::size_t chunk = 0; chunk < row.chunks; ++chunk) {
    const std::uint8_t* codes = row.codes + chunk * kBytes;
    const std::int8_t* even = row.a + chunk * kInt4Chunk;
    const std::int8_t* odd = even + kBytes;
    for (std::size_t i = 0; i < kBytes; ++i) {
      const int low = (codes[i] & 15) ^ 8;
      const int high = (codes[i] >> 4) ^ 8;
      sum += low * even[i] + high * odd[i];
    }
  }
  return sum;
}

}  // namespace workload::integer
