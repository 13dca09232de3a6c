// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>

#include "traces/workload/numeric/cpu.h"

namespace workload {

// Products of f32 matrices, the same bits at every SimdLevel. A dot product is added up in 16 lanes (element
// k in lane k mod 16), then the lanes by halves (l += l + 8, l + 4, l + 2, l + 1), then the elements behind
// the last multiple of 16 one after the other; nothing is fused.
class FloatKernels {
 public:
  explicit FloatKernels(SimdLevel level = detect_simd_level()) : level_(level) {}

  SimdLevel level() const { return level_; }

  float dot(const float* a, const float* b, std::size_t size) const;

  // y[row] = w[row] . x for rows [begin, end); w[rows][cols].
  void gemv(const float* w, std::size_t cols, const float* x, float* y, std::size_t begin,
            std::size_t end) const;

  // The same for a batch: x[tokens][cols], y[tokens][rows]. Every element has the bits that gemv gives it.
  void gemm(const float* w, std::size_t rows, std::size_t cols, const float* x, std::size_t tokens, float* y,
            std::size_t begin, std::size_t end) const;

 private:
  SimdLevel level_;
};

// out = x / sqrt(mean(x^2) + eps) * weight, over `size` elements.
void rms_norm(const FloatKernels& kernels, const float* x, const float* weight, std::size_t size, float eps,
              float* out);

// out[i] = silu(gate[i]) * up[i], silu(g) = g / (1 + e^-g).
void swiglu(const float* gate, const float* up, std::size_t size, float* out);

}  // namespace workload
