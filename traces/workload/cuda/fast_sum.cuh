// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "traces/workload/cuda/fast_part.cuh"

// Sums of products of a row's pieces, 16 bytes of weights a lane, with the input (see fast_input.cuh). Lanes
// behind a row's end have any weights and an input of zeros; of fp16 those weights have to be finite.
namespace workload::cuda {

// A piece's input, as it lies in shared memory or is kept in registers.
template <FastFormat kFormat>
struct PieceInput {
  int4 a, b;
  __device__ void load(const int4* input, unsigned half, unsigned piece) {
    a = input[piece];
    if constexpr (kFormat != FastFormat::int8) b = input[half + piece];
  }
};

// Nibbles are left where they are the upper half of a byte: 16 times the code, as a signed byte.
__device__ inline std::int32_t int4_product(const uint4& w, const int4& even, const int4& odd,
                                            std::int32_t sum) {
  constexpr unsigned kUpper = 0xf0f0f0f0U;
  sum = __dp4a(static_cast<int>((w.x << 4) & kUpper), even.x, sum);
  sum = __dp4a(static_cast<int>(w.x & kUpper), odd.x, sum);
  sum = __dp4a(static_cast<int>((w.y << 4) & kUpper), even.y, sum);
  sum = __dp4a(static_cast<int>(w.y & kUpper), odd.y, sum);
  sum = __dp4a(static_cast<int>((w.z << 4) & kUpper), even.z, sum);
  sum = __dp4a(static_cast<int>(w.z & kUpper), odd.z, sum);
  sum = __dp4a(static_cast<int>((w.w << 4) & kUpper), even.w, sum);
  return __dp4a(static_cast<int>(w.w & kUpper), odd.w, sum);
}

template <FastFormat kFormat>
struct Sum;

template <>
struct Sum<FastFormat::int8> {
  std::int32_t sum = 0;
  __device__ void take(const uint4& w, const PieceInput<FastFormat::int8>& in, float) {
    sum = __dp4a(static_cast<int>(w.x), in.a.x, sum);
    sum = __dp4a(static_cast<int>(w.y), in.a.y, sum);
    sum = __dp4a(static_cast<int>(w.z), in.a.z, sum);
    sum = __dp4a(static_cast<int>(w.w), in.a.w, sum);
  }
  __device__ float finish() const { return static_cast<float>(__reduce_add_sync(kAllLanes, sum)); }
};

template <>
struct Sum<FastFormat::int4_row> {
  std::int32_t sum = 0;
  __device__ void take(const uint4& w, const PieceInput<FastFormat::int4_row>& in, float) {
    sum = int4_product(w, in.a, in.b, sum);
  }
  __device__ float finish() const { return static_cast<float>(__reduce_add_sync(kAllLanes, sum)) * 0.0625F; }
};

template <>
struct Sum<FastFormat::int4_group> {
  float sum = 0;
  __device__ void take(const uint4& w, const PieceInput<FastFormat::int4_group>& in, float scale) {
    sum = fmaf(static_cast<float>(int4_product(w, in.a, in.b, 0)), scale, sum);
  }
  __device__ float finish() const { return warp_sum(sum) * 0.0625F; }
};

template <>
struct Sum<FastFormat::fp16> {
  float even = 0;
  float odd = 0;
  __device__ void take(const uint4& w, const PieceInput<FastFormat::fp16>& in, float) {
    const float4 a = *reinterpret_cast<const float4*>(&in.a);
    const float4 b = *reinterpret_cast<const float4*>(&in.b);
    const __half2* h = reinterpret_cast<const __half2*>(&w);
    const float2 h0 = __half22float2(h[0]);
    const float2 h1 = __half22float2(h[1]);
    const float2 h2 = __half22float2(h[2]);
    const float2 h3 = __half22float2(h[3]);
    even = fmaf(h0.x, a.x, fmaf(h1.x, a.z, even));
    odd = fmaf(h0.y, a.y, fmaf(h1.y, a.w, odd));
    even = fmaf(h2.x, b.x, fmaf(h3.x, b.z, even));
    odd = fmaf(h2.y, b.y, fmaf(h3.y, b.w, odd));
  }
  __device__ float finish() const { return warp_sum(even + odd); }
};

}  // namespace workload::cuda
