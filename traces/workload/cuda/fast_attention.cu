// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/cuda/fast_attention.cuh"

namespace workload::cuda {
namespace {

constexpr unsigned kTableBytes = kFastCentroids * kFastSubVectors * 4;
constexpr unsigned kMostRows = 128;

// Of a warp: lane holds elements 2 lane, 2 lane + 1, 64 + 2 lane, 64 + 2 lane + 1.
struct State {
  float max = -INFINITY;
  float sum = 0;  // of this lane's tokens
  float4 acc{0, 0, 0, 0};

  __device__ void rescale(float most) {
    const float factor = exp2f(max - most);
    max = most;
    sum *= factor;
    acc.x *= factor;
    acc.y *= factor;
    acc.z *= factor;
    acc.w *= factor;
  }
};

// A lane's part of a token of the residual.
struct Row {
  __half2 k0, k1, v0, v1;
  __device__ void load(const __half* keys, const __half* values, unsigned lane) {
    k0 = reinterpret_cast<const __half2*>(keys)[lane];
    k1 = reinterpret_cast<const __half2*>(keys)[lane + 32];
    v0 = reinterpret_cast<const __half2*>(values)[lane];
    v1 = reinterpret_cast<const __half2*>(values)[lane + 32];
  }
};

__device__ inline void attend_row(const float* q, const Row& row, unsigned lane, State& state) {
  const float2 q0 = reinterpret_cast<const float2*>(q)[lane];
  const float2 q1 = reinterpret_cast<const float2*>(q)[lane + 32];
  const float2 k0 = __half22float2(row.k0);
  const float2 k1 = __half22float2(row.k1);
  const float score = warp_sum(q0.x * k0.x + q0.y * k0.y + q1.x * k1.x + q1.y * k1.y) * kFastScale;
  state.rescale(fmaxf(state.max, score));
  const float p = exp2f(score - state.max);
  const float2 v0 = __half22float2(row.v0);
  const float2 v1 = __half22float2(row.v1);
  state.acc.x = fmaf(p, v0.x, state.acc.x);
  state.acc.y = fmaf(p, v0.y, state.acc.y);
  state.acc.z = fmaf(p, v1.x, state.acc.z);
  state.acc.w = fmaf(p, v1.y, state.acc.w);
  state.sum += lane == 0 ? p : 0.0F;
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

// Rounded to fp16, as a table of a smaller type would be.
__device__ inline float2 two_entries(const float2 (&q)[2], __half2 first, __half2 second) {
  const float2 a = __half22float2(first);
  const float2 b = __half22float2(second);
  const __half2 most = __float2half2_rn(65504.0F);
  const __half2 products =
      __floats2half2_rn(fmaf(q[0].x, a.x, q[0].y * a.y), fmaf(q[1].x, b.x, q[1].y * b.y));
  return __half22float2(__hmax2(__hmin2(products, most), __hneg2(most)));
}

// Centroids of keys, in place, into their products with the query: f32[code][sub-vector], so that the 32
// lanes of a look-up, each at a sub-vector of its own, meet 32 banks. Centroids of values lie the same way.
template <unsigned kThreads>
__device__ void make_table(char* table, const float* q) {
  const unsigned m = threadIdx.x % (kFastSubVectors / 4) * 4;
  const float2* const x = reinterpret_cast<const float2*>(q) + m;
  const float2 low[2] = {x[0], x[1]};
  const float2 high[2] = {x[2], x[3]};
#pragma unroll 4
  for (unsigned i = threadIdx.x; i < kTableBytes / 16; i += kThreads) {
    const uint4 word = reinterpret_cast<const uint4*>(table)[i];
    const __half2* const c = reinterpret_cast<const __half2*>(&word);
    const float2 a = two_entries(low, c[0], c[1]);
    const float2 b = two_entries(high, c[2], c[3]);
    reinterpret_cast<float4*>(table)[i] = make_float4(a.x, a.y, b.x, b.y);
  }
}

// A block has a quarter of a head's coded tokens, and of the residual every fourth. What does not depend on
// the query is fetched before the wait. kWarps: 16 begin sooner, 32 look up faster.
template <unsigned kWarps>
__global__ void __launch_bounds__(32 * kWarps, 1) pq_kernel(const __grid_constant__ FastPq a) {
  constexpr unsigned kThreads = 32 * kWarps;
  constexpr unsigned kRows = kMostRows / kFastSplits / kWarps;  // of the residual, of a warp
  extern __shared__ char shared[];
  __shared__ Arrival keys_and_token;
  __shared__ Arrival values;
  __shared__ RawToken raw;
  __shared__ Token token;
  __shared__ float2 states[kWarps];
  char* const table = shared;
  char* const centroids = shared + kTableBytes;
  const unsigned head = blockIdx.x;
  const unsigned split = blockIdx.y;
  const unsigned sharing = a.query.heads / a.query.kv_heads;
  const unsigned kv_head = head / sharing;
  const unsigned warp = threadIdx.x / 32;
  const unsigned lane = threadIdx.x % 32;
  let_next_begin();

  if (threadIdx.x == 0) {
    keys_and_token.prepare();
    values.prepare();
    keys_and_token.expect(kTableBytes + raw_token_bytes(a.query));
    values.expect(kTableBytes);
    const unsigned block = split * gridDim.x + head;
    keys_and_token.copy_turned(table, a.key_centroids, kTableBytes, block);
    values.copy_turned(centroids, a.value_centroids, kTableBytes, block);
  }
  const unsigned groups = a.tokens / 32;
  const unsigned end = groups * (split + 1) / kFastSplits;
  unsigned group = groups * split / kFastSplits + warp;
  const std::size_t base = std::size_t{kv_head} * a.token_capacity * kFastSubVectors + lane * 16;
  const auto load = [&](const std::uint8_t* from, unsigned g, uint4(&to)[4]) {
#pragma unroll
    for (unsigned j = 0; j < 4; ++j)
      stream_load(to[j], from + base + std::size_t{g} * 2048 + j * 512, g < end);
  };
  uint4 k[4] = {};
  uint4 v[4] = {};
  load(a.keys, group, k);
  load(a.values, group, v);
  const unsigned fresh = a.query.angles != nullptr ? a.rows - 1 : a.rows;  // rows before it are there already
  const std::size_t row_base = std::size_t{kv_head} * a.row_capacity * kFastDim;
  Row rows[kRows];
#pragma unroll
  for (unsigned j = 0; j < kRows; ++j) {
    const unsigned t = (j * kWarps + warp) * kFastSplits + split;
    if (t < fresh)
      rows[j].load(a.row_keys + row_base + t * kFastDim, a.row_values + row_base + t * kFastDim, lane);
  }
  __syncthreads();  // the barrier is prepared

  wait_for_others();
  if (threadIdx.x == 0) fetch_token(a.query, head, raw, keys_and_token);
  const bool store = fresh < a.rows && fresh % kFastSplits == split && head % sharing == 0;
  keys_and_token.wait();
  take_token(raw, a.query.angles != nullptr, token, store,
             a.row_keys + row_base + std::size_t{fresh} * kFastDim,
             a.row_values + row_base + std::size_t{fresh} * kFastDim);
  __syncthreads();
  make_table<kThreads>(table, token.q);
  State state;
#pragma unroll
  for (unsigned j = 0; j < kRows; ++j) {
    const unsigned t = (j * kWarps + warp) * kFastSplits + split;
    if (t >= a.rows) break;
    if (t == fresh) rows[j].load(token.k, token.v, lane);
    attend_row(token.q, rows[j], lane, state);
  }
  values.wait();
  __syncthreads();

  const char* const mine = centroids + lane * 4;
  for (; group < end; group += kWarps) {
    float s0 = 0;
    float s1 = 0;
#pragma unroll
    for (unsigned j = 0; j < 4; ++j) {
      s0 = four_keys(table, k[j].x, lane, 16 * j, s0);
      s1 = four_keys(table, k[j].y, lane, 16 * j + 4, s1);
      s0 = four_keys(table, k[j].z, lane, 16 * j + 8, s0);
      s1 = four_keys(table, k[j].w, lane, 16 * j + 12, s1);
    }
    load(a.keys, group + kWarps, k);
    const float score = (s0 + s1) * kFastScale;
    state.rescale(fmaxf(state.max, warp_max(score)));
    const float p = exp2f(score - state.max);
    state.sum += p;
#pragma unroll
    for (unsigned j = 0; j < 4; ++j) {
      const unsigned words[4] = {v[j].x, v[j].y, v[j].z, v[j].w};
#pragma unroll
      for (unsigned w = 0; w < 4; ++w) {
        const float p0 = __shfl_sync(kAllLanes, p, 8 * j + 2 * w);
        const float p1 = __shfl_sync(kAllLanes, p, 8 * j + 2 * w + 1);
        two_values(mine, words[w], p0, p1, state.acc);
      }
    }
    load(a.values, group + kWarps, v);
  }

  __syncthreads();  // the table's place is free
  float* const accs = reinterpret_cast<float*>(shared);
  const float sum = warp_sum(state.sum);
  reinterpret_cast<float2*>(accs + warp * kFastDim)[lane] = make_float2(state.acc.x, state.acc.y);
  reinterpret_cast<float2*>(accs + warp * kFastDim)[lane + 32] = make_float2(state.acc.z, state.acc.w);
  if (lane == 0) states[warp] = make_float2(state.max, sum);
  __syncthreads();
  const std::size_t at = std::size_t{head} * kFastSplits + split;
  join_states<kWarps>(states, accs, a.partials + at, a.accs + at * kFastDim);
}

// Joins splits; maxima are to base 2.
__global__ void merge_kernel(const float2* partials, const float* accs, float* out) {
  let_next_begin();
  wait_for_others();
  const unsigned head = blockIdx.x;
  float max = -INFINITY;
  for (unsigned s = 0; s < kFastSplits; ++s) max = fmaxf(max, __ldcg(partials + head * kFastSplits + s).x);
  float sum = 0;
  float value = 0;
  for (unsigned s = 0; s < kFastSplits; ++s) {
    const float2 p = __ldcg(partials + head * kFastSplits + s);
    if (!(p.y > 0)) continue;
    const float weight = exp2f(p.x - max);
    sum = fmaf(weight, p.y, sum);
    value =
        fmaf(weight, __ldcg(accs + (std::size_t{head} * kFastSplits + s) * kFastDim + threadIdx.x), value);
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

template <unsigned kWarps>
void launch(const FastPq& a, const FastLaunch& how) {
  static const bool allowed = [] {
    check(cudaFuncSetAttribute(reinterpret_cast<const void*>(pq_kernel<kWarps>),
                               cudaFuncAttributeMaxDynamicSharedMemorySize, 2 * kTableBytes),
          "shared memory");
    return true;
  }();
  static_cast<void>(allowed);
  launch_early(pq_kernel<kWarps>, "fast_pq_attend", dim3(a.query.heads, kFastSplits), 32 * kWarps,
               2 * kTableBytes, how, a);
}

}  // namespace

void fast_pq_attend(const FastPq& a, const FastLaunch& how) {
  constexpr unsigned kLong = 8192;
  if (a.tokens < kLong)
    launch<16>(a, how);
  else
    launch<32>(a, how);
}

void fast_merge(const float2* partials, const float* accs, unsigned heads, float* out,
                const FastLaunch& how) {
  launch_early(merge_kernel, "fast_merge", dim3(heads), kFastDim, 0, how, partials, accs, out);
}

void fast_pack(const std::uint16_t* codes, unsigned capacity, bool keys, unsigned kv_heads, unsigned from,
               unsigned count, unsigned to, unsigned token_capacity, std::uint8_t* packed,
               cudaStream_t stream) {
  pack_kernel<<<dim3(count, kv_heads), kFastSubVectors, 0, stream>>>(codes, capacity, keys, from, to,
                                                                     token_capacity, packed);
  check_launch("fast_pack");
}

}  // namespace workload::cuda
