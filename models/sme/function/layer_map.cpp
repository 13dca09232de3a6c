// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/layer_map.h"

namespace sme {

unsigned TileMap::crossbars() const {
  return static_cast<unsigned>(__builtin_popcount(sets[0].crossbars) + __builtin_popcount(sets[1].crossbars));
}

unsigned TileMap::planes_held() const {
  return static_cast<unsigned>(__builtin_popcount(sets[0].planes) + __builtin_popcount(sets[1].planes));
}

void CrossbarCounts::add(const CrossbarCounts& other) {
  conventional += other.conventional;
  bit_sliced += other.bit_sliced;
  zero += other.zero;
  used += other.used;
  packed += other.packed;
  for (unsigned p = 0; p < kMaxPlanes; ++p) used_by_plane[p] += other.used_by_plane[p];
}

double LayerMap::empty_row_share(unsigned plane) const {
  if (tile_row_slots == 0 || plane == 0 || plane > kMaxPlanes) return 0;
  return 1.0 - static_cast<double>(before[plane - 1].rows) / static_cast<double>(tile_row_slots);
}

double LayerMap::bit_sparsity() const {
  std::uint64_t ones = 0, bits = 0;
  for (const TileMap& tile : tiles) {
    bits += std::uint64_t{tile.rows} * tile.cols * planes * sign_sets;
    for (const SetMap& set : tile.sets)
      for (const PlaneUse& use : set.use) ones += use.ones;
  }
  return bits == 0 ? 0 : 1.0 - static_cast<double>(ones) / static_cast<double>(bits);
}

}  // namespace sme
