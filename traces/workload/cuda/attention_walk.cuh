// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cmath>

#include "traces/workload/cuda/arithmetic.cuh"
#include "traces/workload/cuda/device.h"
#include "traces/workload/cuda/kernels.h"

// Flash decoding in the host's order (million/attention.h): 128 threads walk a split of one query head in
// tiles.
namespace workload::cuda::split {

constexpr unsigned kTile = kTileTokens;
constexpr unsigned kThreads = 128;
constexpr unsigned kMostDim = 256;

// Among the threads 0 .. 127 of a block.
__device__ inline void sync_walkers() { asm volatile("bar.sync 1, 128;" ::: "memory"); }

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
    sync_walkers();
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
    sync_walkers();
    if (threadIdx.x < count) walk.scores[threadIdx.x] = exp_like_host(walk.scores[threadIdx.x] - walk.max);
    sync_walkers();
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
    sync_walkers();
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
          cut(a.rows, a.has_residual() ? 1 : a.max_splits)};
}

__device__ inline void read_step(Attention& a) {
  if (a.step == nullptr) return;
  a.coded = a.step->coded;
  a.rows = a.step->rows;
}

}  // namespace workload::cuda::split
