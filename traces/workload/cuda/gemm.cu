// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/cuda/device.h"
#include "traces/workload/cuda/kernels.h"

namespace workload::cuda {
namespace {

constexpr unsigned kTile = 32;   // rows and tokens of a block
constexpr unsigned kWords = 32;  // of four codes each, at a time
constexpr unsigned kThreads = 256;

__global__ void __launch_bounds__(kThreads)
    gemm_int8_kernel(WeightCodes w, Codes a, unsigned tokens, float* y, bool add) {
  __shared__ int weights[kTile][kWords + 1];
  __shared__ int activations[kTile][kWords + 1];
  const unsigned row = blockIdx.x * kTile + threadIdx.x % kTile;
  const unsigned lane = threadIdx.x / kTile;  // of 8: tokens lane, lane + 8, ...
  std::int32_t sums[4] = {};
  const unsigned words = (w.cols + 3) / 4;  // both are zero behind the last column
  for (unsigned begin = 0; begin < words; begin += kWords) {
    for (unsigned i = threadIdx.x; i < kTile * kWords; i += kThreads) {
      const unsigned r = i / kWords;
      const unsigned k = begin + i % kWords;
      const unsigned weight_row = blockIdx.x * kTile + r;
      const unsigned token = blockIdx.y * kTile + r;
      const bool inside = k < words;
      weights[r][i % kWords] =
          inside && weight_row < w.rows
              ? reinterpret_cast<const int*>(w.int8 + std::size_t{weight_row} * w.int8_stride)[k]
              : 0;
      activations[r][i % kWords] =
          inside && token < tokens ? reinterpret_cast<const int*>(a.codes + std::size_t{token} * a.padded)[k]
                                   : 0;
    }
    __syncthreads();
    for (unsigned k = 0; k < kWords; ++k) {
      const int x = weights[threadIdx.x % kTile][k];
#pragma unroll
      for (unsigned t = 0; t < 4; ++t) sums[t] = __dp4a(x, activations[lane + 8 * t][k], sums[t]);
    }
    __syncthreads();
  }
  if (row >= w.rows) return;
  for (unsigned t = 0; t < 4; ++t) {
    const unsigned token = blockIdx.y * kTile + lane + 8 * t;
    if (token >= tokens) continue;
    const float value = static_cast<float>(sums[t]) * (w.int8_scales[row] * a.scales[token]);
    float& out = y[std::size_t{token} * w.rows + row];
    out = add ? out + value : value;
  }
}

}  // namespace

void gemm_int8(const WeightCodes& w, const Codes& a, unsigned tokens, float* y, bool add,
               cudaStream_t stream) {
  const dim3 grid((w.rows + kTile - 1) / kTile, (tokens + kTile - 1) / kTile);
  gemm_int8_kernel<<<grid, kThreads, 0, stream>>>(w, a, tokens, y, add);
  check_launch("gemm_int8");
}

}  // namespace workload::cuda
