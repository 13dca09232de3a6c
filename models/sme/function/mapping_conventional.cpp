// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>

#include "models/sme/function/mappings.h"

namespace sme {
namespace {

// The cells of a number lie side by side: bit column x of a sign set holds cell x mod n of output x div n, n
// cells a number. Crossbar j takes bit columns [j * cols, (j + 1) * cols): a number may be cut.
class Conventional final : public MappingPolicy {
 public:
  void place(const StoredBits& bits, const MappingSettings& settings, LayerMap& map) const override {
    const unsigned cells = (bits.planes() + settings.crossbar.cell_bits - 1) / settings.crossbar.cell_bits;
    map.tile_cols = 0;
    if (bits.diagonal()) {
      const std::uint32_t channels =
          std::max(1u, std::min(settings.crossbar.rows / bits.taps(), settings.crossbar.cols / cells));
      for (std::uint32_t c = 0; c < bits.cols(); c += channels) {
        const std::uint32_t n = std::min(channels, bits.cols() - c);
        add(bits, settings, map, {c * bits.taps(), n * bits.taps(), 0, 0}, c * cells, (c + n) * cells);
      }
      map.tile_cols = 1;
    } else {
      for (std::uint32_t row = 0; row < bits.rows(); row += settings.crossbar.rows) {
        const std::uint32_t rows = std::min(settings.crossbar.rows, bits.rows() - row);
        const std::uint32_t columns = bits.cols() * cells;
        for (std::uint32_t x = 0; x < columns; x += settings.crossbar.cols)
          add(bits, settings, map, {row, rows, 0, 0}, x, std::min(columns, x + settings.crossbar.cols));
      }
      map.tile_cols = (bits.cols() * cells + settings.crossbar.cols - 1) / settings.crossbar.cols;
    }
    map.tile_rows = static_cast<std::uint32_t>(map.tiles.size()) / map.tile_cols;
  }

 private:
  // One crossbar of bit columns [begin, end).
  static void add(const StoredBits& bits, const MappingSettings& settings, LayerMap& map, Block block,
                  std::uint32_t begin, std::uint32_t end) {
    const unsigned cell_bits = settings.crossbar.cell_bits;
    const unsigned cells = (bits.planes() + cell_bits - 1) / cell_bits;
    TileMap tile;
    tile.row0 = block.row0;
    tile.rows = block.rows;
    tile.col0 = begin / cells;
    tile.cols = (end - 1) / cells + 1 - tile.col0;
    tile.bit_columns = end - begin;
    std::uint16_t numbers[kMaxCrossbarSide];
    for (unsigned set = 0; set < bits.sets(); ++set) {
      SetMap& held = tile.sets[set];
      for (std::uint32_t r = 0; r < tile.rows; ++r) {
        bits.read(set, tile.row0 + r, tile.col0, tile.cols, numbers);
        std::uint16_t any = 0;
        for (std::uint32_t x = begin; x < end; ++x) {
          const unsigned number = numbers[x / cells - tile.col0];
          for (unsigned p = x % cells * cell_bits; p < bits.planes() && p < (x % cells + 1) * cell_bits;
               ++p) {
            if ((number >> (bits.planes() - 1 - p) & 1) == 0) continue;
            ++held.use[p].ones;
            any = static_cast<std::uint16_t>(any | 1u << p);
          }
        }
        for (unsigned p = 0; p < bits.planes(); ++p) held.use[p].rows += any >> p & 1;
      }
      for (unsigned p = 0; p < bits.planes(); ++p)
        if (held.use[p].ones > 0) held.planes = static_cast<std::uint16_t>(held.planes | 1u << p);
      if (!settings.release_empty) held.planes = static_cast<std::uint16_t>((1u << bits.planes()) - 1);
      held.crossbars = held.planes != 0 ? 1 : 0;
    }
    map.tiles.push_back(tile);
  }
};

}  // namespace

std::unique_ptr<MappingPolicy> make_conventional_mapping() { return std::make_unique<Conventional>(); }

}  // namespace sme
