// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cmath>

#include "traces/workload/cuda/fast_part.cuh"

// What both kinds of attention begin and end with.
namespace workload::cuda {

constexpr float kLog2E = 1.44269504088896341F;
constexpr float kFastScale = kLog2E * 0.08838834764831845F;  // 1 / sqrt(128); exponents are to base 2

// This block's query, and the new token's key and value as they are stored.
struct alignas(16) Token {
  float q[kFastDim];
  __half k[kFastDim];
  __half v[kFastDim];
};

__device__ inline __half saturated(float x) {
  return __float2half_rn(fminf(fmaxf(x, -65504.0F), 65504.0F));
}

// By threads 0 .. 255, behind wait_for_others(); the caller synchronises. `store`: append the token too, at
// row keys[128], values[128]; one block of those that share a kv head.
__device__ inline void take_token(const FastQuery& in, unsigned head, Token& token, bool store, __half* keys,
                                  __half* values) {
  constexpr unsigned kHalf = kFastDim / 2;
  const unsigned t = threadIdx.x;
  const float* const q = in.q + head * kFastDim;
  const unsigned kv_head = head / (in.heads / in.kv_heads);
  const float* const k = in.q + (in.heads + kv_head) * kFastDim;
  if (in.angles == nullptr) {
    if (t < kFastDim) token.q[t] = __ldcg(q + t);
    return;
  }
  if (t < 2 * kHalf) {  // queries, then keys
    const unsigned i = t % kHalf;
    const float* const x = t < kHalf ? q : k;
    const float2 a = in.angles[i];
    const float low = __ldcg(x + i);
    const float high = __ldcg(x + i + kHalf);
    const float turned_low = low * a.x - high * a.y;
    const float turned_high = high * a.x + low * a.y;
    if (t < kHalf) {
      token.q[i] = turned_low;
      token.q[i + kHalf] = turned_high;
      return;
    }
    token.k[i] = saturated(turned_low);
    token.k[i + kHalf] = saturated(turned_high);
    if (store) {
      keys[i] = token.k[i];
      keys[i + kHalf] = token.k[i + kHalf];
    }
  } else if (t < 2 * kFastDim) {
    const unsigned i = t - kFastDim;
    token.v[i] = saturated(__ldcg(k + in.kv_heads * kFastDim + i));
    if (store) values[i] = token.v[i];
  }
}

// kStates states (max, sum) with accs[kStates][128], in shared memory and synchronised, into one partial of
// the block; by threads 0 .. 127.
template <unsigned kStates>
__device__ inline void join_states(const float2* states, const float* accs, float2* partial, float* out) {
  if (threadIdx.x >= kFastDim) return;
  float max = -INFINITY;
#pragma unroll
  for (unsigned s = 0; s < kStates; ++s) max = fmaxf(max, states[s].x);
  float sum = 0;
  float value = 0;
#pragma unroll
  for (unsigned s = 0; s < kStates; ++s) {
    const float weight = states[s].x == -INFINITY ? 0.0F : exp2f(states[s].x - max);
    sum = fmaf(weight, states[s].y, sum);
    value = fmaf(weight, accs[s * kFastDim + threadIdx.x], value);
  }
  out[threadIdx.x] = value;
  if (threadIdx.x == 0) *partial = make_float2(max, sum);
}

// Grid (heads, splits): weights that come next, shared among all blocks.
__device__ inline void prefetch_nexts(const Nexts& nexts) {
  constexpr unsigned kBlocks = 132;  // about what the next kernel has
  if (threadIdx.x >= kGemvThreads || threadIdx.x % 32 > 1) return;
  for (unsigned b = blockIdx.y * gridDim.x + blockIdx.x; b < kBlocks; b += gridDim.x * gridDim.y)
    prefetch_next(nexts.next[threadIdx.x % 32], b, kBlocks, threadIdx.x / 32);
}

}  // namespace workload::cuda
