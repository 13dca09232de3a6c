// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/baselines.h"

#include <algorithm>

namespace sme {
namespace {

unsigned bits_for(std::uint64_t values) {
  unsigned bits = 0;
  while ((std::uint64_t{1} << bits) < values) ++bits;
  return bits;
}

}  // namespace

BaselineCount sre_style(const CodedMatrix& matrix, const CrossbarShape& shape, unsigned unit_cols) {
  BaselineCount count;
  const std::uint64_t columns = std::uint64_t{matrix.outputs} * matrix.planes;
  std::uint64_t units = 0;  // of shape.rows rows and unit_cols columns that the kept rows fill
  for (std::uint64_t x = 0; x < columns; x += unit_cols) {
    const std::uint64_t end = std::min(columns, x + unit_cols);
    std::uint64_t kept = 0;
    for (std::uint32_t r = 0; r < matrix.inputs; ++r) {
      bool any = false;
      for (std::uint64_t c = x; c < end && !any; ++c) {
        const int code = matrix.codes[std::size_t{r} * matrix.outputs + c / matrix.planes];
        any = (code < 0 ? -code : code) >> (matrix.planes - 1 - c % matrix.planes) & 1;
      }
      kept += any ? 1 : 0;
    }
    units += (kept + shape.rows - 1) / shape.rows;
    count.index_bits += kept * bits_for(shape.rows);
  }
  const unsigned together = std::max(1u, shape.cols / unit_cols);
  count.crossbars = (units + together - 1) / together;
  return count;
}

PrunedMatrix pim_prune_style(const CodedMatrix& matrix, unsigned strip_cols, double share) {
  PrunedMatrix pruned;
  const std::size_t strips = (matrix.outputs + strip_cols - 1) / strip_cols;
  std::vector<std::int64_t> energy(matrix.inputs * strips, 0);
  for (std::uint32_t r = 0; r < matrix.inputs; ++r)
    for (std::uint32_t c = 0; c < matrix.outputs; ++c) {
      const std::int64_t code = matrix.codes[std::size_t{r} * matrix.outputs + c];
      energy[r * strips + c / strip_cols] += code * code;
    }
  // A narrow last strip counts by its mean, like the others.
  for (std::uint32_t r = 0; r < matrix.inputs; ++r) {
    const std::uint32_t width = matrix.outputs - static_cast<std::uint32_t>(strips - 1) * strip_cols;
    energy[r * strips + strips - 1] = energy[r * strips + strips - 1] * strip_cols / width;
  }
  std::vector<std::int64_t> sorted = energy;
  const auto gone = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  if (gone > 0 && gone < sorted.size())
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(gone), sorted.end());
  const std::int64_t least = gone == 0 ? 0 : gone < sorted.size() ? sorted[gone] : INT64_MAX;
  pruned.pieces = energy.size();
  for (std::size_t s = 0; s < strips; ++s) {
    CodedMatrix strip;
    strip.name = matrix.name + "#" + std::to_string(s);
    strip.positions = matrix.positions;
    strip.planes = matrix.planes;
    strip.scales = {1};
    const auto first = static_cast<std::uint32_t>(s) * strip_cols;
    strip.outputs = std::min(strip_cols, matrix.outputs - first);
    for (std::uint32_t r = 0; r < matrix.inputs; ++r) {
      if (energy[r * strips + s] < least || energy[r * strips + s] == 0) continue;
      ++strip.inputs;
      const auto row =
          matrix.codes.begin() + static_cast<std::ptrdiff_t>(std::size_t{r} * matrix.outputs + first);
      strip.codes.insert(strip.codes.end(), row, row + strip.outputs);
    }
    pruned.kept += strip.inputs;
    pruned.index_bits += std::uint64_t{strip.inputs} * bits_for(matrix.inputs);
    if (strip.inputs > 0) pruned.strips.push_back(std::move(strip));
  }
  return pruned;
}

}  // namespace sme
