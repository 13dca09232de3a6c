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

struct CodeRows {
  std::uint16_t* codes;
  unsigned sub_vectors, capacity;
  __device__ void put(unsigned kv_head, std::size_t token, unsigned m, unsigned code) const {
    codes[(std::size_t{kv_head} * capacity + token) * sub_vectors + m] = static_cast<std::uint16_t>(code);
  }
};

struct CodeTiles {
  std::uint8_t* codes;
  unsigned capacity;
  CodeLayout layout;
  __device__ void put(unsigned kv_head, std::size_t token, unsigned m, unsigned code) const {
    codes[std::size_t{kv_head} * capacity * 64 + code_index(layout, token, m)] =
        static_cast<std::uint8_t>(code);
  }
};

// One block: a sub-vector of a kv head, one thread a token.
template <class Codes>
__global__ void encode_kernel(Book book, EncodeIn in, Codes codes, unsigned slot) {
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
  codes.put(kv_head, std::size_t{slot} + token, m, code);
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

template <class Codes>
void launch(const Book& book, const EncodeIn& in, const Codes& codes, unsigned slot, cudaStream_t stream) {
  const std::size_t bytes = std::size_t{book.count} * book.sub_dim * sizeof(float);
  if (bytes > 48 * 1024)
    check(cudaFuncSetAttribute(reinterpret_cast<const void*>(encode_kernel<Codes>),
                               cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)),
          "shared memory");
  const dim3 grid(book.sub_vectors, in.kv_heads, (in.tokens + kThreads - 1) / kThreads);
  encode_kernel<Codes><<<grid, kThreads, bytes, stream>>>(book, in, codes, slot);
  check_launch("encode");
}

}  // namespace

void encode(const Book& book, const EncodeIn& in, std::uint16_t* codes, unsigned capacity, unsigned slot,
            cudaStream_t stream) {
  launch(book, in, CodeRows{codes, book.sub_vectors, capacity}, slot, stream);
}

void encode_tiles(const Book& book, const EncodeIn& in, CodeLayout layout, std::uint8_t* codes,
                  unsigned capacity, unsigned slot, cudaStream_t stream) {
  launch(book, in, CodeTiles{codes, capacity, layout}, slot, stream);
}

void build_table(const Book& keys, const float* q, unsigned heads, float* table, cudaStream_t stream) {
  table_kernel<<<dim3(keys.sub_vectors, heads), 256, 0, stream>>>(keys, q, table);
  check_launch("build_table");
}

}  // namespace workload::cuda
