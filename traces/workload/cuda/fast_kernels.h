// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

#include <cuda_fp16.h>
#include <cuda_runtime.h>

// Kernels for speed, where the order of f32 operations is free: what `bench` times. A layer is five of them:
// QKV, attention, output, gate and up, down. Everything small is part of these: RMSNorm, the merging of the
// attention's splits and the quantisation of activations come before a product, SwiGLU behind it, rotary
// embedding and the append to the cache before the attention. They are launched programmatically (see
// fast_device.cuh). They are compared with the kernels of the forward pass before anything is timed.
namespace workload::cuda {

constexpr unsigned kFastDim = 128;        // of a head
constexpr unsigned kFastSubVectors = 64;  // of two elements
constexpr unsigned kFastCentroids = 256;
constexpr unsigned kFastSplits = 4;         // of a head's context
constexpr unsigned kFastMostHidden = 4096;  // inputs that are normed or merged
constexpr unsigned kFastMostInputs = 16384;

enum class FastFormat { int8, int4_group, int4_row, fp16 };

// A matrix. Rows of `stride` bytes, a multiple of 16, zeros behind the last column. INT4 as in WeightCodes.
struct FastWeights {
  FastFormat format = FastFormat::int8;
  const void* data = nullptr;
  const float* scales = nullptr;  // [rows]; int4_group: [rows][groups of 128 columns]; fp16: none
  unsigned rows = 0, cols = 0, stride = 0;
  bool pairs = false;  // rows are gates, then as many ups: the results are silu(gate) * up
  std::size_t result_rows() const { return pairs ? rows / 2 : rows; }
};

// The vector it is multiplied with, quantised to INT8 as a whole unless the weights are fp16. Arrays are
// aligned to 16 bytes, also `scale` and `largest`, whose next 12 bytes are read too.
enum class FastInputKind {
  codes,   // codes[cols] and their scale; not for fp16
  rows,    // x[cols]; for codes also *largest, the largest magnitude's bits
  normed,  // x[cols] / sqrt(mean(x^2) + eps) * norm
  merged   // splits of the attention: partials[heads][kFastSplits], accs[heads][kFastSplits][128]
};
struct FastInput {
  FastInputKind kind = FastInputKind::codes;
  const std::int8_t* codes = nullptr;
  const float* scale = nullptr;
  const float* x = nullptr;
  const unsigned* largest = nullptr;
  const float* norm = nullptr;
  float eps = 1e-5F;
  const float2* partials = nullptr;
  const float* accs = nullptr;
};

struct FastOut {
  float* y = nullptr;           // [result rows]
  bool add = false;             // to what is there
  unsigned* largest = nullptr;  // raised to the bits of the results' largest magnitude; null: not wanted
};

// How a kernel is launched.
struct FastLaunch {
  cudaStream_t stream = nullptr;
  bool early = true;  // false: only when all before it is complete
};

// Throws sim::Error (internal) for sizes that it was not built for: cols a multiple of 128, at most
// kFastMostHidden where normed or merged, else kFastMostInputs; rows that are added to at most 512 a
// multiprocessor.
void fast_gemv(const FastWeights& w, const FastInput& in, const FastOut& out, const FastLaunch& launch);

// Where queries come from: q[heads][128]; with angles (cosine, sine of this position, [64]) followed by
// keys[kv heads][128] and values[kv heads][128] of the new token. Then queries and keys are turned and the
// token is appended as the last row.
struct FastQuery {
  const float* q = nullptr;
  const float2* angles = nullptr;
  unsigned heads = 0, kv_heads = 0;
};

// Codes set out for look-ups without bank conflicts, 64 bytes a vector, in groups of 32 tokens:
//   keys   [kv head][group][4][32 tokens][16]: byte i of token t is the code of sub-vector (t + i) mod 64
//   values [kv head][group][4][32 lanes][16]: of 8 tokens and sub-vectors (lane, lane + 32), token by token
// `tokens` is a multiple of 32. Residual: rows[kv head][row_capacity][128], at most 128 with the new one.
struct FastPq {
  FastQuery query;
  const __half2* key_centroids = nullptr;    // [256][64]
  const __half2* value_centroids = nullptr;  // [256][64]
  const std::uint8_t* keys = nullptr;
  const std::uint8_t* values = nullptr;
  __half* row_keys = nullptr;
  __half* row_values = nullptr;
  unsigned tokens = 0, token_capacity = 0, rows = 0, row_capacity = 0;
  float2* partials = nullptr;  // [heads][kFastSplits]
  float* accs = nullptr;       // [heads][kFastSplits][128]
};
void fast_pq_attend(const FastPq& a, const FastLaunch& launch);
// codes[kv head][capacity][64] of tokens [from, from + count) into that layout; multiples of 32.
void fast_pack(const std::uint16_t* codes, unsigned capacity, bool keys, unsigned kv_heads, unsigned from,
               unsigned count, unsigned to, unsigned token_capacity, std::uint8_t* packed,
               cudaStream_t stream);

// fp16 cache [kv head][capacity][128] of `tokens` tokens with the new one.
struct FastRows {
  FastQuery query;
  __half* keys = nullptr;
  __half* values = nullptr;
  unsigned tokens = 0, capacity = 0;
  float2* partials = nullptr;
  float* accs = nullptr;
};
void fast_rows_attend(const FastRows& a, const FastLaunch& launch);
// out[heads][128] of the splits: where attention alone is wanted.
void fast_merge(const float2* partials, const float* accs, unsigned heads, float* out,
                const FastLaunch& launch);

// A token's begin: x = embedding[*id], zeros[0 .. count) = 0.
void fast_begin(const float* embedding, const std::uint32_t* id, unsigned hidden, float* x, unsigned* zeros,
                unsigned count, cudaStream_t stream);
// Reads all of `bytes` once (a multiple of 16): what a kernel can read at most.
void read_all(const void* data, std::size_t bytes, int* sink, cudaStream_t stream);
void fill_random(void* data, std::size_t bytes, std::uint64_t seed, cudaStream_t stream);  // bytes
void fill_normal(__half* data, std::size_t count, float scale, std::uint64_t seed, cudaStream_t stream);
void fill_normal(float* data, std::size_t count, float scale, std::uint64_t seed, cudaStream_t stream);
// result: entropy of softmax(logits), exp of it.
void entropy(const float* logits, unsigned size, float* result, const FastLaunch& launch);

}  // namespace workload::cuda
