// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

#include "models/sme/function/layer.h"

namespace test_support {

/// The crossbars of a dense matrix, built and read as the paper describes it, cell by cell and cycle by
/// cycle: the slow oracle of Layer. Squeezing is done step by step, on the bits.
class SmeReference {
 public:
  SmeReference(const sme::CodedMatrix& matrix, const sme::LayerSettings& settings)
      : matrix_(matrix),
        settings_(settings),
        offset_(settings.mapping.sign == sme::SignMode::offset),
        planes_(matrix.planes + (offset_ ? 1 : 0)) {}

  struct Result {
    std::vector<std::int64_t> y;  // [output][group]
    std::uint64_t clips = 0;
    std::uint64_t crossbars = 0;  // with a one
  };

  Result gemv(const std::uint8_t* a, bool is_signed, unsigned driven = 0, std::uint32_t group = 0) const {
    const auto& shape = settings_.mapping.crossbar;
    if (driven == 0) driven = matrix_.planes;
    const unsigned stored = driven + (offset_ ? 1 : 0);
    const std::uint32_t groups = group == 0 ? 1 : (matrix_.inputs + group - 1) / group;
    Result result;
    result.y.assign(std::size_t{matrix_.outputs} * groups, 0);
    for (std::uint32_t row0 = 0; row0 < matrix_.inputs; row0 += shape.rows)
      for (std::uint32_t col0 = 0; col0 < matrix_.outputs; col0 += shape.cols) {
        const Tile tile = squeezed(row0, std::min(shape.rows, matrix_.inputs - row0), col0,
                                   std::min(shape.cols, matrix_.outputs - col0));
        for (const auto& set : tile.bits)
          for (unsigned cell = 0; cell < planes_; cell += shape.cell_bits) {
            bool any = false;
            for (unsigned p = cell; p < planes_ && p < cell + shape.cell_bits; ++p)
              any = any || std::find(set[p].begin(), set[p].end(), 1) != set[p].end();
            result.crossbars += any ? 1 : 0;
          }
        const std::uint32_t step = group == 0 ? shape.rows : std::min(group, shape.rows);
        for (std::uint32_t first = 0; first < tile.rows; first += step)
          read(tile, a, is_signed, stored, first, std::min(first + step, tile.rows),
               group == 0 ? 0 : (row0 + first) / group, groups, result);
      }
    return result;
  }

  /// sum of code * a, codes cut towards zero (offset: down) to `driven` planes.
  std::vector<std::int64_t> exact(const std::uint8_t* a, bool is_signed, unsigned driven = 0) const {
    const int cut = 1 << (driven == 0 ? 0 : matrix_.planes - driven);
    std::vector<std::int64_t> y(matrix_.outputs, 0);
    for (std::uint32_t r = 0; r < matrix_.inputs; ++r)
      for (std::uint32_t c = 0; c < matrix_.outputs; ++c) {
        const int code = matrix_.codes[std::size_t{r} * matrix_.outputs + c];
        const int down = code >= 0 ? code / cut : -((-code + cut - 1) / cut);
        y[c] +=
            std::int64_t{offset_ ? down : code / cut} * (is_signed ? static_cast<std::int8_t>(a[r]) : a[r]);
      }
    return y;
  }

 private:
  struct Tile {
    std::uint32_t row0, rows, col0, cols;
    std::vector<std::vector<std::vector<std::uint8_t>>> bits;  // [set][plane - 1][row * cols + col]
    std::vector<unsigned> doubled;                             // times, by row
    unsigned degree;
  };

  Tile squeezed(std::uint32_t row0, std::uint32_t rows, std::uint32_t col0, std::uint32_t cols) const {
    const unsigned sets = settings_.mapping.sign == sme::SignMode::differential ? 2 : 1;
    Tile tile{row0, rows, col0, cols, {}, std::vector<unsigned>(rows, 0), 0};
    tile.bits.assign(sets, {});
    for (unsigned set = 0; set < sets; ++set)
      for (unsigned p = 0; p < planes_; ++p) {
        tile.bits[set].emplace_back(std::size_t{rows} * cols, std::uint8_t{0});
        for (std::uint32_t r = 0; r < rows; ++r)
          for (std::uint32_t c = 0; c < cols; ++c) {
            int number = code(row0 + r, col0 + c);
            if (offset_) number += 1 << matrix_.planes;
            if (sets == 2 && (number < 0) != (set == 1)) number = 0;
            tile.bits[set][p][std::size_t{r} * cols + c] = std::abs(number) >> (planes_ - 1 - p) & 1;
          }
      }
    for (unsigned step = 0; step < settings_.mapping.squeeze_degree && step < planes_; ++step)
      for (std::uint32_t r = 0; r < rows; ++r) {
        bool one = false;
        for (const auto& set : tile.bits)
          for (std::uint32_t c = 0; c < cols; ++c) one = one || set[step][std::size_t{r} * cols + c] != 0;
        if (!one) continue;
        for (auto& set : tile.bits)
          for (std::uint32_t c = 0; c < cols; ++c) {
            for (unsigned p = planes_ - 1; p > step; --p)
              set[p][std::size_t{r} * cols + c] = set[p - 1][std::size_t{r} * cols + c];
            set[step][std::size_t{r} * cols + c] = 0;
          }
        tile.degree = std::max(tile.degree, ++tile.doubled[r]);
      }
    return tile;
  }

  int code(std::uint32_t r, std::uint32_t c) const {
    return matrix_.codes[std::size_t{r} * matrix_.outputs + c];
  }

  void read(const Tile& tile, const std::uint8_t* a, bool is_signed, unsigned stored, std::uint32_t first,
            std::uint32_t last, std::uint32_t group, std::uint32_t groups, Result& result) const {
    const unsigned cycles = settings_.input_bits + tile.degree;
    const unsigned cell_bits = settings_.mapping.crossbar.cell_bits;
    const unsigned adc = settings_.adc_bits != 0 ? settings_.adc_bits : 16;
    const std::int64_t most = (std::int64_t{1} << adc) - 1;
    const bool signed_cells = settings_.mapping.sign == sme::SignMode::magnitude;
    for (std::uint32_t c = 0; c < tile.cols; ++c) {
      std::int64_t& y = result.y[std::size_t{tile.col0 + c} * groups + group];
      for (unsigned t = 0; t < cycles; ++t) {
        const std::int64_t when = (is_signed && t + 1 == cycles ? -1 : 1) * (std::int64_t{1} << t);
        for (std::size_t set = 0; set < tile.bits.size(); ++set)
          for (unsigned cell = 0; cell < stored; cell += cell_bits) {
            const unsigned end = std::min(cell + cell_bits, stored);
            std::int64_t sum = 0;
            for (std::uint32_t r = first; r < last; ++r) {
              const std::int64_t in =
                  is_signed ? static_cast<std::int8_t>(a[tile.row0 + r]) : a[tile.row0 + r];
              if (((in * (std::int64_t{1} << tile.doubled[r])) >> t & 1) == 0) continue;
              int value = 0;
              for (unsigned p = cell; p < end; ++p)
                value = 2 * value + tile.bits[set][p][std::size_t{r} * tile.cols + c];
              sum += signed_cells && code(tile.row0 + r, tile.col0 + c) < 0 ? -value : value;
            }
            const std::int64_t seen = std::max(-most, std::min(most, sum));
            result.clips += seen != sum ? 1 : 0;
            y += (set == 1 ? -1 : 1) * when * seen * (std::int64_t{1} << (stored - end));
          }
      }
      if (offset_)
        for (std::uint32_t r = first; r < last; ++r)
          y -= std::int64_t{(1 << matrix_.planes) >> (planes_ - stored)} *
               (is_signed ? static_cast<std::int8_t>(a[tile.row0 + r]) : a[tile.row0 + r]);
    }
  }

  const sme::CodedMatrix& matrix_;
  const sme::LayerSettings settings_;
  const bool offset_;
  const unsigned planes_;
};

/// Random codes of `planes` bits, dense or sparse; inputs of all sizes.
inline sme::CodedMatrix random_codes(std::uint32_t inputs, std::uint32_t outputs, unsigned planes,
                                     std::mt19937_64& random, double zeros = 0.2) {
  sme::CodedMatrix matrix;
  matrix.name = "random";
  matrix.inputs = inputs;
  matrix.outputs = outputs;
  matrix.planes = planes;
  matrix.scales = {1};
  const int most = (1 << planes) - 1;
  for (std::size_t i = 0; i < std::size_t{inputs} * outputs; ++i) {
    const bool zero = std::uniform_real_distribution<>(0, 1)(random) < zeros;
    matrix.codes.push_back(
        zero ? std::int16_t{0}
             : static_cast<std::int16_t>(std::uniform_int_distribution<>(-most, most)(random)));
  }
  return matrix;
}

inline std::vector<std::uint8_t> random_inputs(std::size_t count, std::mt19937_64& random, unsigned bits = 8,
                                               bool is_signed = true) {
  std::vector<std::uint8_t> a;
  const int low = is_signed ? -(1 << (bits - 1)) : 0;
  for (std::size_t i = 0; i < count; ++i)
    a.push_back(
        static_cast<std::uint8_t>(std::uniform_int_distribution<>(low, low + (1 << bits) - 1)(random)));
  return a;
}

}  // namespace test_support
