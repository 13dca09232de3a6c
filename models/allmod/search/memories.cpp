// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/search/memories.h"

#include <algorithm>

namespace allmod {

Memory least_of(const Memory& a, const Memory& b) {
  return {std::min(a.luts, b.luts), std::min(a.halves, b.halves), std::min(a.scalar, b.scalar)};
}

Memory memory_of(const RomCost& cost, const Device& device) {
  const auto luts = static_cast<double>(cost.lut_sites), halves = static_cast<double>(cost.bram18);
  return {luts, halves, luts + device.bram36_luts * halves / 2};
}

void DeepMemories::Ranges::finish() {
  const std::size_t size = rows_[0].size();
  for (std::size_t width = 1; 2 * width <= size; width *= 2) {
    const std::vector<Memory>& half = rows_.back();
    std::vector<Memory> row;
    for (std::size_t i = 0; i + 2 * width <= size; ++i) row.push_back(least_of(half[i], half[i + width]));
    rows_.push_back(std::move(row));
  }
}

Memory DeepMemories::Ranges::least(unsigned low, unsigned high) const {
  std::size_t j = 0;
  while ((std::size_t{2} << j) <= std::size_t{high} - low + 1) ++j;
  return least_of(rows_[j][low], rows_[j][high + 1 - (std::size_t{1} << j)]);
}

const DeepMemories::Tables& DeepMemories::of(unsigned w) const {
  std::optional<Tables>& tables = tables_[w];
  if (tables) return *tables;
  tables.emplace();
  const std::uint64_t words = std::uint64_t{1} << w;
  const unsigned most = n_ / w + 1;
  const auto cost = [&](std::uint64_t depth) { return memory_of(rom(depth, n_, style_, device_), device_); };
  tables->whole.push_back({});
  tables->with_last.push_back({});
  for (unsigned k = 1; k <= most; ++k) {
    tables->whole.push_back(cost(words * k));
    Memory last = cost(words * (k - 1) + 2);
    for (unsigned bits = 2; bits <= w; ++bits)
      last = least_of(last, cost(words * (k - 1) + (std::uint64_t{1} << bits)));
    tables->with_last.push_back(last);
  }
  tables->whole.finish();
  tables->with_last.finish();
  return *tables;
}

}  // namespace allmod
