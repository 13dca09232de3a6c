// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace flexquant {

// Quantised weight matrices: `rows` outputs, `cols` inputs, row-major, y[rows] = W[rows][cols] x[cols].

constexpr std::size_t kDefaultGroup = 128;  // inputs that share an INT4 scale
constexpr std::size_t kMaxCols = 131072;    // so that no sum of INT8 products leaves 32 bits

// Symmetric per output channel: weight = code * scales[row], codes -127 .. 127.
struct Int8Matrix {
  std::size_t rows = 0;
  std::size_t cols = 0;
  std::vector<std::int8_t> codes;  // rows x cols
  std::vector<float> scales;       // rows
};

enum class Int4Format {
  group,   // symmetric per group of `group` inputs: weight = code * scales[row][group], from the f32 weights
  nested,  // sign and upper three magnitude bits of the INT8 code: weight = code * scales[row]
};

// Codes -7 .. 7 in two's complement, two in a byte, the even column in the low nibble. A row takes
// row_bytes() = ceil(cols / 2) bytes; a last odd column leaves the high nibble 0.
struct Int4Matrix {
  std::size_t rows = 0;
  std::size_t cols = 0;
  Int4Format format = Int4Format::group;
  std::size_t group = kDefaultGroup;  // even; `cols` where format is nested
  std::vector<std::uint8_t> codes;    // rows x row_bytes()
  std::vector<float> scales;          // rows x groups(); nested: one a row, 16 times INT8's

  std::size_t row_bytes() const { return (cols + 1) / 2; }
  std::size_t groups() const { return format == Int4Format::nested ? 1 : (cols + group - 1) / group; }
  int code(std::size_t row, std::size_t col) const;
};

// scale = max |w| of the row / 127 in f32, code = w / scale rounded half to even (std::nearbyint), kept
// within
// +-127. A row of zeros has scale 0 and codes 0. Throws sim::Error (input) for a weight that is not finite
// and for more than kMaxCols columns.
Int8Matrix quantise_int8(const float* weights, std::size_t rows, std::size_t cols);

// The same with 7 in place of 127 over every group of `group` neighbouring inputs of a row; the last group
// of a row may be shorter. `group` is even and not 0.
Int4Matrix quantise_int4(const float* weights, std::size_t rows, std::size_t cols,
                         std::size_t group = kDefaultGroup);

// code4 = sign(code8) * (|code8| >> 4): magnitudes are cut towards zero, not rounded, because that is what a
// crossbar computes that switches its four lower bit planes off. scales = 16 * INT8's.
Int4Matrix nest_int4(const Int8Matrix& matrix);

// The weights that the codes stand for, rows x cols.
std::vector<float> dequantise(const Int8Matrix& matrix);
std::vector<float> dequantise(const Int4Matrix& matrix);

}  // namespace flexquant
