// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "models/sme/function/kernels.h"
#include "traces/workload/numeric/simd.h"

// Clipping for every number of rows and terms, as loops over the columns of a group that a compiler makes
// vectors of; inlined into a wrapper of each level.
namespace sme {

constexpr unsigned kByteRows = 31;  // row bytes whose ones a byte holds

// Crossbars whose sums are one term, or a difference of two: what bytes and saturating subtraction do.
inline bool bytes_do(const HotColumns& crossbar) {
  return crossbar.coefficient[0] == 1 &&
         (crossbar.terms == 1 || (crossbar.terms == 2 && crossbar.coefficient[1] == -1));
}

// ones[column] += ones of bits[column] & rows.
WORKLOAD_INLINE void add_ones(const std::uint8_t* bits, std::uint8_t rows, std::uint8_t* ones) {
  for (unsigned c = 0; c < kColumnGroup; ++c) {
    std::uint8_t x = bits[c] & rows;
    x = static_cast<std::uint8_t>(x - (x >> 1 & 0x55));
    x = static_cast<std::uint8_t>((x & 0x33) + (x >> 2 & 0x33));
    ones[c] = static_cast<std::uint8_t>(ones[c] + ((x + (x >> 4)) & 15));
  }
}

// The weighted part of a group's sums beyond +-most; returns how many are.
WORKLOAD_INLINE unsigned add_excess(const std::int16_t* sums, std::int32_t most, unsigned shift,
                                    bool negative, std::int32_t* excess) {
  const auto high = static_cast<std::int16_t>(std::min(most, 32767));
  const auto low = static_cast<std::int16_t>(-high);
  std::int16_t over[kColumnGroup];
  std::int16_t any = 0;
  for (unsigned c = 0; c < kColumnGroup; ++c) {
    over[c] = static_cast<std::int16_t>(sums[c] - std::max(low, std::min(high, sums[c])));
    any = static_cast<std::int16_t>(any | over[c]);
  }
  if (any == 0) return 0;
  const std::int32_t weight = (negative ? -1 : 1) * (1 << shift);
  unsigned clips = 0;
  for (unsigned c = 0; c < kColumnGroup; ++c) {
    excess[c] += over[c] * weight;
    clips += over[c] != 0 ? 1 : 0;
  }
  return clips;
}

WORKLOAD_INLINE std::uint64_t any_clipped(const HotColumns& crossbar, const ActiveRows& active,
                                          std::int32_t most, std::int32_t* excess) {
  std::uint64_t clips = 0;
  const std::size_t term = std::size_t{active.bytes} * kColumnGroup;
  for (std::size_t group = 0; group < crossbar.groups; ++group, excess += kColumnGroup) {
    const std::uint8_t* bits = crossbar.bits + group * crossbar.terms * term;
    std::fill(excess, excess + kColumnGroup, 0);
    for (unsigned t = 0; t < active.cycles; ++t) {
      std::int16_t sums[kColumnGroup] = {};
      for (unsigned k = 0; k < crossbar.terms; ++k)
        for (unsigned first = 0; first < active.bytes; first += kByteRows) {
          std::uint8_t ones[kColumnGroup] = {};
          const unsigned last = std::min(first + kByteRows, active.bytes);
          for (unsigned i = first; i < last; ++i)
            add_ones(bits + k * term + i * kColumnGroup, active.rows[t * active.bytes + i], ones);
          const auto coefficient = static_cast<std::int16_t>(crossbar.coefficient[k]);
          for (unsigned c = 0; c < kColumnGroup; ++c)
            sums[c] = static_cast<std::int16_t>(sums[c] + ones[c] * coefficient);
        }
      clips += add_excess(sums, most, active.shift[t], active.negative[t], excess);
    }
  }
  return clips;
}

}  // namespace sme
