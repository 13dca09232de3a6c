// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cmath>

#include "traces/workload/cuda/device.h"
#include "traces/workload/cuda/fast_kernels.h"

namespace workload::cuda {
namespace {

constexpr unsigned kWarps = 32;
constexpr unsigned kThreads = 32 * kWarps;
constexpr unsigned kTableBytes = kFastCentroids * kFastSubVectors * 4;
constexpr float kLog2E = 1.44269504088896341F;
constexpr unsigned kAll = 0xffffffffU;

__device__ inline float warp_max(float x) {
#pragma unroll
  for (unsigned step = 16; step > 0; step /= 2) x = fmaxf(x, __shfl_xor_sync(kAll, x, step));
  return x;
}
__device__ inline float warp_sum(float x) {
#pragma unroll
  for (unsigned step = 16; step > 0; step /= 2) x += __shfl_xor_sync(kAll, x, step);
  return x;
}

__device__ inline uint4 stream_load(const void* p) {
  uint4 v;
  asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];"
               : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w)
               : "l"(p));
  return v;
}

// Of a warp: lane holds elements 2 lane, 2 lane + 1, 64 + 2 lane, 64 + 2 lane + 1; exponents to base 2.
struct State {
  float max = -INFINITY;
  float sum = 0;  // of this lane's tokens
  float4 acc{0, 0, 0, 0};
};

// All warps' states into one partial of the block. `scratch`: kWarps * (128 + 2) floats.
__device__ void finish_block(const State& state, float* scratch, float2* partial, float* out) {
  const unsigned warp = threadIdx.x / 32;
  const unsigned lane = threadIdx.x % 32;
  const float sum = warp_sum(state.sum);
  __syncthreads();
  float* maxima = scratch + kWarps * kFastDim;
  float* sums = maxima + kWarps;
  reinterpret_cast<float2*>(scratch + warp * kFastDim)[lane] = make_float2(state.acc.x, state.acc.y);
  reinterpret_cast<float2*>(scratch + warp * kFastDim)[lane + 32] = make_float2(state.acc.z, state.acc.w);
  if (lane == 0) {
    maxima[warp] = state.max;
    sums[warp] = sum;
  }
  __syncthreads();
  if (threadIdx.x >= kFastDim) return;
  float max = -INFINITY;
  for (unsigned w = 0; w < kWarps; ++w) max = fmaxf(max, maxima[w]);
  float total = 0;
  float value = 0;
  for (unsigned w = 0; w < kWarps; ++w) {
    const float weight = maxima[w] == -INFINITY ? 0.0F : exp2f(maxima[w] - max);
    total = fmaf(weight, sums[w], total);
    value = fmaf(weight, scratch[w * kFastDim + threadIdx.x], value);
  }
  out[threadIdx.x] = value;
  if (threadIdx.x == 0) *partial = make_float2(max, total);
}

// The residual: a warp takes tokens warp, warp + 32, ...
__device__ void walk_rows(const FastPq& a, unsigned head, unsigned kv_head, float scale, State& state) {
  const unsigned lane = threadIdx.x % 32;
  const float2* q = reinterpret_cast<const float2*>(a.q + head * kFastDim);
  const float2 q0 = q[lane];
  const float2 q1 = q[lane + 32];
  for (unsigned t = threadIdx.x / 32; t < a.rows; t += kWarps) {
    const std::size_t at = (std::size_t{kv_head} * a.row_capacity + t) * (kFastDim / 2);
    const float2 k0 = __half22float2(reinterpret_cast<const __half2*>(a.row_keys)[at + lane]);
    const float2 k1 = __half22float2(reinterpret_cast<const __half2*>(a.row_keys)[at + lane + 32]);
    const float score = warp_sum(q0.x * k0.x + q0.y * k0.y + q1.x * k1.x + q1.y * k1.y) * scale;
    const float max = fmaxf(state.max, score);
    const float factor = exp2f(state.max - max);
    const float p = exp2f(score - max);
    const float2 v0 = __half22float2(reinterpret_cast<const __half2*>(a.row_values)[at + lane]);
    const float2 v1 = __half22float2(reinterpret_cast<const __half2*>(a.row_values)[at + lane + 32]);
    state.acc.x = fmaf(p, v0.x, state.acc.x * factor);
    state.acc.y = fmaf(p, v0.y, state.acc.y * factor);
    state.acc.z = fmaf(p, v1.x, state.acc.z * factor);
    state.acc.w = fmaf(p, v1.y, state.acc.w * factor);
    state.sum = state.sum * factor + (lane == 0 ? p : 0.0F);
    state.max = max;
  }
}

// Four codes of a word: look up keys of steps s .. s + 3.
__device__ inline float four_keys(const char* table, unsigned codes, unsigned lane, unsigned s, float sum) {
#pragma unroll
  for (unsigned b = 0; b < 4; ++b) {
    const unsigned code = (codes >> (8 * b)) & 255U;
    const unsigned column = ((lane + s + b) % kFastSubVectors) * 4;
    sum += *reinterpret_cast<const float*>(table + code * (kFastSubVectors * 4) + column);
  }
  return sum;
}

// Two tokens of a word: their codes of sub-vectors lane and lane + 32.
__device__ inline void two_values(const char* centroids, unsigned codes, float p0, float p1, float4& acc) {
#pragma unroll
  for (unsigned t = 0; t < 2; ++t) {
    const float p = t == 0 ? p0 : p1;
    const unsigned first = (codes >> (16 * t)) & 255U;
    const unsigned second = (codes >> (16 * t + 8)) & 255U;
    const float2 a =
        __half22float2(*reinterpret_cast<const __half2*>(centroids + first * (kFastSubVectors * 4)));
    const float2 b =
        __half22float2(*reinterpret_cast<const __half2*>(centroids + second * (kFastSubVectors * 4) + 128));
    acc.x = fmaf(p, a.x, acc.x);
    acc.y = fmaf(p, a.y, acc.y);
    acc.z = fmaf(p, b.x, acc.z);
    acc.w = fmaf(p, b.y, acc.w);
  }
}

// The table of query times centroids is built by every block for itself: f32[code][sub-vector], so that the
// 32 lanes of a look-up, each at a sub-vector of its own, meet 32 banks. Centroids of values lie the same
// way.
__global__ void __launch_bounds__(kThreads, 1) pq_kernel(FastPq a, float scale) {
  extern __shared__ char shared[];
  char* const table = shared;
  char* const centroids = shared + kTableBytes;
  const unsigned head = blockIdx.x;
  const unsigned kv_head = head / (a.heads / a.kv_heads);
  const unsigned warp = threadIdx.x / 32;
  const unsigned lane = threadIdx.x % 32;
  State state;
  if (blockIdx.y == a.splits) {
    walk_rows(a, head, kv_head, scale, state);
  } else {
    {
      // A thread has one sub-vector; neighbouring threads read neighbours.
      const unsigned m = threadIdx.x % kFastSubVectors;
      const float2 q = reinterpret_cast<const float2*>(a.q + head * kFastDim)[m];
      for (unsigned c = threadIdx.x / kFastSubVectors; c < kFastCentroids; c += kThreads / kFastSubVectors) {
        const float2 k = reinterpret_cast<const float2*>(a.key_centroids)[c * kFastSubVectors + m];
        const float product = fminf(fmaxf(q.x * k.x + q.y * k.y, -65504.0F), 65504.0F);
        reinterpret_cast<float*>(table)[c * kFastSubVectors + m] =
            __half2float(__float2half_rn(product)) * scale;
      }
      for (unsigned i = threadIdx.x; i < kTableBytes / 16; i += kThreads)
        reinterpret_cast<uint4*>(centroids)[i] = reinterpret_cast<const uint4*>(a.value_centroids)[i];
    }
    __syncthreads();
    const unsigned groups = a.tokens / 32;
    const unsigned each = (groups + a.splits - 1) / a.splits;
    const unsigned end = min((blockIdx.y + 1) * each, groups);
    const std::size_t base = std::size_t{kv_head} * a.token_capacity * kFastSubVectors + lane * 16;
    const char* const mine = centroids + lane * 4;
    unsigned group = blockIdx.y * each + warp;
    uint4 k[4];
    if (group < end) {
#pragma unroll
      for (unsigned j = 0; j < 4; ++j)
        k[j] = stream_load(a.keys + base + std::size_t{group} * 2048 + j * 512);
    }
    for (; group < end; group += kWarps) {
      uint4 v[4];
#pragma unroll
      for (unsigned j = 0; j < 4; ++j)
        v[j] = stream_load(a.values + base + std::size_t{group} * 2048 + j * 512);
      float s0 = 0;
      float s1 = 0;
#pragma unroll
      for (unsigned j = 0; j < 4; ++j) {
        s0 = four_keys(table, k[j].x, lane, 16 * j, s0);
        s1 = four_keys(table, k[j].y, lane, 16 * j + 4, s1);
        s0 = four_keys(table, k[j].z, lane, 16 * j + 8, s0);
        s1 = four_keys(table, k[j].w, lane, 16 * j + 12, s1);
      }
      const unsigned next = group + kWarps;
      if (next < end) {
#pragma unroll
        for (unsigned j = 0; j < 4; ++j)
          k[j] = stream_load(a.keys + base + std::size_t{next} * 2048 + j * 512);
      }
      const float score = s0 + s1;
      const float max = fmaxf(state.max, warp_max(score));
      const float factor = exp2f(state.max - max);
      const float p = exp2f(score - max);
      state.max = max;
      state.sum = fmaf(state.sum, factor, p);
      state.acc.x *= factor;
      state.acc.y *= factor;
      state.acc.z *= factor;
      state.acc.w *= factor;
#pragma unroll
      for (unsigned j = 0; j < 4; ++j) {
        const unsigned words[4] = {v[j].x, v[j].y, v[j].z, v[j].w};
#pragma unroll
        for (unsigned w = 0; w < 4; ++w) {
          const float p0 = __shfl_sync(kAll, p, 8 * j + 2 * w);
          const float p1 = __shfl_sync(kAll, p, 8 * j + 2 * w + 1);
          two_values(mine, words[w], p0, p1, state.acc);
        }
      }
    }
  }
  const std::size_t at = std::size_t{head} * (a.splits + 1) + blockIdx.y;
  finish_block(state, reinterpret_cast<float*>(shared), a.partials + at, a.accs + at * kFastDim);
}

// Joins splits; maxima are to base 2.
__global__ void merge_kernel(const float2* partials, const float* accs, unsigned splits, float* out) {
  const unsigned head = blockIdx.x;
  float max = -INFINITY;
  for (unsigned s = 0; s < splits; ++s) max = fmaxf(max, partials[head * splits + s].x);
  float sum = 0;
  float value = 0;
  for (unsigned s = 0; s < splits; ++s) {
    const float2 p = partials[head * splits + s];
    if (!(p.y > 0)) continue;
    const float weight = exp2f(p.x - max);
    sum = fmaf(weight, p.y, sum);
    value = fmaf(weight, accs[(std::size_t{head} * splits + s) * kFastDim + threadIdx.x], value);
  }
  out[head * kFastDim + threadIdx.x] = value / sum;
}

__global__ void pack_kernel(const std::uint16_t* codes, unsigned capacity, bool keys, unsigned from,
                            unsigned to, unsigned token_capacity, std::uint8_t* packed) {
  const unsigned kv_head = blockIdx.y;
  const unsigned token = blockIdx.x;
  const unsigned m = threadIdx.x;
  const std::uint16_t code = codes[(std::size_t{kv_head} * capacity + from + token) * kFastSubVectors + m];
  const unsigned t = (to + token) % 32;
  const std::size_t group = (to + token) / 32;
  unsigned at;
  if (keys) {
    const unsigned i = (m + kFastSubVectors - t) % kFastSubVectors;
    at = i / 16 * 512 + t * 16 + i % 16;
  } else {
    at = t / 8 * 512 + m % 32 * 16 + t % 8 * 2 + m / 32;
  }
  packed[(std::size_t{kv_head} * token_capacity / 32 + group) * 2048 + at] = static_cast<std::uint8_t>(code);
}

constexpr unsigned kRowWarps = 8;

// Half a warp a token, eight elements a lane.
__global__ void __launch_bounds__(32 * kRowWarps) rows_kernel(FastRows a, float scale) {
  __shared__ float accs[2 * kRowWarps][kFastDim];
  __shared__ float2 partials[2 * kRowWarps];
  constexpr unsigned kTokens = 4;  // of a half-warp at a time
  const unsigned head = blockIdx.x;
  const unsigned kv_head = head / (a.heads / a.kv_heads);
  const unsigned half = threadIdx.x / 16;
  const unsigned lane = threadIdx.x % 16;
  float q[8];
  for (unsigned i = 0; i < 8; ++i) q[i] = a.q[head * kFastDim + lane * 8 + i] * scale;
  const unsigned each = (a.tokens + a.splits - 1) / a.splits;
  const unsigned begin = blockIdx.y * each;
  const unsigned end = min(begin + each, a.tokens);
  const __half* keys = a.keys + std::size_t{kv_head} * a.capacity * kFastDim + lane * 8;
  const __half* values = a.values + std::size_t{kv_head} * a.capacity * kFastDim + lane * 8;
  float max = -INFINITY;
  float sum = 0;
  float acc[8] = {};
  for (unsigned t0 = begin; t0 < end; t0 += 2 * kRowWarps * kTokens) {
    const unsigned first = t0 + half * kTokens;
    uint4 k[kTokens];
    uint4 v[kTokens];
#pragma unroll
    for (unsigned i = 0; i < kTokens; ++i)
      k[i] = stream_load(keys + std::size_t{min(first + i, end - 1)} * kFastDim);
#pragma unroll
    for (unsigned i = 0; i < kTokens; ++i)
      v[i] = stream_load(values + std::size_t{min(first + i, end - 1)} * kFastDim);
    float scores[kTokens];
    float most = max;
#pragma unroll
    for (unsigned i = 0; i < kTokens; ++i) {
      const __half2* h = reinterpret_cast<const __half2*>(&k[i]);
      float dot = 0;
#pragma unroll
      for (unsigned j = 0; j < 4; ++j) {
        const float2 x = __half22float2(h[j]);
        dot = fmaf(q[2 * j], x.x, fmaf(q[2 * j + 1], x.y, dot));
      }
#pragma unroll
      for (unsigned step = 8; step > 0; step /= 2) dot += __shfl_xor_sync(kAll, dot, step);
      scores[i] = first + i < end ? dot : -INFINITY;
      most = fmaxf(most, scores[i]);
    }
    if (most == -INFINITY) continue;
    const float factor = exp2f(max - most);
    max = most;
    sum *= factor;
    for (float& x : acc) x *= factor;
#pragma unroll
    for (unsigned i = 0; i < kTokens; ++i) {
      const float p = exp2f(scores[i] - max);
      sum += p;
      const __half2* h = reinterpret_cast<const __half2*>(&v[i]);
#pragma unroll
      for (unsigned j = 0; j < 4; ++j) {
        const float2 x = __half22float2(h[j]);
        acc[2 * j] = fmaf(p, x.x, acc[2 * j]);
        acc[2 * j + 1] = fmaf(p, x.y, acc[2 * j + 1]);
      }
    }
  }
  for (unsigned i = 0; i < 8; ++i) accs[half][lane * 8 + i] = acc[i];
  if (lane == 0) partials[half] = make_float2(max, sum);
  __syncthreads();
  if (threadIdx.x >= kFastDim) return;
  float largest = -INFINITY;
  for (const float2& p : partials) largest = fmaxf(largest, p.x);
  float total = 0;
  float value = 0;
  for (unsigned h = 0; h < 2 * kRowWarps; ++h) {
    const float weight = partials[h].x == -INFINITY ? 0.0F : exp2f(partials[h].x - largest);
    total = fmaf(weight, partials[h].y, total);
    value = fmaf(weight, accs[h][threadIdx.x], value);
  }
  const std::size_t at = std::size_t{head} * a.splits + blockIdx.y;
  a.accs[at * kFastDim + threadIdx.x] = value;
  if (threadIdx.x == 0) a.partials[at] = make_float2(largest, total);
}

const float kScale = kLog2E / std::sqrt(static_cast<float>(kFastDim));

}  // namespace

void fast_pq_attend(const FastPq& a, float* out, cudaStream_t stream) {
  check(cudaFuncSetAttribute(reinterpret_cast<const void*>(pq_kernel),
                             cudaFuncAttributeMaxDynamicSharedMemorySize, 2 * kTableBytes),
        "shared memory");
  pq_kernel<<<dim3(a.heads, a.splits + 1), kThreads, 2 * kTableBytes, stream>>>(a, kScale);
  check_launch("fast_pq_attend");
  merge_kernel<<<a.heads, kFastDim, 0, stream>>>(a.partials, a.accs, a.splits + 1, out);
  check_launch("fast merge");
}

void fast_pack(const std::uint16_t* codes, unsigned capacity, bool keys, unsigned kv_heads, unsigned from,
               unsigned count, unsigned to, unsigned token_capacity, std::uint8_t* packed,
               cudaStream_t stream) {
  pack_kernel<<<dim3(count, kv_heads), kFastSubVectors, 0, stream>>>(codes, capacity, keys, from, to,
                                                                     token_capacity, packed);
  check_launch("fast_pack");
}

void fast_rows_attend(const FastRows& a, float* out, cudaStream_t stream) {
  rows_kernel<<<dim3(a.heads, a.splits), 32 * kRowWarps, 0, stream>>>(a, kScale);
  check_launch("fast_rows_attend");
  merge_kernel<<<a.heads, kFastDim, 0, stream>>>(a.partials, a.accs, a.splits, out);
  check_launch("fast merge");
}

}  // namespace workload::cuda
