// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/kernels_any.h"

namespace sme {

void tile_product_portable(const std::int16_t* weights, std::size_t pairs, std::size_t columns,
                           const std::int16_t* a, std::int32_t* sums) {
  std::fill(sums, sums + columns, 0);
  for (std::size_t pair = 0; pair < pairs; ++pair, weights += 2 * columns) {
    const std::int32_t first = a[2 * pair], second = a[2 * pair + 1];
    for (std::size_t c = 0; c < columns; ++c) sums[c] += weights[2 * c] * first + weights[2 * c + 1] * second;
  }
}

void clipped_part_portable(const HotColumns* crossbars, std::size_t count, const ActiveRows& active,
                           std::int32_t most, std::int32_t* excess, std::uint64_t* clips) {
  for (std::size_t i = 0; i < count; ++i) {
    clips[i] = any_clipped(crossbars[i], active, most, excess);
    excess += crossbars[i].groups * kColumnGroup;
  }
}

}  // namespace sme
