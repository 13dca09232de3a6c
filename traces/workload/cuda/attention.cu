// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cmath>

#include "traces/workload/cuda/arithmetic.cuh"
#include "traces/workload/cuda/device.h"
#include "traces/workload/cuda/kernels.h"

// Flash decoding in the host's order (million/attention.h): one block walks a split of one query head in
// tiles.
namespace workload::cuda {
namespace {

constexpr unsigned kTile = 64;
constexpr unsigned kThreads = 128;
constexpr unsigned kMostDim = 256;

struct Walk {
  float scores[kTile];
  float acc[kMostDim];
  float q[kMostDim];
  float max, sum, factor;
};

template <class Element>
struct Rows {
  const Element* keys;
  const Element* values;
  std::size_t stride;
  unsigned dim;

  __device__ void scores(Walk& walk, unsigned first, unsigned count, float scale) const {
    const unsigned step = kThreads / 16;
    for (unsigned begin = 0; begin < kTile; begin += step) {  // all lanes go round
      const unsigned i = begin + threadIdx.x / 16;
      const float dot = attention_dot16(walk.q, keys + (first + min(i, count - 1)) * stride, dim);
      if (threadIdx.x % 16 == 0 && i < count) walk.scores[i] = dot * scale;
    }
  }
  __device__ float value(unsigned token, unsigned d) const { return widen(values[token * stride + d]); }
};

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

// softmax_tile() and the accumulation behind it, tile after tile.
template <class Source>
__device__ void walk_split(Walk& walk, const Source& source, unsigned begin, unsigned end, unsigned dim,
                           float scale) {
  for (unsigned d = threadIdx.x; d < dim; d += kThreads) walk.acc[d] = 0;
  if (threadIdx.x == 0) {
    walk.max = -INFINITY;
    walk.sum = 0;
  }
  for (unsigned first = begin; first < end; first += kTile) {
    const unsigned count = min(kTile, end - first);
    source.scores(walk, first, count, scale);
    __syncthreads();
    if (threadIdx.x < 32) {
      float largest = walk.max;
      for (unsigned i = threadIdx.x; i < count; i += 32) largest = fmaxf(largest, walk.scores[i]);
      for (unsigned step = 16; step > 0; step /= 2)
        largest = fmaxf(largest, __shfl_xor_sync(0xffffffffU, largest, step));
      const float before = walk.max;
      __syncwarp();
      if (threadIdx.x == 0) {
        const bool rises = largest > before;
        walk.factor = rises ? exp_like_host(before - largest) : 1.0F;
        walk.max = largest;
        if (rises) walk.sum = walk.sum * walk.factor;
      }
    }
    __syncthreads();
    if (threadIdx.x < count) walk.scores[threadIdx.x] = exp_like_host(walk.scores[threadIdx.x] - walk.max);
    __syncthreads();
    if (threadIdx.x == kThreads - 1) {
      float sum = walk.sum;
      for (unsigned i = 0; i < count; ++i) sum = sum + walk.scores[i];
      walk.sum = sum;
    }
    for (unsigned d = threadIdx.x; d < dim; d += kThreads) {
      float acc = walk.acc[d] * walk.factor;
      for (unsigned i = 0; i < count; ++i) acc = acc + walk.scores[i] * source.value(first + i, d);
      walk.acc[d] = acc;
    }
    __syncthreads();
  }
}

struct Cut {
  unsigned splits = 0, tokens_each = 0;
};

__host__ __device__ inline Cut cut(unsigned tokens, unsigned max_splits) {
  const unsigned tiles = (tokens + kTile - 1) / kTile;
  unsigned each = (tiles + max_splits - 1) / max_splits;
  each = each == 0 ? 1 : each;
  return {(tiles + each - 1) / each, each * kTile};
}

struct Cuts {
  Cut coded, plain;
  __host__ __device__ unsigned splits() const { return coded.splits + plain.splits; }
};

// Rows behind codes, the residual, are one split.
__host__ __device__ inline Cuts cuts(const Attention& a) {
  return {a.coded > 0 ? cut(a.coded, a.max_splits) : Cut{0, 0},
          cut(a.rows, a.key_codes != nullptr ? 1 : a.max_splits)};
}

__device__ inline void read_step(Attention& a) {
  if (a.step == nullptr) return;
  a.coded = a.step->coded;
  a.rows = a.step->rows;
}

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
__global__ void merge_kernel(Attention a, unsigned stride, float* out) {
  read_step(a);
  const unsigned splits = cuts(a).splits();
  const std::size_t first = std::size_t{blockIdx.x} * stride;
  const float2* partials = a.partials + first;
  float largest = -INFINITY;
  for (unsigned s = 0; s < splits; ++s) largest = fmaxf(largest, partials[s].x);
  for (unsigned d = threadIdx.x; d < a.dim; d += blockDim.x) {
    float sum = 0;
    float value = 0;
    for (unsigned s = 0; s < splits; ++s) {
      const float weight = exp_like_host(partials[s].x - largest);
      sum = sum + weight * partials[s].y;
      value = value + weight * a.accs[(first + s) * a.dim + d];
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
  return a.key_codes != nullptr ? a.max_splits + 1 : a.max_splits;
}

void attend(const Attention& a, RowKind kind, cudaStream_t stream) {
  const dim3 grid(a.heads, splits_of(a));
  if (kind == RowKind::f32)
    attend_kernel<float><<<grid, kThreads, 0, stream>>>(a, scale_of(a.dim));
  else
    attend_kernel<__half><<<grid, kThreads, 0, stream>>>(a, scale_of(a.dim));
  check_launch("attend");
}

void merge(const Attention& a, float* out, cudaStream_t stream) {
  merge_kernel<<<a.heads, 128, 0, stream>>>(a, splits_of(a), out);
  check_launch("merge");
}

void prompt_attention(const float* qkv, unsigned tokens, unsigned heads, unsigned kv_heads, unsigned dim,
                      float* out, cudaStream_t stream) {
  prompt_kernel<<<dim3(heads, tokens), kThreads, 0, stream>>>(qkv, heads, kv_heads, dim, scale_of(dim), out);
  check_launch("prompt_attention");
}

}  // namespace workload::cuda
