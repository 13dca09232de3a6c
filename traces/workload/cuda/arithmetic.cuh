// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

#include <cuda_fp16.h>

// The host's arithmetic (numeric/, host/float_kernels.h) on the device: the same operations in the same
// order. These files are compiled with -fmad=false.
namespace workload::cuda {

// workload::exp_f32.
__device__ inline float exp_like_host(float x) {
  const float clamped = x < -87.33F ? -87.33F : x;
  const float n = (clamped * 1.44269504088896341F + 12582912.0F) - 12582912.0F;
  const float r = (clamped - n * 0.693359375F) - n * -2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * (r * r) + r + 1.0F;
  const float scale = __int_as_float((static_cast<std::int32_t>(n) + 127) << 23);
  return x < -87.33F ? 0.0F : p * scale;
}

// workload::to_float16_saturated.
__device__ inline __half to_half_saturated(float x) {
  return __float2half_rn(fminf(fmaxf(x, -65504.0F), 65504.0F));
}

__device__ inline float widen(float x) { return x; }
__device__ inline float widen(__half x) { return __half2float(x); }

// FloatKernels' dot product, by 16 neighbouring lanes of a warp; the result is good in lane 0 of them. All
// lanes of the warp call it.
template <class Element>
__device__ inline float dot16(const float* a, const Element* b, unsigned size) {
  const unsigned lane = threadIdx.x % 16;
  const unsigned whole = size - size % 16;
  float sum = 0;
#pragma unroll 8
  for (unsigned i = lane; i < whole; i += 16) sum = sum + a[i] * widen(b[i]);
  for (unsigned half = 8; half > 0; half /= 2) sum = sum + __shfl_down_sync(0xffffffffU, sum, half, 16);
  for (unsigned i = whole; i < size; ++i) sum = sum + a[i] * widen(b[i]);
  return sum;
}

// Attention's: the elements behind the last multiple of 16 go to their lanes first (million::plain_scores).
template <class Element>
__device__ inline float attention_dot16(const float* a, const Element* b, unsigned size) {
  const unsigned lane = threadIdx.x % 16;
  float sum = 0;
  for (unsigned i = lane; i < size; i += 16) sum = sum + a[i] * widen(b[i]);
  for (unsigned half = 8; half > 0; half /= 2) sum = sum + __shfl_down_sync(0xffffffffU, sum, half, 16);
  return sum;
}

}  // namespace workload::cuda
