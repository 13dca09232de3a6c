// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Attention in numbers: what a kernel computes of a block, how blocks merge, and the same on one device.
#pragma once

#include <cstdint>
#include <vector>

#include "models/ring/function/problem.h"

namespace ring {

/// IEEE 754 binary16, round to nearest even; overflow gives infinity.
std::uint16_t to_fp16(float value);
float from_fp16(std::uint16_t bits);
inline float round_fp16(float value) { return from_fp16(to_fp16(value)); }

/// Q, K and V of the whole sequence. Row-major [token][head][head_dim]; every value is a binary16.
struct AttentionInputs {
  std::vector<float> q;     ///< seq_len x heads x head_dim
  std::vector<float> k, v;  ///< seq_len x kv_heads x head_dim
  /// Normally distributed, from `seed`. Padding tokens are zero.
  static AttentionInputs random(const Problem& problem, std::uint64_t seed);
};

/// Product quantiser of MILLION: head_dim / M values a sub-vector, 2^bits centroids each, codebooks for keys
/// and for values shared by all heads.
class ProductQuantiser {
 public:
  /// Codebooks by k-means over `values` (rows of problem.head_dim); deterministic.
  ProductQuantiser(const Problem& problem, const std::vector<float>& values);
  std::vector<std::uint16_t> encode(const float* row) const;  ///< M codes; the nearest, the lowest on ties
  void decode(const std::uint16_t* codes, float* row) const;

 private:
  std::uint16_t nearest(unsigned m, const float* part) const;
  unsigned sub_vectors_, width_, centroids_;
  std::vector<float> book_;  // [m][centroid][width], binary16 values
};

/// Result of one query block: rows of one head.
struct BlockResult {
  std::vector<float> out;  ///< rows x head_dim, normalised over the keys that were seen
  std::vector<float> lse;  ///< rows; minus infinity where no key was seen
};

/// Keys or values of some tokens with their places in the sequence.
struct KeyBlock {
  std::uint64_t first_token = 0;
  std::uint64_t tokens = 0;
  std::vector<float> k, v;  ///< tokens x head_dim
};

/// softmax(q k^T / sqrt(d)) v of `rows` queries from token `first_token` on over the given keys, fp32 sums.
/// `causal`: keys behind the query are masked; keys from problem.real_tokens on always are.
BlockResult attend(const Problem& problem, const float* q, std::uint64_t first_token, std::uint64_t rows,
                   const std::vector<const KeyBlock*>& keys);

/// out -= sigmoid(block_lse - lse) (out - block_out); lse -= logsigmoid(lse - block_lse).
void merge_into(BlockResult& total, const BlockResult& block, unsigned head_dim);

/// The same attention on one device, in double precision: seq_len x heads x head_dim. `k` and `v` as decoded
/// where they are quantised.
std::vector<double> single_device(const Problem& problem, const std::vector<float>& q,
                                  const std::vector<float>& k, const std::vector<float>& v);

}  // namespace ring
