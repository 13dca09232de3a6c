// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>

#include "models/sme/function/kernels.h"

namespace sme {
namespace {

// Ones of every byte.
std::uint64_t byte_ones(std::uint64_t x) {
  x -= x >> 1 & 0x5555555555555555;
  x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
  return (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
}

// At most 31 words may be added up before the sum over the bytes.
std::int32_t add_bytes(std::uint64_t x) {
  x = (x & 0x00ff00ff00ff00ff) + (x >> 8 & 0x00ff00ff00ff00ff);
  return static_cast<std::int32_t>(x * 0x0001000100010001 >> 48);
}

}  // namespace

void tile_product_portable(const std::int16_t* weights, std::size_t pairs, std::size_t columns,
                           const std::int16_t* a, std::int32_t* sums) {
  std::fill(sums, sums + columns, 0);
  for (std::size_t pair = 0; pair < pairs; ++pair, weights += 2 * columns) {
    const std::int32_t first = a[2 * pair], second = a[2 * pair + 1];
    for (std::size_t c = 0; c < columns; ++c) sums[c] += weights[2 * c] * first + weights[2 * c + 1] * second;
  }
}

std::uint64_t clipped_part_portable(const HotColumns& columns, const ActiveRows& active, std::int32_t most,
                                    std::int64_t* excess) {
  std::uint64_t clips = 0;
  const std::size_t block = std::size_t{columns.words} * kColumnGroup;
  for (std::size_t i = 0; i < columns.groups * kColumnGroup; ++i) {
    const std::uint64_t* bits = columns.bits + i / kColumnGroup * columns.terms * block + i % kColumnGroup;
    std::int64_t total = 0;
    for (unsigned t = 0; t < active.cycles; ++t) {
      const std::uint64_t* rows = active.words + std::size_t{t} * columns.words;
      std::int32_t sum = 0;
      for (unsigned k = 0; k < columns.terms; ++k) {
        std::uint64_t ones = 0;
        for (unsigned w = 0; w < columns.words; ++w)
          ones += byte_ones(bits[k * block + w * kColumnGroup] & rows[w]);
        sum += columns.coefficient[k] * add_bytes(ones);
      }
      const std::int32_t over = sum > most ? sum - most : sum < -most ? sum + most : 0;
      if (over == 0) continue;
      ++clips;
      const std::int64_t part = static_cast<std::int64_t>(over) * (std::int64_t{1} << active.shift[t]);
      total += active.negative[t] ? -part : part;
    }
    excess[i] = total;
  }
  return clips;
}

}  // namespace sme
