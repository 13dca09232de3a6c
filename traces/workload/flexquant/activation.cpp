// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/flexquant/activation.h"

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"

namespace flexquant {

float quantise_activation(const float* x, std::size_t size, std::int8_t* codes) {
  float largest = 0;
  bool finite = true;
  for (std::size_t i = 0; i < size; ++i) {
    finite = finite && std::isfinite(x[i]);
    largest = std::max(largest, std::fabs(x[i]));
  }
  if (!finite)
    throw sim::Error(sim::Exit::internal,
                     "an activation is not a finite number; the weights may be unusable");
  const float scale = largest / 127.0F;
  constexpr float kRound = 12582912.0F;  // 1.5 * 2^23: adding it rounds half to even below 2^22
  for (std::size_t i = 0; i < size; ++i) {
    const float code = scale > 0 ? (x[i] / scale + kRound) - kRound : 0.0F;
    codes[i] = static_cast<std::int8_t>(std::clamp(code, -127.0F, 127.0F));
  }
  return scale;
}

Activation quantise_activation(const float* x, std::size_t size) {
  Activation result;
  result.codes.resize(size);
  result.scale = quantise_activation(x, size, result.codes.data());
  return result;
}

void dequantise(const Int8Matrix& matrix, const std::int32_t* sums, float activation_scale, std::size_t begin,
                std::size_t end, float* y) {
  for (std::size_t row = begin; row < end; ++row)
    y[row] = static_cast<float>(sums[row]) * (matrix.scales[row] * activation_scale);
}

void dequantise(const Int4Matrix& matrix, const std::int32_t* sums, float activation_scale, std::size_t begin,
                std::size_t end, float* y) {
  if (matrix.format == Int4Format::nested) {
    for (std::size_t row = begin; row < end; ++row)
      y[row] = static_cast<float>(sums[row]) * (matrix.scales[row] * activation_scale);
    return;
  }
  const std::size_t groups = matrix.groups();
  for (std::size_t row = begin; row < end; ++row) {
    float acc = 0;
    for (std::size_t i = row * groups; i < (row + 1) * groups; ++i)
      acc += static_cast<float>(sums[i]) * matrix.scales[i];
    y[row] = acc * activation_scale;
  }
}

}  // namespace flexquant
