// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sme {

constexpr unsigned kMaxPlanes = 9;  // bit planes of a stored weight: 8 of magnitude, one more for an offset
constexpr unsigned kMaxMagnitudeBits = 8;     // Nq of the paper
constexpr std::uint32_t kMaxInputs = 131072;  // inputs K of one matrix
constexpr std::uint32_t kMaxOutputs = 1u << 20;

enum class MatrixKind {
  dense,      // K inputs x M outputs, y[M] = a[K] W
  depthwise,  // k*k taps x C channels: channel c has inputs of its own, y[c] = sum_i a[c * K + i] W[i][c]
};

// Weights as a user has them.
struct WeightMatrix {
  std::string name;
  std::uint32_t inputs = 0;   // K: rows of the matrix (taps of a depthwise one)
  std::uint32_t outputs = 0;  // M: columns of the matrix (channels of a depthwise one)
  MatrixKind kind = MatrixKind::dense;
  std::uint64_t positions = 1;  // matrix-vector products of one inference: output pixels of a convolution
  std::vector<float> values;    // row-major inputs x outputs; empty where only the shape is known
};

// Weights as signed-magnitude codes of `planes` bits: weight = code * scale.
struct CodedMatrix {
  std::string name;
  std::uint32_t inputs = 0;
  std::uint32_t outputs = 0;
  MatrixKind kind = MatrixKind::dense;
  std::uint64_t positions = 1;
  unsigned planes = 8;              // magnitude bits Nq; |code| < 2^planes; plane 1 has weight 2^(planes-1)
  std::vector<std::int16_t> codes;  // row-major inputs x outputs
  std::vector<float> scales;        // one, or one an output
  double rms_error =
      0;  // root mean square of (code * scale - weight) over that of the weights; 0 without weights

  float scale(std::uint32_t output) const { return scales.size() > 1 ? scales[output] : scales[0]; }
  // Length of an activation vector of one product.
  std::uint32_t vector_length() const { return kind == MatrixKind::depthwise ? inputs * outputs : inputs; }
};

// Throws sim::Error (input) for sizes of 0 or beyond the limits above, a number of values that contradicts
// the sizes, and NaN or infinity (with row and column). `where` leads the message.
void check(const WeightMatrix& matrix, const std::string& where);

}  // namespace sme
