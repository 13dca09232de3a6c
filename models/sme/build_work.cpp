// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <map>
#include <set>
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

struct BankPart {
  BankWork work;
  std::map<Columns, std::uint32_t> blocks;
  std::set<std::pair<std::uint32_t, std::uint32_t>> inputs;
};

// The first bank of a block, ascending, is its home; the others send their sums there.
void join(std::map<unsigned, BankPart>& banks, LayerWork& work) {
  std::map<Columns, std::vector<BankPart*>> of;
  for (auto& [number, bank] : banks) {
    for (const auto& [columns, index] : bank.blocks) of[columns].push_back(&bank);
  }
  for (const auto& [columns, list] : of) {
    BankPart& home = *list.front();
    const std::uint32_t home_index = home.blocks.at(columns);
    for (BankPart* bank : list) {
      BlockWork& block = bank->work.blocks[bank->blocks.at(columns)];
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
  std::vector<std::vector<std::uint32_t>> tiles(map.slots);
  for (std::uint32_t t = 0; t < map.tiles.size(); ++t) tiles[map.tiles[t].slot].push_back(t);
  std::map<unsigned, BankPart> banks;
  bool any = false;
  for (const Part& part : round.parts) {
    if (part.layer != layer) continue;
    any = true;
    BankPart& bank = banks[bank_of(part.unit, config)];
    bank.work.bank = bank_of(part.unit, config);
    for (const std::uint32_t t : tiles[part.slot]) {
      const TileMap& tile = map.tiles[t];
      const std::uint32_t mask = driven(map, tile, part.set, planes) & part.mask;
      if (mask == 0) continue;
      const Columns columns{tile.col0, tile.cols};
      const auto [place, added] =
          bank.blocks.try_emplace(columns, static_cast<std::uint32_t>(bank.work.blocks.size()));
      if (added) {
        BlockWork block;
        block.outputs = tile.cols;
        bank.work.blocks.push_back(block);
      }
      ++bank.work.blocks[place->second].local;
      const std::uint32_t rows = driven_rows(tile, part.set, config);
      if (bank.inputs.insert({tile.row0, tile.rows}).second) bank.work.input_bytes += rows;
      const std::uint32_t groups =
          row_group == 0 ? 1 : (tile.row0 + tile.rows - 1) / row_group - tile.row0 / row_group + 1;
      TileOp op;
      op.unit = static_cast<std::uint16_t>(unit_in_bank(part.unit, config));
      op.block = static_cast<std::uint16_t>(place->second);
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
