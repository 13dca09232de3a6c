// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cmath>

#include "traces/workload/cuda/fast_device.cuh"
#include "traces/workload/cuda/fast_kernels.h"

// What both kinds of attention begin and end with.
namespace workload::cuda {

constexpr float kLog2E = 1.44269504088896341F;
constexpr float kFastScale = kLog2E * 0.08838834764831845F;  // 1 / sqrt(128); exponents are to base 2

// What the kernel before left of a token, as it is fetched: its query in this block's head, its key and
// value.
struct alignas(16) RawToken {
  float q[kFastDim];
  float k[kFastDim];
  float v[kFastDim];
  float2 angles[kFastDim / 2];
};
// This block's query, and the new token's key and value as they are stored.
struct alignas(16) Token {
  float q[kFastDim];
  __half k[kFastDim];
  __half v[kFastDim];
};

__device__ inline unsigned raw_token_bytes(const FastQuery& in) { return in.angles == nullptr ? 512 : 2048; }
// One thread, behind wait_for_others().
__device__ inline void fetch_token(const FastQuery& in, unsigned head, RawToken& raw, Arrival& arrival) {
  arrival.copy(raw.q, in.q + head * kFastDim, 512);
  if (in.angles == nullptr) return;
  const float* const k = in.q + (in.heads + head / (in.heads / in.kv_heads)) * kFastDim;
  arrival.copy(raw.k, k, 512);
  arrival.copy(raw.v, k + in.kv_heads * kFastDim, 512);
  arrival.copy(raw.angles, in.angles, 512);
}

__device__ inline __half saturated(float x) { return __float2half_rn(fminf(fmaxf(x, -65504.0F), 65504.0F)); }

// By threads 0 .. 255, when the raw token has come; the caller synchronises. `store`: append the token too,
// at row keys[128], values[128]; one block of those that share a kv head.
__device__ inline void take_token(const RawToken& raw, bool turn, Token& token, bool store, __half* keys,
                                  __half* values) {
  constexpr unsigned kHalf = kFastDim / 2;
  const unsigned t = threadIdx.x;
  if (!turn) {
    if (t < kFastDim) token.q[t] = raw.q[t];
    return;
  }
  if (t < 2 * kHalf) {  // queries, then keys
    const unsigned i = t % kHalf;
    const float* const x = t < kHalf ? raw.q : raw.k;
    const float2 a = raw.angles[i];
    const float low = x[i] * a.x - x[i + kHalf] * a.y;
    const float high = x[i + kHalf] * a.x + x[i] * a.y;
    if (t < kHalf) {
      token.q[i] = low;
      token.q[i + kHalf] = high;
      return;
    }
    token.k[i] = saturated(low);
    token.k[i + kHalf] = saturated(high);
    if (store) {
      keys[i] = token.k[i];
      keys[i + kHalf] = token.k[i + kHalf];
    }
  } else if (t < 2 * kFastDim) {
    const unsigned i = t - kFastDim;
    token.v[i] = saturated(raw.v[i]);
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

}  // namespace workload::cuda
