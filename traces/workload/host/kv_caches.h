// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <string>

#include "traces/workload/host/kv_cache.h"
#include "traces/workload/million/codebook.h"
#include "traces/workload/numeric/cpu.h"
#include "traces/workload/numeric/parallel.h"

namespace workload {

enum class KvFormat {
  f32,
  fp16,
  pq,    // MILLION: product-quantised keys and values
  int4,  // uniform, keys per channel over a block of tokens, values per token (as KIVI does it)
  int3,
  int4_token,  // uniform, keys and values per token
  int3_token,
};

// "f32", "fp16", "pq", "int4", "int3", "int4-token", "int3-token"; throws sim::Error (usage) for others.
KvFormat parse_kv_format(const std::string& text);
const char* name(KvFormat format);

constexpr unsigned kResidualTokens =
    128;  // a block: newest tokens kept as fp16 before they are encoded [code]

// Settings of the formats that encode (all but f32 and fp16).
//
// The residual. A new token is stored as fp16. An append that finds a full residual (128 tokens) first moves
// it, as one block, into codes, and then stores its token: the residual that attend() reads holds 1 .. 128
// tokens, and the token that is being computed is never read through codes.
//
// Asynchronous encoding. The append that fills the residual hands the block to a worker thread, and the next
// append of that layer takes the codes over, waiting if they are not ready. Between the two lie the rest of
// the token and the next one's earlier layers. Synchronous encoding computes the same codes in the appending
// thread when they are taken over. What attend() reads, and so every result, is the same.
struct KvCacheSettings {
  bool asynchronous = true;
  // Most splits of the coded part (flash decoding); the residual is one more. A split gets whole tiles of 64
  // tokens.
  unsigned max_splits = 32;
  SimdLevel level = detect_simd_level();
};

// Order of the codes in KvAppendReport::code_digest: all keys' codes, then all values'; each by token, then
// by kv head; a vector's codes as pack_codes() packs them (pq), or code after code, one a byte (uniform
// formats).
//
// `books` is read for pq only, must then not be null and fit head_dim, and must outlive the cache.
std::unique_ptr<KvCache> make_kv_cache(KvFormat format, const KvShape& shape, const million::Codebooks* books,
                                       const ParallelFor& parallel, const KvCacheSettings& settings = {});

}  // namespace workload
