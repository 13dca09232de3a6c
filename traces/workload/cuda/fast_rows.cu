// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/cuda/fast_attention.cuh"

namespace workload::cuda {
namespace {

constexpr unsigned kThreads = 512;
constexpr unsigned kStates = kThreads / 16;  // half a warp a token, eight elements a lane
constexpr unsigned kTokens = 8;              // of a half-warp at a time

__device__ inline float dot(const float (&q)[8], const uint4& k) {
  const __half2* h = reinterpret_cast<const __half2*>(&k);
  float sum = 0;
#pragma unroll
  for (unsigned j = 0; j < 4; ++j) {
    const float2 x = __half22float2(h[j]);
    sum = fmaf(q[2 * j], x.x, fmaf(q[2 * j + 1], x.y, sum));
  }
#pragma unroll
  for (unsigned step = 8; step > 0; step /= 2) sum += __shfl_xor_sync(kAllLanes, sum, step);
  return sum;
}

struct State {
  float max = -INFINITY;
  float sum = 0;
  float acc[8] = {};

  __device__ void raise(float most) {
    const float factor = exp2f(max - most);
    max = most;
    sum *= factor;
    for (float& x : acc) x *= factor;
  }
  __device__ void add(float p, const uint4& v) {
    sum += p;
    const __half2* h = reinterpret_cast<const __half2*>(&v);
#pragma unroll
    for (unsigned j = 0; j < 4; ++j) {
      const float2 x = __half22float2(h[j]);
      acc[2 * j] = fmaf(p, x.x, acc[2 * j]);
      acc[2 * j + 1] = fmaf(p, x.y, acc[2 * j + 1]);
    }
  }
};

__global__ void __launch_bounds__(kThreads, 1) rows_kernel(const __grid_constant__ FastRows a) {
  __shared__ Arrival arrival;
  __shared__ RawToken raw;
  __shared__ Token token;
  __shared__ float accs[kStates][kFastDim];
  __shared__ float2 states[kStates];
  const unsigned head = blockIdx.x;
  const unsigned split = blockIdx.y;
  const unsigned sharing = a.query.heads / a.query.kv_heads;
  const unsigned kv_head = head / sharing;
  const unsigned half = threadIdx.x / 16;
  const unsigned lane = threadIdx.x % 16;
  let_next_begin();
  if (threadIdx.x == 0) {
    arrival.prepare();
    arrival.expect(raw_token_bytes(a.query));
  }
  const unsigned there = a.query.angles != nullptr ? a.tokens - 1 : a.tokens;  // before this token
  const unsigned end = static_cast<unsigned>(std::uint64_t{there} * (split + 1) / kFastSplits);
  unsigned first = static_cast<unsigned>(std::uint64_t{there} * split / kFastSplits) + half;
  const std::size_t base = std::size_t{kv_head} * a.capacity * kFastDim;
  const auto load = [&](const __half* from, unsigned t, uint4(&to)[kTokens]) {
#pragma unroll
    for (unsigned i = 0; i < kTokens; ++i) {
      const unsigned at = t + i * kStates;
      stream_load(to[i], from + base + std::size_t{at} * kFastDim + lane * 8, at < end);
    }
  };
  uint4 k[kTokens] = {};
  uint4 v[kTokens] = {};
  load(a.keys, first, k);
  load(a.values, first, v);
  __syncthreads();  // the barrier is prepared
  wait_for_others();
  if (threadIdx.x == 0) fetch_token(a.query, head, raw, arrival);
  arrival.wait();
  const bool newest = there < a.tokens && split == kFastSplits - 1;
  take_token(raw, a.query.angles != nullptr, token, newest && head % sharing == 0,
             a.keys + base + std::size_t{there} * kFastDim, a.values + base + std::size_t{there} * kFastDim);
  __syncthreads();
  float q[8];
#pragma unroll
  for (unsigned i = 0; i < 8; ++i) q[i] = token.q[lane * 8 + i] * kFastScale;

  State state;
  // Both halves of a warp go as often as the lower one has to.
  for (; first - half % 2 < end; first += kStates * kTokens) {
    float scores[kTokens];
    float most = state.max;
#pragma unroll
    for (unsigned i = 0; i < kTokens; ++i) {
      const float score = dot(q, k[i]);
      scores[i] = first + i * kStates < end ? score : -INFINITY;
      most = fmaxf(most, scores[i]);
    }
    load(a.keys, first + kStates * kTokens, k);
    if (most > -INFINITY) {
      state.raise(most);
#pragma unroll
      for (unsigned i = 0; i < kTokens; ++i) state.add(exp2f(scores[i] - state.max), v[i]);
    }
    load(a.values, first + kStates * kTokens, v);
  }
  if (newest && half < 2) {  // the first warp; its lower half counts
    const float score = dot(q, *reinterpret_cast<const uint4*>(token.k + lane * 8));
    if (half == 0) {
      state.raise(fmaxf(state.max, score));
      state.add(exp2f(score - state.max), *reinterpret_cast<const uint4*>(token.v + lane * 8));
    }
  }
  for (unsigned i = 0; i < 8; ++i) accs[half][lane * 8 + i] = state.acc[i];
  if (lane == 0) states[half] = make_float2(state.max, state.sum);
  __syncthreads();
  const std::size_t at = std::size_t{head} * kFastSplits + split;
  join_states<kStates>(states, accs[0], a.partials + at, a.accs + at * kFastDim);
}

}  // namespace

void fast_rows_attend(const FastRows& a, const FastLaunch& how) {
  launch_early(rows_kernel, "fast_rows_attend", dim3(a.query.heads, kFastSplits), kThreads, 0, how, a);
}

}  // namespace workload::cuda
