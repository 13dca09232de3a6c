// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "traces/workload/cuda/fast_part.cuh"

// A product's input: every block makes it for itself in shared memory, out of what the kernel before left (16
// to 64 KB). Where pieces of 16 bytes of a row meet their inputs:
//   int8   input[piece]: 16 codes
//   int4   input[piece]: codes of the piece's even columns; input[half + piece]: of the odd ones
//   fp16   input[piece]: f32 of columns 0 to 3 of the piece; input[half + piece]: of 4 to 7
namespace workload::cuda {

// As it is fetched, one behind the other: what it is made of, and norm, partials, or 16 bytes with a scale or
// a largest magnitude.
struct RawInput {
  unsigned main = 0, second = 0;  // bytes
  __host__ __device__ RawInput(FastInputKind kind, bool codes, unsigned cols) {
    switch (kind) {
      case FastInputKind::codes:
        main = cols, second = 16;
        break;
      case FastInputKind::rows:
        main = 4 * cols, second = codes ? 16 : 0;
        break;
      case FastInputKind::normed:
        main = second = 4 * cols;
        break;
      case FastInputKind::merged:
        main = 4 * kFastSplits * cols, second = 8 * kFastSplits * (cols / kFastDim);
        break;
    }
  }
};

// One thread.
template <FastFormat kFormat, FastInputKind kKind>
__device__ inline void fetch_input(const FastInput& in, unsigned cols, char* to, Arrival& arrival) {
  const RawInput raw(kKind, kFormat != FastFormat::fp16, cols);
  arrival.expect(raw.main + raw.second);
  if (kKind == FastInputKind::normed) arrival.copy(to + raw.main, in.norm, raw.second);
  wait_for_others();
  if (kKind == FastInputKind::codes) arrival.copy(to + raw.main, in.scale, raw.second);
  if (kKind == FastInputKind::rows && raw.second > 0) arrival.copy(to + raw.main, in.largest, raw.second);
  if (kKind == FastInputKind::merged) arrival.copy(to + raw.main, in.partials, raw.second);
  const void* const from = kKind == FastInputKind::codes    ? static_cast<const void*>(in.codes)
                           : kKind == FastInputKind::merged ? in.accs
                                                            : in.x;
  arrival.copy_turned(to, from, raw.main, blockIdx.x);
}

struct Eight {
  float4 a, b;
};
__device__ inline float largest_of(const Eight& v) {
  return fmaxf(fmaxf(fmaxf(fabsf(v.a.x), fabsf(v.a.y)), fmaxf(fabsf(v.a.z), fabsf(v.a.w))),
               fmaxf(fmaxf(fabsf(v.b.x), fabsf(v.b.y)), fmaxf(fabsf(v.b.z), fabsf(v.b.w))));
}
__device__ inline Eight load_eight(const char* raw, unsigned i) {  // elements i .. i + 7
  const float4* const x = reinterpret_cast<const float4*>(raw) + i / 4;
  return {x[0], x[1]};
}

// Columns i .. i + 7, as codes or as they are.
template <FastFormat kFormat>
__device__ inline void put_codes(uint2 codes, unsigned i, unsigned half, int4* input) {
  if constexpr (kFormat == FastFormat::int8) {
    reinterpret_cast<uint2*>(input)[i / 8] = codes;
  } else {
    reinterpret_cast<unsigned*>(input)[i / 8] = __byte_perm(codes.x, codes.y, 0x6420);
    reinterpret_cast<unsigned*>(input + half)[i / 8] = __byte_perm(codes.x, codes.y, 0x7531);
  }
}
template <FastFormat kFormat>
__device__ inline void put_eight(const Eight& v, float factor, unsigned i, unsigned half, int4* input) {
  if constexpr (kFormat == FastFormat::fp16) {
    float4* const to = reinterpret_cast<float4*>(input);
    to[i / 8] = make_float4(v.a.x * factor, v.a.y * factor, v.a.z * factor, v.a.w * factor);
    to[half + i / 8] = make_float4(v.b.x * factor, v.b.y * factor, v.b.z * factor, v.b.w * factor);
  } else {
    // The low byte of 1.5 * 2^23 + x is the code.
    const auto code = [&](float x) { return __float_as_uint(fmaf(x, factor, 12582912.0F)); };
    const auto four = [&](const float4& x) {
      return __byte_perm(__byte_perm(code(x.x), code(x.y), 0x0040), __byte_perm(code(x.z), code(x.w), 0x0040),
                         0x5410);
    };
    put_codes<kFormat>(make_uint2(four(v.a), four(v.b)), i, half, input);
  }
}

// (sum, largest) of all threads.
__device__ inline float2 sum_and_largest(float sum, float largest) {
  __shared__ float2 parts[kGemvWarps];
  sum = warp_sum(sum);
  largest = __uint_as_float(__reduce_max_sync(kAllLanes, __float_as_uint(largest)));
  if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = make_float2(sum, largest);
  __syncthreads();
  float2 all = make_float2(0, 0);
#pragma unroll
  for (unsigned w = 0; w < kGemvWarps; ++w) {
    all.x += parts[w].x;
    all.y = fmaxf(all.y, parts[w].y);
  }
  return all;
}

// Elements i .. i + 7 of the attention's result: all in one head.
__device__ inline Eight merge_eight(const char* accs, const char* partials, unsigned i) {
  const unsigned head = i / kFastDim;
  const float2* const parts = reinterpret_cast<const float2*>(partials) + head * kFastSplits;
  float max = -INFINITY;
#pragma unroll
  for (unsigned s = 0; s < kFastSplits; ++s) max = fmaxf(max, parts[s].x);
  float sum = 0;
  Eight v{};
#pragma unroll
  for (unsigned s = 0; s < kFastSplits; ++s) {
    if (!(parts[s].y > 0)) continue;  // a split without a token
    const float weight = exp2f(parts[s].x - max);
    const Eight acc = load_eight(accs, (head * kFastSplits + s) * kFastDim + i % kFastDim);
    sum = fmaf(weight, parts[s].y, sum);
    v.a.x = fmaf(weight, acc.a.x, v.a.x);
    v.a.y = fmaf(weight, acc.a.y, v.a.y);
    v.a.z = fmaf(weight, acc.a.z, v.a.z);
    v.a.w = fmaf(weight, acc.a.w, v.a.w);
    v.b.x = fmaf(weight, acc.b.x, v.b.x);
    v.b.y = fmaf(weight, acc.b.y, v.b.y);
    v.b.z = fmaf(weight, acc.b.z, v.b.z);
    v.b.w = fmaf(weight, acc.b.w, v.b.w);
  }
  const float factor = 1 / sum;
  return {make_float4(v.a.x * factor, v.a.y * factor, v.a.z * factor, v.a.w * factor),
          make_float4(v.b.x * factor, v.b.y * factor, v.b.z * factor, v.b.w * factor)};
}

// Out of what was fetched. Returns what a sum of products with the input is to be multiplied with. The caller
// synchronises the block.
template <FastFormat kFormat, FastInputKind kKind>
__device__ inline float make_input(const FastInput& in, const char* raw, unsigned cols, unsigned steps,
                                   int4* input) {
  constexpr bool kCodes = kFormat != FastFormat::fp16;
  constexpr unsigned kStepCols = kFormat == FastFormat::int8 ? 512 : kFormat == FastFormat::fp16 ? 256 : 1024;
  constexpr unsigned kAll = 8 * kGemvThreads;
  const unsigned half = steps * 32;
  const unsigned i = 8 * threadIdx.x;
  const char* const second = raw + RawInput(kKind, kCodes, cols).main;
  for (unsigned k = i; k < steps * kStepCols; k += kAll)  // behind the last column
    if (k >= cols) put_eight<kFormat>(Eight{}, 0, k, half, input);

  if constexpr (kKind == FastInputKind::codes) {
    for (unsigned k = i; k < cols; k += kAll)
      put_codes<kFormat>(reinterpret_cast<const uint2*>(raw)[k / 8], k, half, input);
    return *reinterpret_cast<const float*>(second);
  } else if constexpr (kKind == FastInputKind::rows) {
    const float largest = kCodes ? *reinterpret_cast<const float*>(second) : 127.0F;
    const float factor = largest > 0 ? 127.0F / largest : 0.0F;
    for (unsigned k = i; k < cols; k += kAll) put_eight<kFormat>(load_eight(raw, k), factor, k, half, input);
    return largest / 127.0F;
  } else {
    const bool inside = i < cols;
    Eight v{};
    float squares = 0;
    if (kKind == FastInputKind::merged) {
      if (inside) v = merge_eight(raw, second, i);
    } else if (inside) {
      const Eight x = load_eight(raw, i);
      const Eight w = load_eight(second, i);
      squares = x.a.x * x.a.x + x.a.y * x.a.y + x.a.z * x.a.z + x.a.w * x.a.w + x.b.x * x.b.x +
                x.b.y * x.b.y + x.b.z * x.b.z + x.b.w * x.b.w;
      v = {make_float4(x.a.x * w.a.x, x.a.y * w.a.y, x.a.z * w.a.z, x.a.w * w.a.w),
           make_float4(x.b.x * w.b.x, x.b.y * w.b.y, x.b.z * w.b.z, x.b.w * w.b.w)};
    }
    const float2 all = sum_and_largest(squares, largest_of(v));
    const float norm =
        kKind == FastInputKind::normed ? rsqrtf(all.x / static_cast<float>(cols) + in.eps) : 1.0F;
    const float factor = !kCodes ? norm : all.y > 0 ? 127.0F / all.y : 0.0F;
    if (inside) put_eight<kFormat>(v, factor, i, half, input);
    return kCodes ? all.y * norm / 127.0F : 1.0F;
  }
}

}  // namespace workload::cuda
