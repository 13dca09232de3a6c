// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/float_kernels.h"

#include <algorithm>
#include <cmath>

#include "traces/workload/numeric/exp.h"
#include "traces/workload/numeric/simd.h"

namespace workload {
namespace {

WORKLOAD_INLINE float sum_of_lanes(const F32x16& lanes) {
  F32x16 v = lanes;
  for (unsigned half = kLanes / 2; half > 0; half /= 2) {
    for (unsigned l = 0; l < half; ++l) v[l] += v[l + half];
  }
  return v[0];
}

// By reference: a vector of 16 floats is no value that every level passes alike.
WORKLOAD_INLINE const F32x16& at(const float* p) { return *reinterpret_cast<const F32x16*>(p); }

// Dot products of one vector with kRows others, `stride` floats apart.
template <unsigned kRows>
WORKLOAD_INLINE void dots(const float* a, const float* rows, std::size_t stride, std::size_t size,
                          float* out) {
  F32x16 acc[kRows] = {};
  const std::size_t whole = size - size % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    const F32x16 x = at(a + i);
    for (unsigned r = 0; r < kRows; ++r) acc[r] += x * at(rows + r * stride + i);
  }
  for (unsigned r = 0; r < kRows; ++r) {
    float sum = sum_of_lanes(acc[r]);
    for (std::size_t i = whole; i < size; ++i) sum += a[i] * rows[r * stride + i];
    out[r] = sum;
  }
}

// out[r * out_stride] = a . rows[r] for all rows.
WORKLOAD_INLINE void all_dots(const float* a, const float* rows, std::size_t stride, std::size_t size,
                              std::size_t count, float* out, std::size_t out_stride) {
  std::size_t r = 0;
  float four[4];
  for (; r + 4 <= count; r += 4) {
    dots<4>(a, rows + r * stride, stride, size, four);
    for (unsigned k = 0; k < 4; ++k) out[(r + k) * out_stride] = four[k];
  }
  for (; r < count; ++r) dots<1>(a, rows + r * stride, stride, size, out + r * out_stride);
}

using AllDots = void (*)(const float*, const float*, std::size_t, std::size_t, std::size_t, float*,
                         std::size_t);

void portable(const float* a, const float* rows, std::size_t stride, std::size_t size, std::size_t count,
              float* out, std::size_t out_stride) {
  all_dots(a, rows, stride, size, count, out, out_stride);
}
WORKLOAD_AVX2 void avx2(const float* a, const float* rows, std::size_t stride, std::size_t size,
                        std::size_t count, float* out, std::size_t out_stride) {
  all_dots(a, rows, stride, size, count, out, out_stride);
}
WORKLOAD_AVX512 void avx512(const float* a, const float* rows, std::size_t stride, std::size_t size,
                            std::size_t count, float* out, std::size_t out_stride) {
  all_dots(a, rows, stride, size, count, out, out_stride);
}

AllDots kernel(SimdLevel level) {
  switch (level) {
    case SimdLevel::avx512:
      return avx512;
    case SimdLevel::avx2:
      return avx2;
    case SimdLevel::portable:
      break;
  }
  return portable;
}

}  // namespace

float FloatKernels::dot(const float* a, const float* b, std::size_t size) const {
  float out = 0;
  kernel(level_)(a, b, size, size, 1, &out, 1);
  return out;
}

void FloatKernels::gemv(const float* w, std::size_t cols, const float* x, float* y, std::size_t begin,
                        std::size_t end) const {
  kernel(level_)(x, w + begin * cols, cols, cols, end - begin, y + begin, 1);
}

void FloatKernels::gemm(const float* w, std::size_t rows, std::size_t cols, const float* x,
                        std::size_t tokens, float* y, std::size_t begin, std::size_t end) const {
  // A row of the matrix stays in the nearest cache while all tokens of a block meet it.
  constexpr std::size_t kBlock = 32;
  const AllDots all = kernel(level_);
  for (std::size_t t = 0; t < tokens; t += kBlock) {
    const std::size_t count = std::min(kBlock, tokens - t);
    for (std::size_t row = begin; row < end; ++row) {
      all(w + row * cols, x + t * cols, cols, cols, count, y + t * rows + row, rows);
    }
  }
}

void rms_norm(const FloatKernels& kernels, const float* x, const float* weight, std::size_t size, float eps,
              float* out) {
  const float mean = kernels.dot(x, x, size) / static_cast<float>(size);
  const float factor = 1.0F / std::sqrt(mean + eps);
  for (std::size_t i = 0; i < size; ++i) out[i] = x[i] * factor * weight[i];
}

void swiglu(const float* gate, const float* up, std::size_t size, float* out) {
  constexpr float kMost = 87.0F;  // e^87 still is a float, and silu(-87) already next to 0
  for (std::size_t i = 0; i < size; ++i) out[i] = std::min(-gate[i], kMost);
  exp_f32(out, size, out);
  for (std::size_t i = 0; i < size; ++i) out[i] = gate[i] / (1.0F + out[i]) * up[i];
}

}  // namespace workload
