// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/placement.h"

#include <algorithm>
#include <map>

#include "sim/core/error.h"

namespace sme {
namespace {

std::uint64_t all_units(const ChipConfig& c) { return std::uint64_t{c.banks} * c.units; }

// The groups of a layer: crossbars of each slot and set.
std::vector<Part> groups(std::uint32_t layer, const LayerMap& map) {
  std::vector<Part> list(std::size_t{map.slots} * 2);
  for (const TileMap& tile : map.tiles) {
    for (unsigned set = 0; set < 2; ++set) {
      Part& g = list[2 * std::size_t{tile.slot} + set];
      g.layer = layer;
      g.slot = tile.slot;
      g.set = static_cast<std::uint8_t>(set);
      g.mask |= tile.sets[set].crossbars;
    }
  }
  list.erase(std::remove_if(list.begin(), list.end(), [](const Part& g) { return g.mask == 0; }), list.end());
  return list;
}

Placement fill(const std::vector<const LayerMap*>& layers, const ChipConfig& config, PlacementKind kind) {
  Placement result;
  result.kind = kind;
  std::unique_ptr<PlacementPolicy> policy = make_placement(kind, all_units(config), config.crossbars);
  result.rounds.emplace_back();
  for (std::uint32_t l = 0; l < layers.size(); ++l) {
    for (const Part& group : groups(l, *layers[l])) {
      if (!policy->place(group, result.rounds.back().parts)) {
        policy = make_placement(kind, all_units(config), config.crossbars);
        result.rounds.emplace_back();
        if (!policy->place(group, result.rounds.back().parts)) {
          throw sim::Error(sim::Exit::usage, "layer " + layers[l]->name + ": one tile has " +
                                                 std::to_string(__builtin_popcount(group.mask)) +
                                                 " crossbars, the chip holds " +
                                                 std::to_string(config.capacity()) +
                                                 "; raise chip.banks, chip.units or chip.crossbars");
        }
      }
      result.crossbars += static_cast<unsigned>(__builtin_popcount(group.mask));
    }
  }
  for (const Round& round : result.rounds) {
    for (const Part& part : round.parts) result.units = std::max<std::uint64_t>(result.units, part.unit + 1);
  }
  return result;
}

}  // namespace

const char* name(PlacementKind kind) {
  switch (kind) {
    case PlacementKind::automatic:
      return "auto";
    case PlacementKind::per_tile:
      return "per_tile";
    case PlacementKind::whole:
      return "whole";
    case PlacementKind::dense:
      break;
  }
  return "dense";
}

std::unique_ptr<PlacementPolicy> make_placement(PlacementKind kind, std::uint64_t units, unsigned crossbars) {
  if (kind == PlacementKind::per_tile) return make_per_tile_placement(units, crossbars);
  if (kind == PlacementKind::whole) return make_whole_placement(units, crossbars);
  return make_dense_placement(units, crossbars);
}

Placement place(const std::vector<const LayerMap*>& layers, const ChipConfig& config) {
  if (config.placement != PlacementKind::automatic) return fill(layers, config, config.placement);
  for (const PlacementKind kind : {PlacementKind::per_tile, PlacementKind::whole}) {
    Placement p = fill(layers, config, kind);
    if (p.rounds.size() == 1) return p;
  }
  return fill(layers, config, PlacementKind::dense);
}

unsigned bank_of(std::uint32_t unit, const ChipConfig& config) {
  return config.bank_order == BankOrder::packed ? unit / config.units : unit % config.banks;
}
unsigned unit_in_bank(std::uint32_t unit, const ChipConfig& config) {
  return config.bank_order == BankOrder::packed ? unit % config.units : unit / config.banks;
}

ProgramWork build_program(const std::vector<const LayerMap*>& layers, const Round& round,
                          const ChipConfig& config) {
  std::map<unsigned, std::uint64_t> crossbars;
  for (const Part& part : round.parts) {
    crossbars[bank_of(part.unit, config)] += static_cast<unsigned>(__builtin_popcount(part.mask));
  }
  const CrossbarShape shape = layers.empty() ? CrossbarShape{} : layers.front()->crossbar;
  ProgramWork program;
  for (const auto& [bank, count] : crossbars) {
    const std::uint64_t bits = count * shape.rows * shape.cols * shape.cell_bits;
    const Cycle cycles = (count + config.writers - 1) / config.writers * shape.rows * config.write_row;
    program.banks.push_back({bank, (bits + 7) / 8, count * shape.rows * shape.cols, count, cycles});
  }
  return program;
}

}  // namespace sme
