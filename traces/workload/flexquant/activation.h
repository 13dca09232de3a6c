// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "traces/workload/flexquant/weights.h"

namespace flexquant {

// INT8 symmetric per token: x = code * scale, codes -127 .. 127.
struct Activation {
  std::vector<std::int8_t> codes;
  float scale = 0;
};

// scale = max |x| / 127 and code = x / scale rounded half to even, all in f32 with true divisions, kept
// within
// +-127; a vector of zeros has scale 0 and codes 0. Throws sim::Error (internal) for a value that is not
// finite.
Activation quantise_activation(const float* x, std::size_t size);

// Into codes[size]; returns the scale.
float quantise_activation(const float* x, std::size_t size, std::int8_t* codes);

// From integer sums to outputs, y[row] for rows [begin, end). The order of operations is part of the format:
// every back end does these f32 operations, each rounded on its own (no fused multiply-add).
//   INT8 and nested INT4 (one sum a row):  y = f32(sum) * (scales[row] * activation_scale)
//   INT4 by group (groups() sums a row):   acc = 0; for each group in order: acc = acc + f32(sum) *
//   scales[row][group];
//                                          y = acc * activation_scale
// `sums` and `y` are those of the whole matrix.
void dequantise(const Int8Matrix& matrix, const std::int32_t* sums, float activation_scale, std::size_t begin,
                std::size_t end, float* y);
void dequantise(const Int4Matrix& matrix, const std::int32_t* sums, float activation_scale, std::size_t begin,
                std::size_t end, float* y);

}  // namespace flexquant
