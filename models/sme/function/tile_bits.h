// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/sme/function/layer_map.h"
#include "models/sme/function/stored_bits.h"

namespace sme {

// The tile that a block becomes with one plane a crossbar and squeeze degree D; what it held before
// squeezing, sign sets together, is added to `before`, crossbars that had no ones to `zero`.
TileMap sliced_tile(const StoredBits& bits, const Block& block, unsigned degree, const CrossbarShape& shape,
                    bool release_empty, std::array<PlaneUse, kMaxPlanes>& before, std::uint64_t& zero);

// Shifts s_r of the block's rows.
std::vector<std::uint8_t> row_shifts(const StoredBits& bits, const Block& block, unsigned degree);

// Crossbars of MLC or SLC cells that hold planes.
std::uint16_t crossbar_mask(std::uint16_t planes, unsigned cell_bits);

// Gives tiles their slots: with `pack`, first fit of bit_columns into crossbars of `cols`. Sets slots and
// crossbars.
void assign_slots(LayerMap& map, bool pack);

}  // namespace sme
