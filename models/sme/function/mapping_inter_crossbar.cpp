// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>

#include "models/sme/function/mappings.h"
#include "models/sme/function/tile_bits.h"

namespace sme {
namespace {

class InterCrossbar final : public MappingPolicy {
 public:
  void place(const StoredBits& bits, const MappingSettings& settings, LayerMap& map) const override {
    std::array<PlaneUse, kMaxPlanes> before{};
    std::uint64_t zero = 0;
    const std::vector<Block> all = blocks(bits, settings.crossbar);
    map.tile_cols = 0;
    for (const Block& block : all) {
      map.tiles.push_back(sliced_tile(bits, block, settings.squeeze_degree, settings.crossbar,
                                      settings.release_empty, before, zero));
      map.tile_cols += block.row0 == 0 ? 1 : 0;
    }
    map.tile_rows = static_cast<std::uint32_t>(all.size()) / map.tile_cols;
  }
};

}  // namespace

std::unique_ptr<MappingPolicy> make_inter_crossbar_mapping() { return std::make_unique<InterCrossbar>(); }

}  // namespace sme
