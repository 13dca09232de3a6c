// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cmath>

#include "traces/workload/cuda/arithmetic.cuh"
#include "traces/workload/cuda/device.h"
#include "traces/workload/cuda/kernels.h"

namespace workload::cuda {
namespace {

constexpr unsigned kThreads = 128;
constexpr unsigned kMostSubDim = 16;

// One block: a sub-vector of a kv head, one thread a token.
__global__ void encode_kernel(Book book, EncodeIn in, std::uint16_t* codes, unsigned capacity,
                              unsigned slot, bool by_tile) {
  extern __shared__ float centroids[];
  const unsigned m = blockIdx.x;
  const unsigned kv_head = blockIdx.y;
  const unsigned elements = book.count * book.sub_dim;
  for (unsigned i = threadIdx.x; i < elements; i += blockDim.x)
    centroids[i] = book.centroids[std::size_t{m} * elements + i];
  __syncthreads();
  const unsigned token = blockIdx.z * kThreads + threadIdx.x;
  if (token >= in.tokens) return;
  const __half* row = in.rows +
                      (std::size_t{kv_head} * in.row_capacity + token) * book.sub_vectors * book.sub_dim +
                      std::size_t{m} * book.sub_dim;
  float x[kMostSubDim];
  for (unsigned k = 0; k < kMostSubDim; ++k) x[k] = k < book.sub_dim ? __half2float(row[k]) : 0.0F;
  float best = INFINITY;
  unsigned code = 0;
  for (unsigned c = 0; c < book.count; ++c) {
    float distance = 0;
#pragma unroll
    for (unsigned k = 0; k < kMostSubDim; ++k) {
      if (k < book.sub_dim) {
        const float difference = x[k] - centroids[c * book.sub_dim + k];
        distance = distance + difference * difference;
      }
    }
    if (distance < best) {
      best = distance;
      code = c;
    }
  }
  const std::size_t at = slot + token;
  const std::size_t tile = std::size_t{kv_head} * (capacity / kTileTokens) + at / kTileTokens;
  codes[by_tile ? (tile * book.sub_vectors + m) * kTileTokens + at % kTileTokens
                : (std::size_t{kv_head} * capacity + at) * book.sub_vectors + m] =
      static_cast<std::uint16_t>(code);
}

__global__ void table_kernel(Book keys, const float* q, float* table) {
  const unsigned m = blockIdx.x;
  const unsigned head = blockIdx.y;
  const float* x = q + (std::size_t{head} * keys.sub_vectors + m) * keys.sub_dim;
  for (unsigned c = threadIdx.x; c < keys.count; c += blockDim.x) {
    const std::size_t at = std::size_t{m} * keys.count + c;
    float sum = 0;
    for (unsigned k = 0; k < keys.sub_dim; ++k) sum = sum + x[k] * keys.centroids[at * keys.sub_dim + k];
    table[std::size_t{head} * keys.sub_vectors * keys.count + at] = __half2float(to_half_saturated(sum));
  }
}

}  // namespace

void encode(const Book& book, const EncodeIn& in, std::uint16_t* codes, unsigned capacity, unsigned slot,
            cudaStream_t stream, bool by_tile) {
  const std::size_t bytes = std::size_t{book.count} * book.sub_dim * sizeof(float);
  if (bytes > 48 * 1024)
    check(cudaFuncSetAttribute(reinterpret_cast<const void*>(encode_kernel),
                               cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)),
          "shared memory");
  const dim3 grid(book.sub_vectors, in.kv_heads, (in.tokens + kThreads - 1) / kThreads);
  encode_kernel<<<grid, kThreads, bytes, stream>>>(book, in, codes, capacity, slot, by_tile);
  check_launch("encode");
}

void build_table(const Book& keys, const float* q, unsigned heads, float* table, cudaStream_t stream) {
  table_kernel<<<dim3(keys.sub_vectors, heads), 256, 0, stream>>>(keys, q, table);
  check_launch("build_table");
}

}  // namespace workload::cuda
