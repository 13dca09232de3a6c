// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/layer_values.h"

#include <algorithm>
#include <cstring>

#include "models/sme/function/tile_bits.h"

namespace sme {
namespace {

struct Builder {
  const StoredBits& bits;
  const LayerSettings& settings;
  unsigned stored_driven;  // stored planes driven
  unsigned cut;            // planes that are not
  std::int32_t adc_most;
  unsigned cell_bits;
  bool signed_cells;

  std::vector<std::uint16_t> held[2];  // [row][column] of a set, squeezed and cut
  std::vector<std::int16_t> codes;     // [row][column]

  void read(const Block& block, const std::vector<std::uint8_t>& shifts);
  void dense(ValueTile& tile, const std::vector<std::uint8_t>& shifts);
  void hot(ValueTile& tile, unsigned set, unsigned cell);
};

void Builder::read(const Block& block, const std::vector<std::uint8_t>& shifts) {
  const std::size_t size = std::size_t{block.rows} * block.cols;
  codes.resize(size);
  for (unsigned set = 0; set < bits.sets(); ++set) held[set].resize(size);
  for (std::uint32_t r = 0; r < block.rows; ++r) {
    bits.read_codes(block.row0 + r, block.col0, block.cols, codes.data() + std::size_t{r} * block.cols);
    const unsigned right = shifts[r];
    for (unsigned set = 0; set < bits.sets(); ++set) {
      std::uint16_t* row = held[set].data() + std::size_t{r} * block.cols;
      bits.read(set, block.row0 + r, block.col0, block.cols, row);
      if (right + cut > 0)
        for (std::uint32_t c = 0; c < block.cols; ++c)
          row[c] = static_cast<std::uint16_t>(row[c] >> right >> cut);
    }
  }
}

void Builder::dense(ValueTile& tile, const std::vector<std::uint8_t>& shifts) {
  const Block& block = tile.block;
  tile.pairs = (block.rows + 1) / 2;
  tile.columns = (block.cols + kColumnPad - 1) / kColumnPad * kColumnPad;
  std::vector<std::int16_t> row(block.cols);
  std::vector<std::int16_t> lost;  // [lost row][column]
  bool any = false;
  std::vector<std::int16_t> weights(tile.pairs * tile.columns * 2, 0);
  const int offset = bits.offset();
  for (std::uint32_t r = 0; r < block.rows; ++r) {
    const std::int16_t* code = codes.data() + std::size_t{r} * block.cols;
    const std::uint16_t* first = held[0].data() + std::size_t{r} * block.cols;
    const std::uint16_t* second = bits.sets() > 1 ? held[1].data() + std::size_t{r} * block.cols : nullptr;
    std::int16_t* to = weights.data() + (std::size_t{r} / 2 * tile.columns) * 2 + r % 2;
    bool loses = false;
    for (std::uint32_t c = 0; c < block.cols; ++c) {
      int w = first[c] << shifts[r];
      if (second != nullptr) w -= second[c] << shifts[r];
      if (signed_cells && code[c] < 0) w = -w;
      int whole = code[c] < 0 ? -(-code[c] >> cut) : code[c] >> cut;
      if (offset != 0) {
        const bool programmed = !bits.diagonal() || (block.row0 + r) / bits.taps() == block.col0 + c;
        w -= programmed ? offset >> cut : 0;
        whole = programmed ? ((code[c] + offset) >> cut) - (offset >> cut) : 0;
      }
      row[c] = static_cast<std::int16_t>(whole - w);
      loses = loses || row[c] != 0;
      any = any || w != 0;
      to[2 * std::size_t{c}] = static_cast<std::int16_t>(w);
    }
    if (!loses) continue;
    tile.lost_rows.push_back(static_cast<std::uint16_t>(r));
    lost.insert(lost.end(), row.begin(), row.end());
  }
  if (any) tile.weights = std::move(weights);
  if (tile.lost_rows.empty()) return;
  const std::size_t count = tile.lost_rows.size();
  if (count % 2 == 1) tile.lost_rows.push_back(tile.lost_rows.back());  // with weights of 0
  tile.lost.assign(tile.lost_rows.size() * tile.columns, 0);
  for (std::size_t i = 0; i < count; ++i)
    for (std::uint32_t c = 0; c < block.cols; ++c)
      tile.lost[(i / 2 * tile.columns + c) * 2 + i % 2] = lost[i * block.cols + c];
}

void Builder::hot(ValueTile& tile, unsigned set, unsigned cell) {
  const Block& block = tile.block;
  const unsigned first = cell * cell_bits, last = std::min(first + cell_bits, stored_driven);  // planes - 1
  const unsigned low = stored_driven - last;  // bit of the cell's last plane in held[]
  const unsigned mask = (1u << (last - first)) - 1;
  std::vector<std::uint32_t> sums[2];
  for (auto& s : sums) s.assign(block.cols, 0);
  for (std::uint32_t r = 0; r < block.rows; ++r) {
    const std::uint16_t* row = held[set].data() + std::size_t{r} * block.cols;
    const std::int16_t* code = codes.data() + std::size_t{r} * block.cols;
    if (signed_cells) {
      for (std::uint32_t c = 0; c < block.cols; ++c) sums[code[c] < 0][c] += row[c] >> low & mask;
    } else {
      for (std::uint32_t c = 0; c < block.cols; ++c) sums[0][c] += row[c] >> low & mask;
    }
  }
  HotCrossbar hot;
  for (std::uint32_t c = 0; c < block.cols; ++c)
    if (std::max(sums[0][c], sums[1][c]) > static_cast<std::uint32_t>(adc_most))
      hot.columns.push_back(static_cast<std::uint16_t>(c));
  if (hot.columns.empty()) return;
  hot.shift = low;
  hot.negative = set == 1;
  hot.most_per_row = mask;
  hot.terms = 0;
  bool negative = false;
  for (const std::uint16_t c : hot.columns) negative = negative || sums[1][c] > 0;
  for (unsigned sign = 0; sign < (negative ? 2u : 1u); ++sign)
    for (unsigned bit = 0; bit < last - first; ++bit)
      hot.coefficient[hot.terms++] = (sign == 0 ? 1 : -1) * (1 << bit);
  const std::size_t groups = (hot.columns.size() + kColumnGroup - 1) / kColumnGroup;
  const unsigned bytes = row_bytes(block.rows);
  hot.bits.assign(groups * hot.terms * bytes * kColumnGroup, 0);
  for (std::size_t i = 0; i < hot.columns.size(); ++i) {
    const std::uint32_t c = hot.columns[i];
    for (std::uint32_t r = 0; r < block.rows; ++r) {
      const std::size_t at = std::size_t{r} * block.cols + c;
      const unsigned value = held[set][at] >> low & mask;
      if (value == 0) continue;
      const unsigned sign = signed_cells && codes[at] < 0 ? hot.terms / 2 : 0;
      for (unsigned bit = 0; bit < last - first; ++bit)
        if (value >> bit & 1)
          hot.bits[((i / kColumnGroup * hot.terms + sign + bit) * bytes + r / 8) * kColumnGroup +
                   i % kColumnGroup] |= static_cast<std::uint8_t>(1u << (r % 8));
    }
  }
  tile.hot.push_back(std::move(hot));
}

// ADC conversions of one product: every column in use of every crossbar that is there and driven, every input
// cycle.
std::uint64_t conversions(const LayerMap& map, unsigned stored_driven, unsigned input_bits) {
  const unsigned cell_bits = map.crossbar.cell_bits;
  const unsigned cells = (map.planes + cell_bits - 1) / cell_bits;
  const unsigned driven_cells = (stored_driven + cell_bits - 1) / cell_bits;
  std::uint64_t sum = 0, x = 0;
  std::uint32_t row0 = 0;
  for (const TileMap& tile : map.tiles) {
    std::uint64_t columns = 0;
    if (map.conventional) {
      // Bit columns of an output whose planes are driven; a tile may begin within an output.
      if (tile.row0 != row0) x = 0;
      row0 = tile.row0;
      for (std::uint32_t i = 0; i < tile.bit_columns; ++i, ++x) columns += x % cells < driven_cells ? 1 : 0;
      columns *= static_cast<unsigned>(tile.crossbars());
    } else {
      for (const SetMap& set : tile.sets)
        columns += static_cast<unsigned>(__builtin_popcount(set.crossbars & ((1u << driven_cells) - 1))) *
                   std::uint64_t{tile.bit_columns};
    }
    sum += columns * (input_bits + tile.degree);
  }
  return sum;
}

}  // namespace

std::size_t ValueTiles::bytes() const {
  std::size_t sum = 0;
  for (const ValueTile& tile : tiles) {
    sum += sizeof tile + 2 * (tile.weights.size() + tile.lost_rows.size() + tile.lost.size()) +
           8 * tile.shifted.size();
    for (const HotCrossbar& hot : tile.hot) sum += sizeof hot + hot.bits.size() + 2 * hot.columns.size();
  }
  return sum;
}

ValueTiles build_values(const StoredBits& bits, const LayerMap& map, const LayerSettings& settings,
                        unsigned driven, std::int32_t adc_most) {
  Builder builder{bits,
                  settings,
                  driven + (bits.offset() != 0 ? 1u : 0u),
                  map.magnitude_bits - driven,
                  adc_most,
                  map.crossbar.cell_bits,
                  map.sign == SignMode::magnitude,
                  {},
                  {}};
  ValueTiles values;
  for (const Block& block : blocks(bits, map.crossbar)) {
    ValueTile tile;
    tile.block = block;
    tile.words = (block.rows + 63) / 64;
    const std::vector<std::uint8_t> shifts = row_shifts(bits, block, map.squeeze_degree);
    tile.degree = *std::max_element(shifts.begin(), shifts.end());
    if (tile.degree > 0) {
      tile.shifted.assign(std::size_t{tile.degree + 1} * tile.words, 0);
      for (std::uint32_t r = 0; r < block.rows; ++r)
        tile.shifted[shifts[r] * tile.words + r / 64] |= std::uint64_t{1} << (r % 64);
    }
    builder.read(block, shifts);
    builder.dense(tile, shifts);
    const unsigned cells = (builder.stored_driven + builder.cell_bits - 1) / builder.cell_bits;
    if (block.rows * ((1u << builder.cell_bits) - 1) > static_cast<unsigned>(adc_most))
      for (unsigned set = 0; set < bits.sets(); ++set)
        for (unsigned cell = 0; cell < cells; ++cell) builder.hot(tile, set, cell);
    values.tiles.push_back(std::move(tile));
  }
  values.conversions = conversions(map, builder.stored_driven, settings.input_bits);
  return values;
}

void bit_stream(const std::uint8_t* a, std::uint32_t rows, unsigned words, unsigned bits, unsigned cycles,
                bool is_signed, std::uint64_t* out) {
  std::memset(out, 0, sizeof(std::uint64_t) * cycles * words);
  for (std::uint32_t r = 0; r < rows; r += 8) {
    std::uint64_t eight = 0;
    for (std::uint32_t i = 0; i < 8 && r + i < rows; ++i) eight |= std::uint64_t{a[r + i]} << (8 * i);
    if (eight == 0) continue;
    for (unsigned t = 0; t < bits; ++t) {
      // One bit of each of eight bytes, gathered by a multiplication without carries into each other.
      const std::uint64_t byte = ((eight >> t & 0x0101010101010101) * 0x0102040810204080) >> 56;
      out[t * words + r / 64] |= byte << (r % 64);
    }
  }
  if (is_signed)
    for (unsigned t = bits; t < cycles; ++t)
      std::memcpy(out + t * words, out + (bits - 1) * words, sizeof(std::uint64_t) * words);
}

}  // namespace sme
