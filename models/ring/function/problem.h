// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The attention of one layer that is to be spread over GPUs, and how many bytes its parts are.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ring {

enum class KvFormat {
  fp16,  ///< keys and values as they are
  pq,    ///< product-quantised codes (MILLION); the codebooks are on every GPU beforehand
};

/// Half-open range of heads.
struct HeadRange {
  unsigned first = 0;
  unsigned count = 0;
};

struct Problem {
  std::uint64_t seq_len = 0;       ///< S, tokens; what padding adds included
  std::uint64_t real_tokens = 0;   ///< without padding
  unsigned heads = 32;             ///< H, query heads
  unsigned kv_heads = 32;          ///< divides heads
  unsigned head_dim = 128;         ///< d
  unsigned bytes_per_element = 2;  ///< of Q, K, V and Out on the wire
  KvFormat kv = KvFormat::fp16;
  unsigned pq_sub_vectors = 64;    ///< M: codes of one key or value
  unsigned pq_bits = 8;            ///< nbits: length of a code
  bool causal = true;              ///< query i sees keys 0..i; else all
  std::uint64_t chunk_tokens = 0;  ///< chunked prefill: tokens of one pass; 0 = all in one pass

  unsigned passes() const {
    return chunk_tokens == 0 ? 1 : static_cast<unsigned>((seq_len + chunk_tokens - 1) / chunk_tokens);
  }
  std::uint64_t pass_tokens() const { return chunk_tokens == 0 ? seq_len : chunk_tokens; }
  unsigned group() const { return heads / kv_heads; }  ///< query heads that share a kv head
  /// The kv heads that some query heads need.
  HeadRange kv_range(HeadRange q) const;

  std::uint64_t q_bytes(std::uint64_t tokens, unsigned q_heads) const;
  std::uint64_t kv_bytes(std::uint64_t tokens, unsigned kv_heads_moved) const;  ///< keys and values
  std::uint64_t out_bytes(std::uint64_t tokens, unsigned q_heads) const { return q_bytes(tokens, q_heads); }
  std::uint64_t lse_bytes(std::uint64_t tokens, unsigned q_heads) const { return tokens * q_heads * 4; }
  /// Memory traffic of one merge kernel: reads block and accumulator (fp32), writes the accumulator. The
  /// first block only fills it.
  std::uint64_t merge_bytes(std::uint64_t tokens, unsigned q_heads, bool first) const;
};

/// Tokens are dealt out in chunks of equal length: chunk c of the whole prompt is tokens
/// [c * chunk_len, (c + 1) * chunk_len). Pass p of a chunked prefill has chunks [p, p + 1) * chunks_per_pass.
struct Layout {
  std::uint64_t chunk_len = 0;
  unsigned chunks_per_pass = 0;
  std::vector<std::uint32_t>
      owners;  ///< chunks_per_pass GPUs: where queries, keys and values of a chunk begin
  std::vector<std::vector<std::uint32_t>> sets;  ///< of chunks, each ascending; OpData names them by index

  std::uint32_t add(std::vector<std::uint32_t> chunks);
  std::uint32_t owner(std::uint32_t chunk) const { return owners[chunk % chunks_per_pass]; }
  std::uint64_t tokens(std::uint32_t set) const { return sets[set].size() * chunk_len; }
  /// Pairs of query and key that are computed, one head: a chunk against itself is half of it when causal,
  /// against a later chunk nothing.
  double pairs(std::uint32_t q, std::uint32_t kv, bool causal) const;
};

}  // namespace ring
