// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>

#include "models/sme/function/mappings.h"
#include "models/sme/function/squeeze.h"
#include "models/sme/function/tile_bits.h"

namespace sme {

std::uint64_t place_statistics(const TileStatistics& statistics, const MappingSettings& settings,
                               LayerMap& map) {
  const unsigned planes = statistics.planes, degree = settings.squeeze_degree;
  std::uint64_t zero = 0;
  const std::size_t all = std::size_t{map.tile_rows} * map.tile_cols;
  for (std::size_t t = 0; t < all; ++t) {
    // Tiles between the sampled ones are taken to be like the one before them.
    const TileStatistics::Tile& from = statistics.tiles[t / statistics.stride];
    TileMap tile;
    tile.row0 = static_cast<std::uint32_t>(t / map.tile_cols) * settings.crossbar.rows;
    tile.rows = std::min(settings.crossbar.rows, map.inputs - tile.row0);
    tile.col0 = static_cast<std::uint32_t>(t % map.tile_cols) * settings.crossbar.cols;
    tile.cols = tile.bit_columns = std::min(settings.crossbar.cols, map.outputs - tile.col0);
    for (unsigned p = 1; p <= planes; ++p) {
      const unsigned shift = row_shift(p, degree);
      if (shift == 0 || from.rows_by_leading[p - 1] == 0) continue;
      tile.degree = std::max(tile.degree, shift);
      tile.squeezed_rows += from.rows_by_leading[p - 1];
    }
    if (tile.degree > 0) tile.rcmr_bits = tile.rows * rcmr_bits_per_row(degree);
    SetMap& held = tile.sets[0];
    std::uint32_t rows = 0;
    for (unsigned p = 0; p < planes; ++p) {
      rows += from.rows_by_leading[p];
      map.before[p].ones += from.ones[p];
      map.before[p].rows +=
          std::min(rows, from.ones[p]);  // at most: rows that lead above may have a one here
      zero += from.ones[p] == 0 ? 1 : 0;
      // Ones may come from up to `degree` planes above; planes that every one leaves are free for sure.
      if (tile.degree > 0 && p < degree) continue;
      bool any = from.ones[p] > 0;
      for (unsigned shift = 1; shift <= tile.degree && shift <= p; ++shift)
        any = any || from.ones[p - shift] > 0;
      held.use[p] = {from.ones[p], std::min(rows, from.ones[p])};
      if (any || !settings.release_empty) held.planes = static_cast<std::uint16_t>(held.planes | 1u << p);
    }
    held.crossbars = crossbar_mask(held.planes, settings.crossbar.cell_bits);
    map.tiles.push_back(tile);
  }
  return zero;
}

}  // namespace sme
