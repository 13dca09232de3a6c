// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cmath>

#include "traces/workload/cuda/attention_walk.cuh"
#include "traces/workload/cuda/device.h"
#include "traces/workload/cuda/kernels.h"

// Flash decoding in the host's order (million/attention.h): one block walks a split of one query head in
// tiles.
namespace workload::cuda {
namespace {

using namespace split;

struct CodedRows {
  const float* table;
  const std::uint16_t* keys;  // [token][M]
  const std::uint16_t* values;
  Book book;

  __device__ void scores(Walk& walk, unsigned first, unsigned count, float scale) const {
    if (threadIdx.x >= count) return;
    const std::uint16_t* codes = keys + std::size_t{first + threadIdx.x} * book.sub_vectors;
    float sum = 0;
    for (unsigned m = 0; m < book.sub_vectors; ++m) sum = sum + table[m * book.count + codes[m]];
    walk.scores[threadIdx.x] = sum * scale;
  }
  __device__ float value(unsigned token, unsigned d) const {
    const unsigned m = d / book.sub_dim;
    const unsigned code = values[std::size_t{token} * book.sub_vectors + m];
    return book.centroids[(std::size_t{m} * book.count + code) * book.sub_dim + d % book.sub_dim];
  }
};

template <class Element>
__global__ void __launch_bounds__(kThreads) attend_kernel(Attention a, float scale) {
  __shared__ Walk walk;
  read_step(a);
  const unsigned head = blockIdx.x;
  const unsigned kv_head = head / (a.heads / a.kv_heads);
  const auto [coded, plain] = cuts(a);
  if (blockIdx.y >= coded.splits + plain.splits) return;
  for (unsigned d = threadIdx.x; d < a.dim; d += kThreads) walk.q[d] = a.q[std::size_t{head} * a.dim + d];
  __syncthreads();
  if (blockIdx.y < coded.splits) {
    const std::size_t at = std::size_t{kv_head} * a.code_capacity * a.values.sub_vectors;
    const CodedRows source{a.tables + std::size_t{head} * a.values.sub_vectors * a.values.count,
                           a.key_codes + at, a.value_codes + at, a.values};
    const unsigned begin = blockIdx.y * coded.tokens_each;
    walk_split(walk, source, begin, min(begin + coded.tokens_each, a.coded), a.dim, scale);
  } else {
    const std::size_t at = std::size_t{kv_head} * a.row_capacity * a.dim;
    const Rows<Element> source{static_cast<const Element*>(a.keys) + at,
                               static_cast<const Element*>(a.row_values) + at, a.dim, a.dim};
    const unsigned begin = (blockIdx.y - coded.splits) * plain.tokens_each;
    walk_split(walk, source, begin, min(begin + plain.tokens_each, a.rows), a.dim, scale);
  }
  const std::size_t at = std::size_t{head} * gridDim.y + blockIdx.y;
  for (unsigned d = threadIdx.x; d < a.dim; d += kThreads) a.accs[at * a.dim + d] = walk.acc[d];
  if (threadIdx.x == 0) a.partials[at] = make_float2(walk.max, walk.sum);
}

// million::merge. A split has at least one token, so that its sum is positive. `stride` splits of a head lie
// one behind the other, of which the first few are used.
__global__ void __launch_bounds__(kThreads) merge_kernel(Attention a, unsigned stride, float* out) {
  __shared__ float2 partials[kThreads];  // more than there are splits
  __shared__ float weights[kThreads];
  read_step(a);
  const unsigned splits = cuts(a).splits();
  const std::size_t first = std::size_t{blockIdx.x} * stride;
  if (threadIdx.x < splits) partials[threadIdx.x] = a.partials[first + threadIdx.x];
  __syncthreads();
  float largest = -INFINITY;
  for (unsigned s = 0; s < splits; ++s) largest = fmaxf(largest, partials[s].x);
  if (threadIdx.x < splits) weights[threadIdx.x] = exp_like_host(partials[threadIdx.x].x - largest);
  __syncthreads();
  for (unsigned d = threadIdx.x; d < a.dim; d += kThreads) {
    const float* acc = a.accs + first * a.dim + d;
    float sum = 0;
    float value = 0;
#pragma unroll 8
    for (unsigned s = 0; s < splits; ++s) {
      sum = sum + weights[s] * partials[s].y;
      value = value + weights[s] * acc[std::size_t{s} * a.dim];
    }
    out[std::size_t{blockIdx.x} * a.dim + d] = value / sum;
  }
}

__global__ void __launch_bounds__(kThreads) prompt_kernel(const float* qkv, unsigned heads, unsigned kv_heads,
                                                          unsigned dim, float scale, float* out) {
  __shared__ Walk walk;
  const unsigned head = blockIdx.x;
  const unsigned token = blockIdx.y;
  const std::size_t stride = std::size_t{heads + 2 * kv_heads} * dim;
  const unsigned kv_head = head / (heads / kv_heads);
  for (unsigned d = threadIdx.x; d < dim; d += kThreads)
    walk.q[d] = qkv[token * stride + std::size_t{head} * dim + d];
  __syncthreads();
  const float* keys = qkv + std::size_t{heads + kv_head} * dim;
  const Rows<float> source{keys, keys + std::size_t{kv_heads} * dim, stride, dim};
  walk_split(walk, source, 0, token + 1, dim, scale);
  for (unsigned d = threadIdx.x; d < dim; d += kThreads)
    out[(std::size_t{token} * heads + head) * dim + d] = walk.acc[d] / walk.sum;
}

float scale_of(unsigned dim) { return 1.0F / std::sqrt(static_cast<float>(dim)); }

}  // namespace

unsigned splits_of(const Attention& a) {
  if (a.step == nullptr) return cuts(a).splits();
  return a.has_residual() ? a.max_splits + 1 : a.max_splits;
}

void attend(const Attention& a, RowKind kind, cudaStream_t stream) {
  if (a.key_tiles != nullptr) return attend_pq64(a, stream);
  const dim3 grid(a.heads, splits_of(a));
  if (kind == RowKind::f32)
    attend_kernel<float><<<grid, kThreads, 0, stream>>>(a, scale_of(a.dim));
  else
    attend_kernel<__half><<<grid, kThreads, 0, stream>>>(a, scale_of(a.dim));
  check_launch("attend");
}

void merge(const Attention& a, float* out, cudaStream_t stream) {
  merge_kernel<<<a.heads, kThreads, 0, stream>>>(a, splits_of(a), out);
  check_launch("merge");
}

void prompt_attention(const float* qkv, unsigned tokens, unsigned heads, unsigned kv_heads, unsigned dim,
                      float* out, cudaStream_t stream) {
  prompt_kernel<<<dim3(heads, tokens), kThreads, 0, stream>>>(qkv, heads, kv_heads, dim, scale_of(dim), out);
  check_launch("prompt_attention");
}

}  // namespace workload::cuda
