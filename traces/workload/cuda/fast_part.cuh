// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "traces/workload/cuda/fast_device.cuh"
#include "traces/workload/cuda/fast_kernels.h"

// How a matrix is shared out: a block has neighbouring rows (of pairs: gates and their ups), its warps take
// them in turn, a row a warp, 512 bytes a step.
namespace workload::cuda {

constexpr unsigned kGemvWarps = 16;
constexpr unsigned kGemvThreads = 32 * kGemvWarps;
constexpr unsigned kStepBytes = 512;
// Steps of a warp that are on their way. Fewer where making the input takes registers.
__host__ __device__ constexpr unsigned steps_ahead(FastInputKind kind) { return kind == FastInputKind::merged ? 4 : 8; }

struct Part {
  const char* first;   // row 0 of this block
  const char* second;  // of pairs: row `results` of this block
  unsigned begin;      // of its results
  unsigned results;
  unsigned rows;  // results, or twice as many
  unsigned stride;

  __device__ Part(const FastWeights& w, unsigned block, unsigned blocks) : stride(w.stride) {
    const unsigned all = w.pairs ? w.rows / 2 : w.rows;
    begin = static_cast<unsigned>(std::uint64_t{all} * block / blocks);
    results = static_cast<unsigned>(std::uint64_t{all} * (block + 1) / blocks) - begin;
    rows = w.pairs ? 2 * results : results;
    first = static_cast<const char*>(w.data) + std::size_t{begin} * stride;
    second = first + std::size_t{all - results} * stride;  // so that row r >= results is second + r * stride
  }
  __device__ const char* row(unsigned r) const {
    return (r < results ? first : second) + std::size_t{r} * stride;
  }
};

// What a warp of block `block` of a later kernel does not fetch itself. One lane calls it.
__device__ inline void prefetch_next(const FastNext& next, unsigned block, unsigned blocks, unsigned warp) {
  if (next.bytes == 0) return;
  const Part part(next.weights, block, blocks);
  unsigned skip = next.skip;
  unsigned left = next.bytes;
  for (unsigned r = warp; r < part.rows && left > 0; r += kGemvWarps) {
    if (skip >= part.stride) {
      skip -= part.stride;
      continue;
    }
    const unsigned bytes = min(part.stride - skip, left);
    prefetch(part.row(r) + skip, bytes);
    skip = 0;
    left -= bytes;
  }
}

struct Nexts {  // a kernel's parameter
  FastNext next[2];
  Nexts() = default;
  explicit Nexts(const FastLaunch& launch) : next{launch.next[0], launch.next[1]} {}
};

}  // namespace workload::cuda
