// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cmath>
#include <string>

#include "models/sme/function/kernels.h"
#include "models/sme/function/layer_values.h"
#include "sim/core/error.h"

namespace sme {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw sim::Error(sim::Exit::usage, what); }

// A batch of products with one layer.
class Batch {
 public:
  Batch(const LayerMap& map, const LayerSettings& settings, const StoredBits& bits, const ValueTiles& values,
        unsigned driven, std::int32_t adc_most, const GemvOptions& options, const std::uint8_t* activations,
        std::size_t count, GemvResult& result, const Kernels& kernels)
      : map_(map),
        settings_(settings),
        bits_(bits),
        values_(values),
        driven_(driven),
        adc_most_(adc_most),
        options_(options),
        a_(activations),
        count_(count),
        result_(result),
        kernels_(kernels),
        cycles_(settings.input_bits + map.squeeze_degree),
        groups_(options.group == 0 ? 1 : divide_up(map.inputs, options.group)) {}

  void run();

 private:
  static std::size_t divide_up(std::size_t a, std::size_t b) { return (a + b - 1) / b; }
  void rows(const ValueTile& tile, std::uint32_t first, std::uint32_t last);
  void tile(const ValueTile& tile, std::size_t index, std::size_t group);
  void clip(const ValueTile& tile, const std::uint64_t* words, unsigned cycles, std::int64_t* y);
  void take_offset_off(const ValueTile& tile, const std::int16_t* wide, std::int64_t* y) const;
  void errors();

  const LayerMap& map_;
  const LayerSettings& settings_;
  const StoredBits& bits_;
  const ValueTiles& values_;
  const unsigned driven_;
  const std::int32_t adc_most_;
  const GemvOptions& options_;
  const std::uint8_t* const a_;
  const std::size_t count_;
  GemvResult& result_;
  const Kernels& kernels_;
  const unsigned cycles_;  // of the streams kept: of the most squeezed tile
  const std::size_t groups_;

  // Of the current rows, for every vector.
  unsigned words_ = 0;
  std::size_t padded_ = 0;              // rows, even
  std::vector<std::int16_t> wide_;      // [vector][padded row]
  std::vector<std::uint64_t> streams_;  // [vector][cycle][word]
  // Scratch.
  std::vector<std::int32_t> sums_;
  std::vector<std::int32_t> excess_;
  std::vector<std::int16_t> gathered_;
  std::vector<std::uint64_t> shifted_;
  std::uint8_t active_[kMaxCycles * kMaxRowBytes];
};

// Inputs of the tile's rows [first, last), the others taken as 0.
void Batch::rows(const ValueTile& tile, std::uint32_t first, std::uint32_t last) {
  words_ = tile.words;
  padded_ = tile.pairs * 2;
  wide_.assign(count_ * padded_, 0);
  streams_.resize(count_ * cycles_ * words_);
  std::uint8_t masked[kMaxCrossbarSide] = {};
  for (std::size_t v = 0; v < count_; ++v) {
    const std::uint8_t* a = a_ + v * map_.inputs + tile.block.row0;
    std::copy(a + first, a + last, masked + first);
    std::int16_t* wide = wide_.data() + v * padded_;
    if (options_.signed_inputs) {
      for (std::uint32_t r = first; r < last; ++r) wide[r] = static_cast<std::int8_t>(masked[r]);
    } else {
      for (std::uint32_t r = first; r < last; ++r) wide[r] = masked[r];
    }
    bit_stream(masked, tile.block.rows, words_, settings_.input_bits, cycles_, options_.signed_inputs,
               streams_.data() + v * cycles_ * words_);
  }
}

void Batch::clip(const ValueTile& tile, const std::uint64_t* words, unsigned cycles, std::int64_t* y) {
  ActiveRows active{};
  active.bytes = row_bytes(tile.block.rows);
  unsigned per_row = 0;
  for (const HotCrossbar& hot : tile.hot) per_row = std::max(per_row, hot.most_per_row);
  for (unsigned t = 0; t < cycles; ++t) {
    unsigned ones = 0;
    for (unsigned w = 0; w < words_; ++w)
      ones += static_cast<unsigned>(__builtin_popcountll(words[t * words_ + w]));
    if (ones * per_row <= static_cast<unsigned>(adc_most_)) continue;
    for (unsigned i = 0; i < active.bytes; ++i)
      active_[active.cycles * active.bytes + i] =
          static_cast<std::uint8_t>(words[t * words_ + i / 8] >> (i % 8 * 8));
    active.shift[active.cycles] = static_cast<std::uint8_t>(t);
    active.negative[active.cycles] = options_.signed_inputs && t + 1 == cycles;
    ++active.cycles;
  }
  if (active.cycles == 0) return;
  active.rows = active_;
  HotColumns crossbars[kMaxHot];
  std::uint64_t clips[kMaxHot];
  std::size_t columns = 0;
  for (std::size_t i = 0; i < tile.hot.size(); ++i) {
    const HotCrossbar& hot = tile.hot[i];
    crossbars[i] = {hot.bits.data(), divide_up(hot.columns.size(), kColumnGroup), hot.terms, {}};
    std::copy(hot.coefficient, hot.coefficient + 4, crossbars[i].coefficient);
    columns += crossbars[i].groups * kColumnGroup;
  }
  if (excess_.size() < columns) excess_.resize(columns);
  kernels_.clipped(crossbars, tile.hot.size(), active, adc_most_, excess_.data(), clips);
  const std::int32_t* excess = excess_.data();
  for (std::size_t i = 0; i < tile.hot.size(); excess += crossbars[i++].groups * kColumnGroup) {
    if (clips[i] == 0) continue;
    result_.clips += clips[i];
    const HotCrossbar& hot = tile.hot[i];
    const std::int64_t weight = (hot.negative ? -1 : 1) * (std::int64_t{1} << hot.shift);
    for (std::size_t c = 0; c < hot.columns.size(); ++c) y[hot.columns[c] * groups_] -= weight * excess[c];
  }
}

void Batch::tile(const ValueTile& tile, std::size_t index, std::size_t group) {
  if (tile.weights.empty() && tile.lost.empty() && !settings_.devices.any() && bits_.offset() == 0) return;
  const unsigned cycles = settings_.input_bits + tile.degree;
  const bool noisy = settings_.devices.any();
  std::unique_ptr<NoisyCells> cells;
  if (noisy)
    cells =
        std::make_unique<NoisyCells>(NoisyBlock{&bits_, &map_, &settings_, &tile, index, driven_, adc_most_});
  sums_.resize(tile.columns);
  shifted_.resize(std::size_t{kMaxCycles} * words_);
  std::vector<std::int64_t> noisy_sums(noisy ? tile.block.cols : 0);
  for (std::size_t v = 0; v < count_; ++v) {
    const std::int16_t* wide = wide_.data() + v * padded_;
    const std::size_t at = (v * map_.outputs + tile.block.col0) * groups_ + group;
    std::int64_t* y = result_.y.data() + at;
    std::int64_t* exact = options_.compare ? result_.exact.data() + at : nullptr;
    if (!tile.weights.empty()) {
      kernels_.product(tile.weights.data(), tile.pairs, tile.columns, wide, sums_.data());
      if (!noisy)
        for (std::uint32_t c = 0; c < tile.block.cols; ++c) y[c * groups_] += sums_[c];
      if (exact != nullptr)
        for (std::uint32_t c = 0; c < tile.block.cols; ++c) exact[c * groups_] += sums_[c];
    }
    if (exact != nullptr && !tile.lost.empty()) {
      gathered_.resize(tile.lost_rows.size());
      for (std::size_t i = 0; i < gathered_.size(); ++i) gathered_[i] = wide[tile.lost_rows[i]];
      kernels_.product(tile.lost.data(), gathered_.size() / 2, tile.columns, gathered_.data(), sums_.data());
      for (std::uint32_t c = 0; c < tile.block.cols; ++c) exact[c * groups_] += sums_[c];
    }
    // 2. What the rows see: squeezed rows' bits come later.
    const std::uint64_t* words = streams_.data() + v * cycles_ * words_;
    if (tile.degree > 0) {
      for (unsigned t = 0; t < cycles; ++t)
        for (unsigned w = 0; w < words_; ++w) {
          std::uint64_t rows = 0;
          for (unsigned s = 0; s <= tile.degree && s <= t; ++s)
            rows |= words[(t - s) * words_ + w] & tile.shifted[s * words_ + w];
          shifted_[t * words_ + w] = rows;
        }
      words = shifted_.data();
    }
    for (unsigned i = 0; i < cycles * words_; ++i)
      result_.driven_ones += static_cast<unsigned>(__builtin_popcountll(words[i]));
    if (noisy) {
      result_.clips +=
          cells->product(words, cycles, options_.signed_inputs, options_.noise_stream + v, noisy_sums.data());
      for (std::uint32_t c = 0; c < tile.block.cols; ++c) y[c * groups_] += noisy_sums[c];
      if (bits_.offset() != 0) take_offset_off(tile, wide, y);
    } else if (!tile.hot.empty()) {
      clip(tile, words, cycles, y);
    }
  }
}

void Batch::take_offset_off(const ValueTile& tile, const std::int16_t* wide, std::int64_t* y) const {
  const std::int64_t offset = bits_.offset() >> (bits_.planes() - driven_);
  for (std::uint32_t r = 0; r < tile.block.rows; ++r) {
    if (bits_.diagonal()) {
      y[((tile.block.row0 + r) / bits_.taps() - tile.block.col0) * groups_] -= offset * wide[r];
    } else {
      for (std::uint32_t c = 0; c < tile.block.cols; ++c) y[c * groups_] -= offset * wide[r];
    }
  }
}

void Batch::errors() {
  for (std::size_t i = 0; i < result_.y.size(); ++i) {
    const std::int64_t error = std::abs(result_.y[i] - result_.exact[i]);
    result_.max_abs_error = std::max(result_.max_abs_error, error);
    result_.sum_abs_error += static_cast<double>(error);
    result_.sum_abs_exact += static_cast<double>(std::abs(result_.exact[i]));
  }
  result_.outputs += result_.y.size();
}

void Batch::run() {
  const std::size_t size = count_ * map_.outputs * groups_;
  result_.y.assign(size, 0);
  result_.exact.assign(options_.compare ? size : 0, 0);
  result_.conversions += values_.conversions * count_;
  // Rows that are never driven give nothing, unless cells leak or are read with noise.
  const std::uint8_t* const end = a_ + count_ * map_.inputs;
  if (!settings_.devices.any() && std::all_of(a_, end, [](std::uint8_t a) { return a == 0; })) {
    if (options_.compare) errors();
    return;
  }
  const std::uint32_t group = options_.group;
  for (std::size_t first = 0; first < values_.tiles.size();) {
    // Tiles beside each other share their rows.
    const Block& block = values_.tiles[first].block;
    std::size_t last = first + 1;
    while (last < values_.tiles.size() && values_.tiles[last].block.row0 == block.row0) ++last;
    const std::uint32_t step = group == 0 || group >= block.rows ? block.rows : group;
    for (std::uint32_t row = 0; row < block.rows; row += step) {
      rows(values_.tiles[first], row, std::min(row + step, block.rows));
      for (std::size_t i = first; i < last; ++i)
        tile(values_.tiles[i], i, group == 0 ? 0 : (block.row0 + row) / group);
    }
    first = last;
  }
  if (options_.compare) errors();
}

}  // namespace

void Layer::gemv(const std::uint8_t* activations, std::size_t count, const GemvOptions& options,
                 GemvResult& result, workload::SimdLevel level) const {
  if (!values_) refuse(map_.name + ": mapped without values");
  const CodedMatrix& matrix = values_->matrix;
  const unsigned driven = options.planes_driven == 0 ? matrix.planes : options.planes_driven;
  const StoredBits bits(matrix, map_.sign, values_->diagonal);
  const unsigned stored = driven + (bits.offset() != 0 ? 1 : 0);
  if (driven > matrix.planes)
    refuse(map_.name + ": " + std::to_string(driven) + " planes to drive, there are " +
           std::to_string(matrix.planes));
  if (driven < matrix.planes && stored % map_.crossbar.cell_bits != 0)
    refuse(map_.name + ": cells of " + std::to_string(map_.crossbar.cell_bits) + " bits cannot drive " +
           std::to_string(stored) + " planes alone; use crossbar.cell_bits: 1");
  const unsigned side = map_.crossbar.rows;
  if (options.group != 0 && (values_->diagonal || (options.group % side != 0 && side % options.group != 0)))
    refuse(map_.name + ": groups of " + std::to_string(options.group) + " inputs do not fit crossbars of " +
           std::to_string(side) + " rows");
  if (settings_.input_bits < 8) {
    const int low = options.signed_inputs ? -(1 << (settings_.input_bits - 1)) : 0;
    const int high = options.signed_inputs ? -low - 1 : (1 << settings_.input_bits) - 1;
    for (std::size_t i = 0; i < count * map_.inputs; ++i) {
      const int a = options.signed_inputs ? static_cast<std::int8_t>(activations[i]) : activations[i];
      if (a < low || a > high)
        refuse(map_.name + ": activation " + std::to_string(a) + " does not fit " +
               std::to_string(settings_.input_bits) + " bits");
    }
  }
  const std::int32_t adc_most = static_cast<std::int32_t>((1u << adc_bits_) - 1);
  std::unique_ptr<ValueTiles>& tiles = values_->driven[driven];
  if (!tiles) tiles = std::make_unique<ValueTiles>(build_values(bits, map_, settings_, driven, adc_most));
  Batch(map_, settings_, bits, *tiles, stored, adc_most, options, activations, count, result, kernels(level))
      .run();
}

void Layer::exact(const std::uint8_t* activations, std::size_t count, const GemvOptions& options,
                  std::vector<std::int64_t>& exact) const {
  if (!values_) refuse(map_.name + ": mapped without values");
  const CodedMatrix& matrix = values_->matrix;
  const unsigned driven = options.planes_driven == 0 ? matrix.planes : options.planes_driven;
  const unsigned cut = matrix.planes - driven;
  const std::size_t groups = options.group == 0 ? 1 : (map_.inputs + options.group - 1) / options.group;
  exact.assign(count * map_.outputs * groups, 0);
  for (std::size_t v = 0; v < count; ++v)
    for (std::uint32_t r = 0; r < map_.inputs; ++r) {
      const std::uint8_t byte = activations[v * map_.inputs + r];
      const std::int64_t a = options.signed_inputs ? static_cast<std::int8_t>(byte) : byte;
      if (a == 0) continue;
      const std::size_t group = options.group == 0 ? 0 : r / options.group;
      const std::uint32_t begin = values_->diagonal ? r / matrix.inputs : 0;
      const std::uint32_t end = values_->diagonal ? begin + 1 : matrix.outputs;
      const std::uint32_t row = values_->diagonal ? r % matrix.inputs : r;
      for (std::uint32_t c = begin; c < end; ++c) {
        const int code = matrix.codes[std::size_t{row} * matrix.outputs + c];
        int w = code < 0 ? -(-code >> cut) : code >> cut;
        if (map_.sign == SignMode::offset)
          w = ((code + (1 << matrix.planes)) >> cut) - ((1 << matrix.planes) >> cut);
        exact[(v * map_.outputs + c) * groups + group] += a * w;
      }
    }
}

}  // namespace sme
