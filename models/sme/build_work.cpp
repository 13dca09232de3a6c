// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <map>
#include <utility>

#include "models/sme/placement.h"

namespace sme {
namespace {

// Crossbars of a set that hold one of the `planes` most significant planes; 0 = all. Squeezing moves bits
// down by up to `degree` planes.
std::uint32_t driven(const LayerMap& map, const TileMap& tile, unsigned set, unsigned planes) {
  std::uint32_t mask = tile.sets[set].crossbars;
  if (planes == 0 || map.conventional) return mask;
  const unsigned last = planes + tile.degree;  // of the planes
  const unsigned crossbars = (last + map.crossbar.cell_bits - 1) / map.crossbar.cell_bits;
  return crossbars >= 32 ? mask : mask & ((std::uint32_t{1} << crossbars) - 1);
}

// Rows that are driven: all, or those of the fullest plane.
std::uint32_t driven_rows(const TileMap& tile, unsigned set, const ChipConfig& config) {
  if (!config.skip_empty_rows) return tile.rows;
  std::uint32_t rows = 0;
  for (const PlaneUse& use : tile.sets[set].use) rows = std::max(rows, use.rows);
  return rows;
}

using Columns = std::pair<std::uint32_t, std::uint32_t>;  // first output, outputs

// Blocks and inputs of a bank are few: searched from the newest on.
struct BankPart {
  BankWork work;
  std::vector<Columns> blocks;  // parallel to work.blocks
  std::vector<std::pair<std::uint32_t, std::uint32_t>> inputs;
};

template <class T>
std::size_t find_or_add(std::vector<T>& list, const T& value, bool& added) {
  const auto found = std::find(list.rbegin(), list.rend(), value);
  added = found == list.rend();
  if (!added) return static_cast<std::size_t>(list.rend() - found) - 1;
  list.push_back(value);
  return list.size() - 1;
}

// The tiles of each slot, one after the other: those of slot s are [first[s], first[s + 1]) of `tiles`.
struct Slots {
  explicit Slots(const LayerMap& map) : first(std::size_t{map.slots} + 1), tiles(map.tiles.size()) {
    for (const TileMap& tile : map.tiles) ++first[tile.slot + 1];
    for (std::size_t s = 0; s < map.slots; ++s) first[s + 1] += first[s];
    std::vector<std::uint32_t> next(first.begin(), first.end());
    for (std::uint32_t t = 0; t < map.tiles.size(); ++t) tiles[next[map.tiles[t].slot]++] = t;
  }
  std::vector<std::uint32_t> first, tiles;
};

// The first bank of a block, ascending, is its home; the others send their sums there.
void join(std::map<unsigned, BankPart>& banks, LayerWork& work) {
  std::map<Columns, std::vector<std::pair<BankPart*, std::uint32_t>>> of;  // with its number in the bank
  for (auto& [number, bank] : banks) {
    for (std::uint32_t i = 0; i < bank.blocks.size(); ++i) of[bank.blocks[i]].push_back({&bank, i});
  }
  for (const auto& [columns, list] : of) {
    BankPart& home = *list.front().first;
    const std::uint32_t home_index = list.front().second;
    for (const auto& [bank, index] : list) {
      BlockWork& block = bank->work.blocks[index];
      block.block = work.blocks;
      block.home = bank == &home;
      block.home_bank = home.work.bank;
      block.home_block = home_index;
      if (block.home) block.foreign = static_cast<unsigned>(list.size() - 1);
    }
    ++work.blocks;
  }
}

}  // namespace

std::uint64_t buffer_bytes(const BankWork& bank, const ChipConfig& config) {
  std::uint64_t bytes = bank.input_bytes;
  for (const BlockWork& block : bank.blocks) bytes += std::uint64_t{block.outputs} * config.sum_bytes;
  return bytes;
}

bool build_work(const std::vector<const LayerMap*>& layers, std::uint32_t layer, const Round& round,
                unsigned planes, const ChipConfig& config, unsigned input_bits, LayerWork& work,
                std::uint32_t row_group) {
  const LayerMap& map = *layers[layer];
  // A round's parts lie layer by layer.
  const auto below = [](const Part& part, std::uint32_t l) { return part.layer < l; };
  const auto begin = std::lower_bound(round.parts.begin(), round.parts.end(), layer, below);
  const auto end = std::lower_bound(begin, round.parts.end(), layer + 1, below);
  const bool any = begin != end;
  const Slots slots(map);
  std::map<unsigned, BankPart> banks;
  BankPart* last = nullptr;
  for (auto p = begin; p != end; ++p) {
    const Part& part = *p;
    const unsigned number = bank_of(part.unit, config);
    if (last == nullptr || last->work.bank != number) {
      last = &banks[number];
      last->work.bank = number;
    }
    BankPart& bank = *last;
    for (std::uint32_t i = slots.first[part.slot]; i < slots.first[part.slot + 1]; ++i) {
      const std::uint32_t t = slots.tiles[i];
      const TileMap& tile = map.tiles[t];
      const std::uint32_t mask = driven(map, tile, part.set, planes) & part.mask;
      if (mask == 0) continue;
      const Columns columns{tile.col0, tile.cols};
      bool added = false;
      const std::size_t place = find_or_add(bank.blocks, columns, added);
      if (added) {
        BlockWork block;
        block.outputs = tile.cols;
        bank.work.blocks.push_back(block);
      }
      ++bank.work.blocks[place].local;
      const std::uint32_t rows = driven_rows(tile, part.set, config);
      find_or_add(bank.inputs, {tile.row0, tile.rows}, added);
      if (added) bank.work.input_bytes += rows;
      const std::uint32_t groups =
          row_group == 0 ? 1 : (tile.row0 + tile.rows - 1) / row_group - tile.row0 / row_group + 1;
      TileOp op;
      op.unit = static_cast<std::uint16_t>(unit_in_bank(part.unit, config));
      op.block = static_cast<std::uint16_t>(place);
      op.rows = static_cast<std::uint16_t>(rows);
      op.columns = static_cast<std::uint16_t>(tile.bit_columns);
      op.sums = static_cast<std::uint16_t>(tile.cols * groups);
      op.crossbars = static_cast<std::uint8_t>(__builtin_popcount(mask));
      op.input_cycles = static_cast<std::uint16_t>((input_bits + tile.degree) * groups);
      op.squeezed = tile.degree > 0;
      op.tile = t;
      op.set = part.set;
      op.crossbar_mask = mask;
      bank.work.ops.push_back(op);
    }
  }
  work.name = map.name;
  work.layer = layer;
  join(banks, work);
  work.window = config.window;
  for (auto& [number, bank] : banks) {
    if (bank.work.ops.empty()) continue;
    const std::uint64_t fits =
        config.edram_bytes / std::max<std::uint64_t>(1, buffer_bytes(bank.work, config));
    work.window = static_cast<unsigned>(std::clamp<std::uint64_t>(fits, 1, work.window));
    work.banks.push_back(std::move(bank.work));
  }
  return any;
}

}  // namespace sme
