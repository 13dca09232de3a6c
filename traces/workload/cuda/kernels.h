// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>

#include <cuda_fp16.h>
#include <cuda_runtime.h>

// Kernels of the forward pass, launched on `stream`; every launch is checked. All arithmetic is the host's.
namespace workload::cuda {

// What differs between decode steps over the same weights, on the device: kernels of a step that was recorded
// as a graph read it there.
struct StepState {
  std::uint32_t id = 0;
  unsigned position = 0;
  unsigned rows = 0;   // of the cache or residual, this token included
  unsigned coded = 0;  // tokens in codes
};

// Activations quantised per token: codes[tokens][padded], zeros behind the last column.
struct Codes {
  std::int8_t* codes = nullptr;
  float* scales = nullptr;
  unsigned padded = 0;  // a multiple of 32
};

// Where activations go: f32 rows, codes, or both. `bad` is set to 1 for a value that is not finite.
struct ActivationOut {
  float* rows = nullptr;
  Codes codes;
  int* bad = nullptr;
};

inline unsigned padded_cols(std::size_t cols) { return static_cast<unsigned>((cols + 31) / 32 * 32); }

void embed(const float* embedding, const std::uint32_t* ids, unsigned tokens, unsigned hidden, float* x,
           cudaStream_t stream);
// x[tokens][size] -> x / sqrt(mean(x^2) + eps) * weight.
void norm(const float* x, const float* weight, unsigned tokens, unsigned size, float eps,
          const ActivationOut& out, cudaStream_t stream);
// gate_up[tokens][2 size] -> silu(gate) * up.
void swiglu(const float* gate_up, unsigned tokens, unsigned size, const ActivationOut& out,
            cudaStream_t stream);
// x[tokens][size] as it is.
void quantise(const float* x, unsigned tokens, unsigned size, const ActivationOut& out, cudaStream_t stream);

// Weight codes on the device. INT8: rows of `stride` bytes. INT4: two in a byte.
struct WeightCodes {
  const std::int8_t* int8 = nullptr;
  const float* int8_scales = nullptr;
  const std::uint8_t* int4 = nullptr;
  const float* int4_scales = nullptr;
  unsigned rows = 0, cols = 0;
  unsigned int8_stride = 0, int4_stride = 0;  // bytes, multiples of 16, zeros behind the last column
  unsigned group = 0;                         // inputs that share an INT4 scale; 0: a whole row (nested)
  unsigned groups() const { return group == 0 ? 1 : (cols + group - 1) / group; }
};

// y[rows] = W a, or y += W a. sums (null: not wanted): rows, or rows x groups of INT4 by group.
struct GemvOut {
  float* y = nullptr;
  std::int32_t* sums = nullptr;
  bool add = false;
};
void gemv_int8(const WeightCodes& w, const Codes& a, const GemvOut& out, cudaStream_t stream);
void gemv_int4(const WeightCodes& w, const Codes& a, const GemvOut& out, cudaStream_t stream);
bool int4_group_is_supported(unsigned group);
// f32 in FloatKernels' order: y[tokens][rows] (+)= x[tokens][cols] w[rows][cols].
void gemm_f32(const float* w, unsigned rows, unsigned cols, const float* x, unsigned tokens, float* y,
              bool add, cudaStream_t stream);
// A prompt, W8A8.
void gemm_int8(const WeightCodes& w, const Codes& a, unsigned tokens, float* y, bool add,
               cudaStream_t stream);

// Rotary embedding of query and key heads in place, then keys and values into a cache [kv
// head][capacity][dim] from `slot` on. sin_cos[position][dim / 2] pairs (cosine, sine). qkv[tokens][stride].
struct AppendIn {
  float* qkv = nullptr;
  const float2* sin_cos = nullptr;
  unsigned tokens = 1, position = 0;
  unsigned heads = 0, kv_heads = 0, dim = 0;
  int* bad = nullptr;
  const StepState* step = nullptr;  // where there is one, position and slot are its
};
template <class Element>
void rope_append(const AppendIn& in, Element* keys, Element* values, unsigned capacity, unsigned slot,
                 cudaStream_t stream);

// Numbers of a seeded stream (model/seeded.h), [token][kv head][dim], as rows[kv head][capacity][dim] from
// token 0 on.
template <class Element>
void fill_rows(std::uint64_t stream_of_numbers, unsigned tokens, unsigned kv_heads, unsigned dim,
               Element* rows, unsigned capacity, cudaStream_t stream);

// Codebook on the device, f32 [M][C][sub_dim].
struct Book {
  const float* centroids = nullptr;
  unsigned sub_vectors = 0, count = 0, sub_dim = 0;
  const __half2* pairs = nullptr;  // the same as fp16, where sub_dim is 2 and somebody wants them
};
constexpr unsigned kTileTokens = 64;
// How codes lie on the device: two bytes each, [kv head][capacity][M]; or for 64 sub-vectors and 8 bits a
// byte each, in tiles of 64 tokens (capacity a multiple of it) and pieces of 16 bytes, such that neighbouring
// threads read neighbouring pieces: keys [kv head][tile][M / 16][token][16 sub-vectors], values [kv
// head][tile][token / 16][M][16 tokens].
enum class CodeLayout { key_tiles, value_tiles };
// Of one kv head.
__host__ __device__ inline std::size_t code_index(CodeLayout layout, std::size_t token, unsigned m) {
  const std::size_t tile = token / 64 * (64 * 64);
  const auto t = static_cast<unsigned>(token % 64);
  return layout == CodeLayout::key_tiles ? tile + (m / 16 * 64 + t) * 16 + m % 16
                                         : tile + (t / 16 * 64 + m) * 16 + t % 16;
}
// rows[kv head][row_capacity][dim] of `tokens` tokens -> codes from `slot` on.
struct EncodeIn {
  const __half* rows = nullptr;
  unsigned row_capacity = 0, tokens = 0, kv_heads = 0;
};
void encode(const Book& book, const EncodeIn& in, std::uint16_t* codes, unsigned capacity, unsigned slot,
            cudaStream_t stream);
void encode_tiles(const Book& book, const EncodeIn& in, CodeLayout layout, std::uint8_t* codes,
                  unsigned capacity, unsigned slot, cudaStream_t stream);
// q[heads][dim] -> table[heads][M][C], fp16 values kept as f32.
void build_table(const Book& keys, const float* q, unsigned heads, float* table, cudaStream_t stream);

// PPLE of softmax(logits), and KL(softmax(p) || softmax(q)), in double precision; not a number where a logit
// is not finite.
void pple(const float* logits, unsigned size, double* result, cudaStream_t stream);
void kl_divergence(const float* p_logits, const float* q_logits, unsigned size, double* result,
                   cudaStream_t stream);

// Attention of all query heads of a layer, in splits of whole tiles of 64 tokens, then merged.
enum class RowKind { f32, fp16 };
struct Attention {
  const float* q = nullptr;  // [heads][dim]
  unsigned heads = 0, kv_heads = 0, dim = 0;
  unsigned max_splits = 32;
  // Codes, with the tables of this query; tokens 0: none.
  const float* tables = nullptr;
  const std::uint16_t* key_codes = nullptr;  // [kv head][code_capacity][M]; or
  const std::uint16_t* value_codes = nullptr;
  const std::uint8_t* key_tiles =
      nullptr;  // tiles, with values.pairs: 64 sub-vectors of two elements, 8 bits
  const std::uint8_t* value_tiles = nullptr;
  __host__ __device__ bool has_residual() const { return key_codes != nullptr || key_tiles != nullptr; }
  Book values;
  unsigned coded = 0, code_capacity = 0;
  // Rows: the cache, or behind codes the residual (then one split).
  const void* keys = nullptr;  // [kv head][row_capacity][dim]
  const void* row_values = nullptr;
  unsigned rows = 0, row_capacity = 0;
  const StepState* step =
      nullptr;                 // where there is one, coded and rows are its, and there is room for all splits
  float2* partials = nullptr;  // [heads][max_splits + 1] (max, sum)
  float* accs = nullptr;       // [heads][max_splits + 1][dim]
};
unsigned splits_of(const Attention& a);
void attend(const Attention& a, RowKind kind, cudaStream_t stream);
// attend() over tiles of codes and fp16 rows, with tables in shared memory.
void attend_pq64(const Attention& a, cudaStream_t stream);
void merge(const Attention& a, float* out, cudaStream_t stream);

// Exact causal attention within a prompt, f32: qkv[tokens][stride] after RoPE -> out[tokens][heads * dim].
void prompt_attention(const float* qkv, unsigned tokens, unsigned heads, unsigned kv_heads, unsigned dim,
                      float* out, cudaStream_t stream);

}  // namespace workload::cuda
