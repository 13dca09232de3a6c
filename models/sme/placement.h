// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/sme/chip_config.h"
#include "models/sme/function/layer_map.h"
#include "models/sme/work.h"

namespace sme {

// Crossbars of a group that are in one CU. A group is what the tiles of one slot (LayerMap) have in one sign
// set.
struct Part {
  std::uint32_t layer = 0;
  std::uint32_t slot = 0;
  std::uint8_t set = 0;
  std::uint32_t mask = 0;  // which of the group's crossbars
  std::uint32_t unit = 0;  // CU of the chip, counted in the order in which they are filled
};

// Which crossbars of a CU a group takes. One object a filling of the chip.
class PlacementPolicy {
 public:
  virtual ~PlacementPolicy() = default;
  // Adds the parts of a group with the crossbars of `mask`; false, and nothing added, when the chip is full.
  virtual bool place(const Part& group, std::vector<Part>& parts) = 0;
};

// `units` CUs of `crossbars` crossbars.
std::unique_ptr<PlacementPolicy> make_per_tile_placement(std::uint64_t units,
                                                         unsigned crossbars);  // a CU for each
std::unique_ptr<PlacementPolicy> make_whole_placement(std::uint64_t units,
                                                      unsigned crossbars);  // groups share CUs
std::unique_ptr<PlacementPolicy> make_dense_placement(std::uint64_t units,
                                                      unsigned crossbars);  // ... and are cut
std::unique_ptr<PlacementPolicy> make_placement(PlacementKind kind, std::uint64_t units, unsigned crossbars);
const char* name(PlacementKind kind);

// Crossbars that are programmed at the same time.
struct Round {
  std::vector<Part> parts;
};

struct Placement {
  PlacementKind kind = PlacementKind::per_tile;  // that was used
  std::vector<Round> rounds;                     // one: all weights stay
  std::uint64_t crossbars = 0;                   // of all parts
  std::uint64_t units = 0;                       // CUs taken, most of all rounds
};

// Places all layers, in order. `automatic` takes the first of per_tile, whole, dense that needs one round,
// else dense. Throws sim::Error (usage) when a layer has crossbars that no CU could hold.
Placement place(const std::vector<const LayerMap*>& layers, const ChipConfig& config);

// `row_group`: inputs whose sums are kept apart (0: all are added): a tile drives its groups of rows one
// after the other, and gives sums for each. The products of a layer on the parts of a round: nothing where
// the round has none of it. `planes` most significant planes are driven; 0 = all.
bool build_work(const std::vector<const LayerMap*>& layers, std::uint32_t layer, const Round& round,
                unsigned planes, const ChipConfig& config, unsigned input_bits, LayerWork& work,
                std::uint32_t row_group = 0);
// What one product takes of a bank's buffer: its inputs and the sums of its blocks.
std::uint64_t buffer_bytes(const BankWork& bank, const ChipConfig& config);
// The writing of a round's crossbars.
ProgramWork build_program(const std::vector<const LayerMap*>& layers, const Round& round,
                          const ChipConfig& config);

// Where a CU is.
unsigned bank_of(std::uint32_t unit, const ChipConfig& config);
unsigned unit_in_bank(std::uint32_t unit, const ChipConfig& config);

}  // namespace sme
