// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "traces/workload/cuda/fast_part.cuh"

// A product's input: every block makes it for itself in shared memory, out of what the kernel before left
// (16 to 64 KB from the device's shared cache). Where pieces of 16 bytes of a row meet their inputs:
//   int8   input[piece]: 16 codes
//   int4   input[piece]: codes of the piece's even columns; input[half + piece]: of the odd ones
//   fp16   input[piece]: f32 of columns 0 to 3 of the piece; input[half + piece]: of 4 to 7
namespace workload::cuda {

inline std::size_t input_scratch_bytes(const FastInput& in, unsigned cols) {
  return in.kind == FastInputKind::normed || in.kind == FastInputKind::rows ? std::size_t{cols} * 4 : 0;
}

struct Eight {
  float4 a, b;
};
__device__ inline float largest_of(const Eight& v) {
  return fmaxf(fmaxf(fmaxf(fabsf(v.a.x), fabsf(v.a.y)), fmaxf(fabsf(v.a.z), fabsf(v.a.w))),
               fmaxf(fmaxf(fabsf(v.b.x), fabsf(v.b.y)), fmaxf(fabsf(v.b.z), fabsf(v.b.w))));
}
__device__ inline Eight load_eight(const float* x) {
  return {__ldcg(reinterpret_cast<const float4*>(x)), __ldcg(reinterpret_cast<const float4*>(x) + 1)};
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
__device__ inline Eight merge_eight(const FastInput& in, unsigned i) {
  const unsigned head = i / kFastDim;
  float2 parts[kFastSplits];
  Eight accs[kFastSplits];
#pragma unroll
  for (unsigned s = 0; s < kFastSplits; ++s) {
    parts[s] = __ldcg(in.partials + head * kFastSplits + s);
    accs[s] = load_eight(in.accs + (std::size_t{head} * kFastSplits + s) * kFastDim + i % kFastDim);
  }
  float max = -INFINITY;
#pragma unroll
  for (unsigned s = 0; s < kFastSplits; ++s) max = fmaxf(max, parts[s].x);
  float sum = 0;
  Eight v{};
#pragma unroll
  for (unsigned s = 0; s < kFastSplits; ++s) {
    const float weight = parts[s].y > 0 ? exp2f(parts[s].x - max) : 0.0F;
    sum = fmaf(weight, parts[s].y, sum);
    v.a.x = fmaf(weight, accs[s].a.x, v.a.x);
    v.a.y = fmaf(weight, accs[s].a.y, v.a.y);
    v.a.z = fmaf(weight, accs[s].a.z, v.a.z);
    v.a.w = fmaf(weight, accs[s].a.w, v.a.w);
    v.b.x = fmaf(weight, accs[s].b.x, v.b.x);
    v.b.y = fmaf(weight, accs[s].b.y, v.b.y);
    v.b.z = fmaf(weight, accs[s].b.z, v.b.z);
    v.b.w = fmaf(weight, accs[s].b.w, v.b.w);
  }
  const float factor = 1 / sum;
  return {make_float4(v.a.x * factor, v.a.y * factor, v.a.z * factor, v.a.w * factor),
          make_float4(v.b.x * factor, v.b.y * factor, v.b.z * factor, v.b.w * factor)};
}

// Waits for the kernels before. Returns what a sum of products with the input is to be multiplied with. The
// caller synchronises the block. `scratch`: input_scratch_bytes().
template <FastFormat kFormat, FastInputKind kKind>
__device__ inline float make_input(const FastInput& in, unsigned cols, unsigned steps, int4* input,
                                   float* scratch) {
  constexpr bool kCodes = kFormat != FastFormat::fp16;
  constexpr unsigned kStride = 8 * kGemvThreads;
  constexpr unsigned kStepCols = kFormat == FastFormat::int8 ? 512 : kFormat == FastFormat::fp16 ? 256 : 1024;
  const unsigned half = steps * 32;
  const unsigned i = 8 * threadIdx.x;
  // Behind the last column.
  for (unsigned k = i; k < steps * kStepCols; k += kStride)
    if (k >= cols) put_eight<kFormat>(Eight{}, 0, k, half, input);

  if constexpr (kKind == FastInputKind::codes) {
    wait_for_others();
    for (unsigned k = i; k < cols; k += kStride)
      put_codes<kFormat>(__ldcg(reinterpret_cast<const uint2*>(in.codes) + k / 8), k, half, input);
    return __ldcg(in.scale);
  } else if constexpr (kKind == FastInputKind::rows) {
    wait_for_others();
    // In the background, into its place or to be turned into codes; a thread reads what it fetched itself.
    for (unsigned k = i; k < cols; k += kStride) {
      copy_async16(kCodes ? scratch + k : reinterpret_cast<float*>(input + k / 8), in.x + k);
      copy_async16(kCodes ? scratch + k + 4 : reinterpret_cast<float*>(input + half + k / 8), in.x + k + 4);
    }
    if constexpr (!kCodes) return 1;
    const float largest = __uint_as_float(__ldcg(in.largest));
    const float factor = largest > 0 ? 127.0F / largest : 0.0F;
    wait_for_copies();
    for (unsigned k = i; k < cols; k += kStride)
      put_eight<kFormat>({*reinterpret_cast<const float4*>(scratch + k),
                          *reinterpret_cast<const float4*>(scratch + k + 4)},
                         factor, k, half, input);
    return largest / 127.0F;
  } else if constexpr (kKind == FastInputKind::normed) {
    const bool inside = i < cols;
    if (inside) {
      copy_async16(scratch + i, in.norm + i);
      copy_async16(scratch + i + 4, in.norm + i + 4);
    }
    wait_for_copies();
    wait_for_others();
    Eight v{};
    if (inside) v = load_eight(in.x + i);
    const float squares = v.a.x * v.a.x + v.a.y * v.a.y + v.a.z * v.a.z + v.a.w * v.a.w + v.b.x * v.b.x +
                          v.b.y * v.b.y + v.b.z * v.b.z + v.b.w * v.b.w;
    if (inside) {
      const float4 a = *reinterpret_cast<const float4*>(scratch + i);
      const float4 b = *reinterpret_cast<const float4*>(scratch + i + 4);
      v = {make_float4(v.a.x * a.x, v.a.y * a.y, v.a.z * a.z, v.a.w * a.w),
           make_float4(v.b.x * b.x, v.b.y * b.y, v.b.z * b.z, v.b.w * b.w)};
    }
    const float2 all = sum_and_largest(squares, largest_of(v));
    const float norm = rsqrtf(all.x / static_cast<float>(cols) + in.eps);
    const float factor = !kCodes ? norm : all.y > 0 ? 127.0F / all.y : 0.0F;
    if (inside) put_eight<kFormat>(v, factor, i, half, input);
    return kCodes ? all.y * norm / 127.0F : 1.0F;
  } else {
    wait_for_others();
    const bool inside = i < cols;
    Eight v{};
    if (inside) v = merge_eight(in, i);
    if constexpr (!kCodes) {
      if (inside) put_eight<kFormat>(v, 1, i, half, input);
      return 1;
    }
    const float2 all = sum_and_largest(0, largest_of(v));
    const float factor = all.y > 0 ? 127.0F / all.y : 0.0F;
    if (inside) put_eight<kFormat>(v, factor, i, half, input);
    return all.y / 127.0F;
  }
}

}  // namespace workload::cuda
