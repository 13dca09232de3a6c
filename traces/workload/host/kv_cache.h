// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace workload {

struct KvShape {
  unsigned layers = 0;
  unsigned heads = 0;     // query heads; query head h reads kv head h / (heads / kv_heads)
  unsigned kv_heads = 0;  // divides heads
  unsigned head_dim = 0;
  unsigned capacity = 0;  // most tokens
};

// Bytes are of the format as moved (packed codes, fp16 scales), over all kv heads, keys and values together.
struct KvAppendReport {
  unsigned appended_tokens = 0;   // new in the residual (or cache)
  unsigned encoded_tokens = 0;    // moved from the residual (or, of a prompt, at once) into codes
  unsigned residual_tokens = 0;   // after both
  std::uint64_t code_bytes = 0;   // written as codes, with their scales
  std::uint64_t plain_bytes = 0;  // written as fp16 or f32
  std::uint64_t code_digest = 0;  // FNV-1a 64 over the codes written (see kv_caches.h); 0 where none
  std::uint64_t time_ns = 0;      // of the encoding, by the thread that did it; 0 where none
};

struct KvAttendReport {
  unsigned context_tokens = 0;  // attended, residual included
  unsigned residual_tokens = 0;
  unsigned sub_vectors = 0;       // M, 0 without pq
  unsigned code_bits = 0;         // 0 for f32 and fp16
  std::uint64_t code_bytes = 0;   // read as codes, with their scales
  std::uint64_t plain_bytes = 0;  // read as fp16 or f32
  std::uint64_t lut_ns = 0;       // table of query times centroids; 0: not applicable
  std::uint64_t attend_ns = 0;
  std::uint64_t reduce_ns = 0;
};

// Keys and values of one sequence, and the attention over them. Not thread-safe: one decoding thread calls;
// inside, work may be spread over threads, and results do not depend on how many.
//
// Vectors are f32, head after head: k and v [kv_heads][head_dim], keys after RoPE; q and out
// [heads][head_dim], queries after RoPE and not scaled (the cache applies 1/sqrt(head_dim)).
class KvCache {
 public:
  virtual ~KvCache() = default;

  // Takes a prompt in: k and v [tokens][kv_heads][head_dim]. Attention among the prompt's tokens is the
  // caller's, exact; here all of them go to the cache's format at once, so that the residual is empty
  // afterwards. Only on an empty layer.
  virtual KvAppendReport append_prompt(unsigned layer, unsigned tokens, const float* k, const float* v) = 0;

  // Takes one token in. Throws sim::Error (limit) when the layer is full, (internal) for a vector that is not
  // finite.
  virtual KvAppendReport append(unsigned layer, const float* k, const float* v) = 0;

  // Attends over all tokens of the layer, of which there must be at least one.
  virtual KvAttendReport attend(unsigned layer, const float* q, float* out) = 0;

  // Tokens of a layer.
  virtual unsigned size(unsigned layer) const = 0;
  // Forgets all tokens (a new sequence).
  virtual void clear() = 0;
  virtual const KvShape& shape() const = 0;
  // Of one token of one layer and kv head in the format, key and value, without the residual.
  virtual double bytes_per_token() const = 0;
};

}  // namespace workload
