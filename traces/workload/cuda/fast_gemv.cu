// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <string>

#include "sim/core/error.h"
#include "traces/workload/cuda/fast_input.cuh"
#include "traces/workload/cuda/fast_part.cuh"

// One block a multiprocessor and half of its registers, so that the next kernel's blocks find room beside
// this one's: they have their first weights by the time this one ends.
namespace workload::cuda {
namespace {

struct Parameters {
  FastWeights w;
  FastInput in;
  FastOut out;
  Nexts nexts;
  unsigned input_bytes;  // of shared memory
  unsigned scale_count;  // of a row
};

// Warp-wide product of a step's bytes, one piece of 16 a lane, with the input. `piece` is the lane's piece of
// the row.
template <FastFormat kFormat>
struct Sum;

template <>
struct Sum<FastFormat::int8> {
  std::int32_t sum = 0;
  __device__ void take(const uint4& w, const int4* input, unsigned, unsigned piece, const float*) {
    const int4 x = input[piece];
    sum = __dp4a(static_cast<int>(w.x), x.x, sum);
    sum = __dp4a(static_cast<int>(w.y), x.y, sum);
    sum = __dp4a(static_cast<int>(w.z), x.z, sum);
    sum = __dp4a(static_cast<int>(w.w), x.w, sum);
  }
  __device__ float finish() const { return static_cast<float>(__reduce_add_sync(kAllLanes, sum)); }
};

// Nibbles are left where they are the upper half of a byte: 16 times the code, as a signed byte.
__device__ inline std::int32_t int4_product(const uint4& w, const int4* input, unsigned half, unsigned piece,
                                            std::int32_t sum) {
  constexpr unsigned kUpper = 0xf0f0f0f0U;
  const int4 e = input[piece];
  const int4 o = input[half + piece];
  sum = __dp4a(static_cast<int>((w.x << 4) & kUpper), e.x, sum);
  sum = __dp4a(static_cast<int>(w.x & kUpper), o.x, sum);
  sum = __dp4a(static_cast<int>((w.y << 4) & kUpper), e.y, sum);
  sum = __dp4a(static_cast<int>(w.y & kUpper), o.y, sum);
  sum = __dp4a(static_cast<int>((w.z << 4) & kUpper), e.z, sum);
  sum = __dp4a(static_cast<int>(w.z & kUpper), o.z, sum);
  sum = __dp4a(static_cast<int>((w.w << 4) & kUpper), e.w, sum);
  return __dp4a(static_cast<int>(w.w & kUpper), o.w, sum);
}

template <>
struct Sum<FastFormat::int4_row> {
  std::int32_t sum = 0;
  __device__ void take(const uint4& w, const int4* input, unsigned half, unsigned piece, const float*) {
    sum = int4_product(w, input, half, piece, sum);
  }
  __device__ float finish() const {
    return static_cast<float>(__reduce_add_sync(kAllLanes, sum)) * 0.0625F;
  }
};

template <>
struct Sum<FastFormat::int4_group> {
  float sum = 0;
  __device__ void take(const uint4& w, const int4* input, unsigned half, unsigned piece,
                       const float* scales) {
    sum = fmaf(static_cast<float>(int4_product(w, input, half, piece, 0)), scales[piece / 4], sum);
  }
  __device__ float finish() const { return warp_sum(sum) * 0.0625F; }
};

template <>
struct Sum<FastFormat::fp16> {
  float even = 0;
  float odd = 0;
  __device__ void take(const uint4& w, const int4* input, unsigned half, unsigned piece, const float*) {
    const float4 a = reinterpret_cast<const float4*>(input)[piece];
    const float4 b = reinterpret_cast<const float4*>(input)[half + piece];
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

// Results of a block out of its rows' sums.
template <FastFormat kFormat>
__device__ void put_results(const Parameters& p, const Part& part, const float* sums, const float* scales,
                            float input_scale, float old) {
  const auto value = [&](unsigned r) {
    float x = sums[r] * input_scale;
    if constexpr (kFormat == FastFormat::int8 || kFormat == FastFormat::int4_row) x *= scales[r];
    return x;
  };
  float largest = 0;
  for (unsigned r = threadIdx.x; r < part.results; r += kGemvThreads) {
    float y = value(r);
    if (p.w.pairs) y = y / (1 + __expf(-y)) * value(part.results + r);
    largest = fmaxf(largest, fabsf(y));
    p.out.y[part.begin + r] = y + old;
  }
  if (p.out.largest == nullptr || threadIdx.x - threadIdx.x % 32 >= part.results) return;
  const unsigned bits = __reduce_max_sync(kAllLanes, __float_as_uint(largest));
  if (threadIdx.x % 32 == 0) atomicMax(p.out.largest, bits);
}

template <FastFormat kFormat, FastInputKind kKind>
__global__ void __launch_bounds__(kGemvThreads, 2) gemv_kernel(const __grid_constant__ Parameters p) {
  extern __shared__ int4 shared[];
  constexpr unsigned kAhead = steps_ahead(kKind);
  let_next_begin();
  const unsigned lane = threadIdx.x % 32;
  const unsigned warp = threadIdx.x / 32;
  const Part part(p.w, blockIdx.x, gridDim.x);
  const unsigned pieces = p.w.stride / 16;
  const unsigned steps = (pieces + 31) / 32;

  // Weights: kAhead steps are always on their way.
  uint4 ahead[kAhead];
  unsigned load_row = warp;
  unsigned load_piece = lane;
  const char* load_from = part.row(warp) + lane * 16;
  const auto load = [&](uint4& to) {
    to = stream_load(load_from, load_row < part.rows && load_piece < pieces);
    load_piece += 32;
    load_from += kStepBytes;
    if (load_piece < steps * 32) return;
    load_from += static_cast<std::int64_t>(kGemvWarps * p.w.stride) - static_cast<std::int64_t>(steps * kStepBytes);
    if (p.w.pairs && load_row < part.results && load_row + kGemvWarps >= part.results)
      load_from += std::size_t{p.w.rows / 2 - part.results} * p.w.stride;
    load_row += kGemvWarps;
    load_piece = lane;
  };
#pragma unroll
  for (unsigned k = 0; k < kAhead; ++k) load(ahead[k]);

  int4* const input = shared;
  float* const scales = reinterpret_cast<float*>(reinterpret_cast<char*>(shared) + p.input_bytes);
  float* const sums = scales + ((part.rows * p.scale_count + 3) / 4 + 2) * 4;
  float* const scratch = sums + (part.rows + 3) / 4 * 4;
  if constexpr (kFormat != FastFormat::fp16) {
    const unsigned count = part.results * p.scale_count;
    const float* const from = p.w.scales + std::size_t{part.begin} * p.scale_count;
    for (unsigned i = threadIdx.x; i < count; i += kGemvThreads) copy_async4(scales + i, from + i);
    if (p.w.pairs) {
      const float* const second = from + std::size_t{p.w.rows / 2} * p.scale_count;
      for (unsigned i = threadIdx.x; i < count; i += kGemvThreads) copy_async4(scales + count + i, second + i);
    }
    // Lanes behind a row's end multiply zeros by what lies there.
    const unsigned end = part.rows * p.scale_count;
    if (threadIdx.x < 8) scales[end + threadIdx.x] = 0;
  }
  const float input_scale = make_input<kFormat, kKind>(p.in, p.w.cols, steps, input, scratch);
  const float old = p.out.add && threadIdx.x < part.results ? __ldcg(p.out.y + part.begin + threadIdx.x) : 0.0F;
  wait_for_copies();
  __syncthreads();

  Sum<kFormat> sum;
  unsigned row = warp;
  unsigned piece = lane;
  bool told = false;
  while (row < part.rows) {
#pragma unroll
    for (unsigned k = 0; k < kAhead; ++k) {
      if (row >= part.rows) break;
      sum.take(ahead[k], input, steps * 32, piece, scales + row * p.scale_count);
      load(ahead[k]);
      piece += 32;
      if (piece < steps * 32) continue;
      const float total = sum.finish();
      if (lane == 0) sums[row] = total;
      sum = {};
      row += kGemvWarps;
      piece = lane;
    }
    if (!told && load_row >= part.rows) {
      if (lane < 2) prefetch_next(p.nexts.next[lane], blockIdx.x, gridDim.x, warp);
      told = true;
    }
  }
  __syncthreads();
  put_results<kFormat>(p, part, sums, scales, input_scale, old);
}

unsigned multiprocessors() {
  static const unsigned count = [] {
    int device = 0;
    int n = 0;
    check(cudaGetDevice(&device), "finding the device");
    check(cudaDeviceGetAttribute(&n, cudaDevAttrMultiProcessorCount, device), "counting multiprocessors");
    return static_cast<unsigned>(n);
  }();
  return count;
}

template <FastFormat kFormat, FastInputKind kKind>
void launch(const Parameters& p, std::size_t shared, const FastLaunch& how) {
  const auto kernel = gemv_kernel<kFormat, kKind>;
  static const bool allowed = [&] {
    check(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                               cudaFuncAttributeMaxDynamicSharedMemorySize, 110 * 1024),
          "shared memory");
    return true;
  }();
  static_cast<void>(allowed);
  launch_early(kernel, "fast_gemv", dim3(multiprocessors()), kGemvThreads, shared, how, p);
}

template <FastFormat kFormat>
void launch(const Parameters& p, std::size_t shared, const FastLaunch& how) {
  switch (p.in.kind) {
    case FastInputKind::codes:
      if constexpr (kFormat != FastFormat::fp16)
        return launch<kFormat, FastInputKind::codes>(p, shared, how);
      break;
    case FastInputKind::rows: return launch<kFormat, FastInputKind::rows>(p, shared, how);
    case FastInputKind::normed: return launch<kFormat, FastInputKind::normed>(p, shared, how);
    case FastInputKind::merged: return launch<kFormat, FastInputKind::merged>(p, shared, how);
  }
  throw sim::Error(sim::Exit::internal, "fast_gemv: codes for fp16 weights");
}

void require(bool condition, const char* what) {
  if (!condition) throw sim::Error(sim::Exit::internal, std::string("fast_gemv: ") + what);
}

}  // namespace

FastNext next_weights(const FastWeights& w, FastInputKind kind, unsigned bytes) {
  return {w, bytes, steps_ahead(kind) * kStepBytes};
}

void fast_gemv(const FastWeights& w, const FastInput& in, const FastOut& out, const FastLaunch& how) {
  const bool inner = in.kind == FastInputKind::normed || in.kind == FastInputKind::merged;
  require(w.cols % 32 == 0 && w.stride % 16 == 0, "columns that are no multiple of 32");
  require(!inner || w.cols <= kFastMostHidden, "too many inputs to norm or merge");
  const auto blocks = multiprocessors();
  const auto results = static_cast<unsigned>((w.result_rows() + blocks - 1) / blocks);
  require(!out.add || results <= kGemvThreads, "too many rows to add to");
  Parameters p{w, in, out, Nexts(how), 0, 0};
  const unsigned steps = (w.stride / 16 + 31) / 32;
  p.input_bytes = steps * 512 * (w.format == FastFormat::int8 ? 1 : 2);
  p.scale_count = w.format == FastFormat::fp16         ? 0
                  : w.format == FastFormat::int4_group ? (w.cols + 127) / 128
                                                       : 1;
  const unsigned rows = results * (w.pairs ? 2 : 1);
  const std::size_t shared =
      p.input_bytes + 4 * (std::size_t{rows} * p.scale_count + 12 + rows + 4) + input_scratch_bytes(in, w.cols);
  require(shared <= 110 * 1024, "too much shared memory");
  switch (w.format) {
    case FastFormat::int8: return launch<FastFormat::int8>(p, shared, how);
    case FastFormat::int4_group: return launch<FastFormat::int4_group>(p, shared, how);
    case FastFormat::int4_row: return launch<FastFormat::int4_row>(p, shared, how);
    case FastFormat::fp16: return launch<FastFormat::fp16>(p, shared, how);
  }
}

}  // namespace workload::cuda
