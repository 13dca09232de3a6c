// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/tile_bits.h"

#include <algorithm>

#include "models/sme/function/squeeze.h"

namespace sme {
namespace {

struct RowBits {
  std::uint16_t any = 0;                         // planes with a one, as bits of the numbers
  std::array<std::uint16_t, kMaxPlanes> ones{};  // [p - 1]
};

RowBits count(const std::uint16_t* numbers, std::uint32_t n, unsigned planes) {
  RowBits row;
  for (std::uint32_t i = 0; i < n; ++i) row.any = static_cast<std::uint16_t>(row.any | numbers[i]);
  for (unsigned p = 0; p < planes; ++p) {
    const unsigned bit = planes - 1 - p;
    if ((row.any >> bit & 1) == 0) continue;
    std::uint16_t sum = 0;
    for (std::uint32_t i = 0; i < n; ++i) sum = static_cast<std::uint16_t>(sum + (numbers[i] >> bit & 1));
    row.ones[p] = sum;
  }
  return row;
}

// 1-based plane of the first one; planes + 1 without ones.
unsigned leading_plane(unsigned any, unsigned planes) {
  unsigned p = 1;
  while (p <= planes && (any >> (planes - p) & 1) == 0) ++p;
  return p;
}

}  // namespace

std::uint16_t crossbar_mask(std::uint16_t planes, unsigned cell_bits) {
  std::uint16_t mask = 0;
  for (unsigned p = 0; p < kMaxPlanes; ++p)
    if (planes >> p & 1) mask = static_cast<std::uint16_t>(mask | 1u << (p / cell_bits));
  return mask;
}

TileMap sliced_tile(const StoredBits& bits, const Block& block, unsigned degree, const CrossbarShape& shape,
                    bool release_empty, std::array<PlaneUse, kMaxPlanes>& before, std::uint64_t& zero) {
  const unsigned planes = bits.planes();
  TileMap tile;
  tile.row0 = block.row0;
  tile.rows = block.rows;
  tile.col0 = block.col0;
  tile.cols = tile.bit_columns = block.cols;
  std::array<std::uint16_t, 2> had{};
  std::uint16_t numbers[kMaxCrossbarSide];
  for (std::uint32_t r = 0; r < block.rows; ++r) {
    std::array<RowBits, 2> row;
    unsigned any = 0;
    for (unsigned set = 0; set < bits.sets(); ++set) {
      bits.read(set, block.row0 + r, block.col0, block.cols, numbers);
      row[set] = count(numbers, block.cols, planes);
      any |= row[set].any;
      had[set] = static_cast<std::uint16_t>(had[set] | row[set].any);
    }
    const unsigned shift = any == 0 ? 0 : row_shift(leading_plane(any, planes), degree);
    tile.degree = std::max(tile.degree, shift);
    tile.squeezed_rows += shift > 0 ? 1 : 0;
    for (unsigned p = 0; p < planes; ++p) {
      before[p].rows += any >> (planes - 1 - p) & 1;
      for (unsigned set = 0; set < bits.sets(); ++set) {
        before[p].ones += row[set].ones[p];
        if (row[set].ones[p] == 0 || p + shift >= planes) continue;
        tile.sets[set].use[p + shift].ones += row[set].ones[p];
        tile.sets[set].use[p + shift].rows += 1;
      }
    }
  }
  if (tile.degree > 0) tile.rcmr_bits = block.rows * rcmr_bits_per_row(degree);
  for (unsigned set = 0; set < bits.sets(); ++set) {
    SetMap& held = tile.sets[set];
    for (unsigned p = 0; p < planes; ++p) {
      if (!release_empty || held.use[p].ones > 0)
        held.planes = static_cast<std::uint16_t>(held.planes | 1u << p);
    }
    std::uint16_t ones = 0;  // had[] has plane 1 as its top bit
    for (unsigned p = 0; p < planes; ++p)
      if (had[set] >> (planes - 1 - p) & 1) ones = static_cast<std::uint16_t>(ones | 1u << p);
    const unsigned all = (planes + shape.cell_bits - 1) / shape.cell_bits;
    zero += all - static_cast<unsigned>(__builtin_popcount(crossbar_mask(ones, shape.cell_bits)));
    held.crossbars = crossbar_mask(held.planes, shape.cell_bits);
  }
  return tile;
}

std::vector<std::uint8_t> row_shifts(const StoredBits& bits, const Block& block, unsigned degree) {
  std::vector<std::uint8_t> shifts(block.rows, 0);
  if (degree == 0) return shifts;
  std::uint16_t numbers[kMaxCrossbarSide];
  for (std::uint32_t r = 0; r < block.rows; ++r) {
    unsigned any = 0;
    for (unsigned set = 0; set < bits.sets(); ++set) {
      bits.read(set, block.row0 + r, block.col0, block.cols, numbers);
      for (std::uint32_t i = 0; i < block.cols; ++i) any |= numbers[i];
    }
    if (any != 0) shifts[r] = static_cast<std::uint8_t>(row_shift(leading_plane(any, bits.planes()), degree));
  }
  return shifts;
}

void assign_slots(LayerMap& map, bool pack) {
  struct Slot {
    std::uint32_t free;
    std::array<std::uint16_t, 2> crossbars;
  };
  std::vector<Slot> slots;
  std::size_t first_open = 0;  // slots before it have no room for anything
  for (TileMap& tile : map.tiles) {
    std::size_t at = slots.size();
    if (pack) {
      while (first_open < slots.size() && slots[first_open].free == 0) ++first_open;
      for (std::size_t s = first_open; s < slots.size() && at == slots.size(); ++s)
        if (slots[s].free >= tile.bit_columns) at = s;
    }
    if (at == slots.size()) slots.push_back({map.crossbar.cols, {0, 0}});
    slots[at].free -= tile.bit_columns;
    for (unsigned set = 0; set < 2; ++set)
      slots[at].crossbars[set] =
          static_cast<std::uint16_t>(slots[at].crossbars[set] | tile.sets[set].crossbars);
    tile.slot = static_cast<std::uint32_t>(at);
  }
  map.slots = static_cast<std::uint32_t>(slots.size());
  map.crossbars = 0;
  for (const Slot& slot : slots)
    for (const std::uint16_t mask : slot.crossbars)
      map.crossbars += static_cast<unsigned>(__builtin_popcount(mask));
}

}  // namespace sme
