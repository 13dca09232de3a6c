// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cmath>

#include "models/sme/function/layer_values.h"
#include "models/sme/function/random.h"

namespace sme {
namespace {

std::uint64_t name_hash(const std::string& name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

NoisyCells::NoisyCells(const NoisyBlock& block) : block_(block) {
  const DeviceEffects& effects = block.settings->devices;
  const StoredBits& bits = *block.bits;
  const Block& place = block.tile->block;
  const unsigned cell_bits = block.map->crossbar.cell_bits;
  const unsigned levels = (1u << cell_bits) - 1;
  const bool signed_cells = block.map->sign == SignMode::magnitude;
  const float off = effects.on_off_ratio > 0 ? static_cast<float>(levels / effects.on_off_ratio) : 0;
  off_current_ = off;
  const float step = (static_cast<float>(levels) - off) / static_cast<float>(levels);
  const unsigned cut = bits.planes() - block.driven;
  const std::uint64_t layer = mix(effects.seed ^ name_hash(block.map->name));
  std::vector<std::uint16_t> numbers(place.cols);
  std::vector<std::int16_t> codes(place.cols);
  for (unsigned set = 0; set < bits.sets(); ++set)
    for (unsigned cell = 0; cell * cell_bits < block.driven; ++cell) {
      const unsigned first = cell * cell_bits, last = std::min(first + cell_bits, block.driven);
      Crossbar crossbar{set, cell, block.driven - last,
                        std::vector<float>(std::size_t{place.rows} * place.cols)};
      for (std::uint32_t r = 0; r < place.rows; ++r) {
        unsigned right = 0;
        for (unsigned s = 1; s <= block.tile->degree; ++s)
          if (block.tile->shifted[s * block.tile->words + r / 64] >> (r % 64) & 1) right = s;
        bits.read(set, place.row0 + r, place.col0, place.cols, numbers.data());
        bits.read_codes(place.row0 + r, place.col0, place.cols, codes.data());
        for (std::uint32_t c = 0; c < place.cols; ++c) {
          unsigned level = numbers[c] >> right >> cut >> crossbar.shift & ((1u << (last - first)) - 1);
          Random random(mix(layer ^ (block.index << 40 | std::uint64_t{set} << 36 |
                                     std::uint64_t{cell} << 32 | std::uint64_t{r} << 16 | c)));
          const double place_in_share = random.uniform();
          if (place_in_share < effects.stuck_at_0) level = 0;
          if (place_in_share > 1 - effects.stuck_at_1) level = levels;
          float current = off + step * static_cast<float>(level);
          if (effects.variation > 0)
            current *= static_cast<float>(std::exp(effects.variation * random.normal()));
          if (signed_cells && codes[c] < 0)
            current = 2 * off - current;  // about the current that is taken off
          crossbar.cells[std::size_t{r} * place.cols + c] = current;
        }
      }
      crossbars_.push_back(std::move(crossbar));
    }
}

std::uint64_t NoisyCells::product(const std::uint64_t* rows, unsigned cycles, bool is_signed,
                                  std::uint64_t noise_stream, std::int64_t* y) const {
  const DeviceEffects& effects = block_.settings->devices;
  const CrossbarShape& shape = block_.map->crossbar;
  const Block& place = block_.tile->block;
  const unsigned words = block_.tile->words;
  const bool signed_cells = block_.map->sign == SignMode::magnitude;
  const double levels = (1u << shape.cell_bits) - 1;
  const double step = (levels - off_current_) / levels;
  std::fill(y, y + place.cols, std::int64_t{0});
  std::vector<float> sums(place.cols);
  std::uint64_t clips = 0;
  Random noise(mix(effects.seed * 0x9e3779b97f4a7c15 ^ mix(noise_stream) ^ mix(block_.index + 1)) ^
               name_hash(block_.map->name));
  for (unsigned t = 0; t < cycles; ++t) {
    const std::int64_t weight = (is_signed && t + 1 == cycles ? -1 : 1) * (std::int64_t{1} << t);
    unsigned driven = 0;
    for (unsigned w = 0; w < words; ++w)
      driven += static_cast<unsigned>(__builtin_popcountll(rows[t * words + w]));
    const double drop = effects.ir_drop / 2 * driven / shape.rows;
    for (const Crossbar& crossbar : crossbars_) {
      std::fill(sums.begin(), sums.end(), 0.0F);
      for (std::uint32_t r = 0; r < place.rows; ++r) {
        if ((rows[t * words + r / 64] >> (r % 64) & 1) == 0) continue;
        const float* cells = crossbar.cells.data() + std::size_t{r} * place.cols;
        const float row_keeps = static_cast<float>(1 - drop * r / shape.rows);
        const float column_loss = static_cast<float>(drop / shape.cols);
        for (std::uint32_t c = 0; c < place.cols; ++c)
          sums[c] += cells[c] * (row_keeps - column_loss * static_cast<float>(c));
      }
      const std::int64_t part = weight * (crossbar.set == 1 ? -1 : 1) * (std::int64_t{1} << crossbar.shift);
      for (std::uint32_t c = 0; c < place.cols; ++c) {
        double current = (static_cast<double>(sums[c]) - off_current_ * static_cast<double>(driven)) / step;
        if (effects.read_noise > 0) current += effects.read_noise * noise.normal();
        double code = std::nearbyint(current);
        const double low = signed_cells ? -block_.adc_most : 0;
        if (code > block_.adc_most || code < -static_cast<double>(block_.adc_most)) ++clips;
        code = std::min(std::max(code, low), static_cast<double>(block_.adc_most));
        y[c] += part * static_cast<std::int64_t>(code);
      }
    }
  }
  return clips;
}

}  // namespace sme
