// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/flexquant/weights.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "sim/core/error.h"

namespace flexquant {
namespace {

void check_shape(std::size_t rows, std::size_t cols) {
  if (rows == 0 || cols == 0) throw sim::Error(sim::Exit::input, "a weight matrix has no elements");
  if (cols > kMaxCols)
    throw sim::Error(sim::Exit::input, "a weight matrix has " + std::to_string(cols) + " columns; at most " +
                                           std::to_string(kMaxCols) + " fit 32-bit sums");
}

// Codes of `size` neighbouring weights with one scale; returns the scale.
float quantise_run(const float* w, std::size_t size, int limit, int* codes) {
  float largest = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (!std::isfinite(w[i])) throw sim::Error(sim::Exit::input, "a weight is not a finite number");
    largest = std::max(largest, std::fabs(w[i]));
  }
  const float scale = largest / static_cast<float>(limit);
  for (std::size_t i = 0; i < size; ++i) {
    const float code = scale > 0 ? std::nearbyint(w[i] / scale) : 0.0F;
    codes[i] = std::clamp(static_cast<int>(code), -limit, limit);
  }
  return scale;
}

void put_code(Int4Matrix& m, std::size_t row, std::size_t col, int code) {
  const unsigned nibble = static_cast<unsigned>(code) & 15U;
  std::uint8_t& byte = m.codes[row * m.row_bytes() + col / 2];
  byte = static_cast<std::uint8_t>(byte | (col % 2 == 0 ? nibble : nibble << 4));
}

}  // namespace

int Int4Matrix::code(std::size_t row, std::size_t col) const {
  const unsigned byte = codes[row * row_bytes() + col / 2];
  const int nibble = static_cast<int>(col % 2 == 0 ? byte & 15U : byte >> 4);
  return nibble >= 8 ? nibble - 16 : nibble;
}

Int8Matrix quantise_int8(const float* weights, std::size_t rows, std::size_t cols) {
  check_shape(rows, cols);
  Int8Matrix m{rows, cols, std::vector<std::int8_t>(rows * cols), std::vector<float>(rows)};
  std::vector<int> codes(cols);
  for (std::size_t row = 0; row < rows; ++row) {
    m.scales[row] = quantise_run(weights + row * cols, cols, 127, codes.data());
    std::transform(codes.begin(), codes.end(), m.codes.begin() + static_cast<std::ptrdiff_t>(row * cols),
                   [](int code) { return static_cast<std::int8_t>(code); });
  }
  return m;
}

Int4Matrix quantise_int4(const float* weights, std::size_t rows, std::size_t cols, std::size_t group) {
  check_shape(rows, cols);
  if (group == 0 || group % 2 != 0)
    throw sim::Error(sim::Exit::usage,
                     "an INT4 group of " + std::to_string(group) + " inputs; it must be even and not 0");
  Int4Matrix m;
  m.rows = rows;
  m.cols = cols;
  m.group = group;
  m.codes.assign(rows * m.row_bytes(), 0);
  m.scales.reserve(rows * m.groups());
  std::vector<int> codes(group);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t first = 0; first < cols; first += group) {
      const std::size_t size = std::min(group, cols - first);
      m.scales.push_back(quantise_run(weights + row * cols + first, size, 7, codes.data()));
      for (std::size_t i = 0; i < size; ++i) put_code(m, row, first + i, codes[i]);
    }
  }
  return m;
}

Int4Matrix nest_int4(const Int8Matrix& matrix) {
  Int4Matrix m;
  m.rows = matrix.rows;
  m.cols = matrix.cols;
  m.format = Int4Format::nested;
  m.group = matrix.cols;
  m.codes.assign(m.rows * m.row_bytes(), 0);
  m.scales.resize(m.rows);
  for (std::size_t row = 0; row < m.rows; ++row) {
    m.scales[row] = matrix.scales[row] * 16.0F;
    for (std::size_t col = 0; col < m.cols; ++col) {
      const int code = matrix.codes[row * m.cols + col];
      put_code(m, row, col, code < 0 ? -(-code >> 4) : code >> 4);
    }
  }
  return m;
}

std::vector<float> dequantise(const Int8Matrix& matrix) {
  std::vector<float> weights(matrix.rows * matrix.cols);
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = static_cast<float>(matrix.codes[i]) * matrix.scales[i / matrix.cols];
  return weights;
}

std::vector<float> dequantise(const Int4Matrix& matrix) {
  std::vector<float> weights(matrix.rows * matrix.cols);
  for (std::size_t row = 0; row < matrix.rows; ++row) {
    for (std::size_t col = 0; col < matrix.cols; ++col) {
      const std::size_t group = matrix.format == Int4Format::nested ? 0 : col / matrix.group;
      weights[row * matrix.cols + col] =
          static_cast<float>(matrix.code(row, col)) * matrix.scales[row * matrix.groups() + group];
    }
  }
  return weights;
}

}  // namespace flexquant
