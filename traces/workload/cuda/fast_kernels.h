// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

#include <cuda_fp16.h>
#include <cuda_runtime.h>

// Kernels for speed, where the order of f32 operations is free: what `bench` times. Head dimension 128. They
// are compared with the kernels of the forward pass before anything is timed.
namespace workload::cuda {

constexpr unsigned kFastDim = 128;
constexpr unsigned kFastSubVectors = 64;  // of two elements
constexpr unsigned kFastCentroids = 256;

// Codes set out for look-ups without bank conflicts, 64 bytes a vector, in groups of 32 tokens:
//   keys   [kv head][group][4][32 tokens][16]: byte i of token t is the code of sub-vector (t + i) mod 64
//   values [kv head][group][4][32 lanes][16]: of 8 tokens and sub-vectors (lane, lane + 32), token by token
// `tokens` is a multiple of 32. Residual: rows[kv head][row_capacity][128], at most 128.
struct FastPq {
  const float* q = nullptr;                  // [heads][128]
  const float* key_centroids = nullptr;      // [256][64][2]
  const __half2* value_centroids = nullptr;  // [256][64]
  const std::uint8_t* keys = nullptr;
  const std::uint8_t* values = nullptr;
  const __half* row_keys = nullptr;
  const __half* row_values = nullptr;
  unsigned heads = 0, kv_heads = 0, tokens = 0, token_capacity = 0, rows = 0, row_capacity = 0, splits = 4;
  float2* partials = nullptr;  // [heads][splits + 1]
  float* accs = nullptr;       // [heads][splits + 1][128]
};
void fast_pq_attend(const FastPq& a, float* out, cudaStream_t stream);
// codes[kv head][capacity][64] of tokens [from, from + count) into that layout; multiples of 32.
void fast_pack(const std::uint16_t* codes, unsigned capacity, bool keys, unsigned kv_heads, unsigned from,
               unsigned count, unsigned to, unsigned token_capacity, std::uint8_t* packed,
               cudaStream_t stream);

// fp16 cache [kv head][capacity][128].
struct FastRows {
  const float* q = nullptr;
  const __half* keys = nullptr;
  const __half* values = nullptr;
  unsigned heads = 0, kv_heads = 0, tokens = 0, capacity = 0, splits = 32;
  float2* partials = nullptr;
  float* accs = nullptr;
};
void fast_rows_attend(const FastRows& a, float* out, cudaStream_t stream);

// y[rows] (+)= w[rows][cols] x, fp16 weights, f32 activations and sums; cols a multiple of 8.
void gemv_fp16(const __half* w, unsigned rows, unsigned cols, const float* x, float* y, bool add,
               cudaStream_t stream);
// Reads all of `bytes` once (a multiple of 16): what a kernel can read at most.
void read_all(const void* data, std::size_t bytes, int* sink, cudaStream_t stream);
void fill_random(void* data, std::size_t bytes, std::uint64_t seed, cudaStream_t stream);  // bytes
void fill_normal(__half* data, std::size_t count, float scale, std::uint64_t seed, cudaStream_t stream);
void fill_normal(float* data, std::size_t count, float scale, std::uint64_t seed, cudaStream_t stream);
// result: entropy of softmax(logits), exp of it.
void entropy(const float* logits, unsigned size, float* result, cudaStream_t stream);

}  // namespace workload::cuda
