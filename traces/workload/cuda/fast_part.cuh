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

__host__ __device__ inline unsigned steps_of(const FastWeights& w) { return (w.stride / 16 + 31) / 32; }

struct Part {
  const char* first;   // row 0 of this block
  const char* second;  // of pairs: ups, so that row r >= results is second + r * stride
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
    second = first + std::size_t{all - results} * stride;
  }
  __device__ const char* row(unsigned r) const {
    return (r < results ? first : second) + std::size_t{r} * stride;
  }
};

}  // namespace workload::cuda
