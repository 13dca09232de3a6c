// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/function/problem.h"

#include <algorithm>
#include <utility>

namespace ring {

HeadRange Problem::kv_range(HeadRange q) const {
  const unsigned first = q.first / group();
  const unsigned last = (q.first + q.count + group() - 1) / group();
  return {first, last - first};
}

std::uint64_t Problem::q_bytes(std::uint64_t tokens, unsigned q_heads) const {
  return tokens * q_heads * head_dim * bytes_per_element;
}

std::uint64_t Problem::kv_bytes(std::uint64_t tokens, unsigned kv_heads_moved) const {
  const std::uint64_t per_token =
      kv == KvFormat::pq ? (2ull * pq_sub_vectors * pq_bits + 7) / 8 : 2ull * head_dim * bytes_per_element;
  return tokens * kv_heads_moved * per_token;
}

std::uint64_t Problem::merge_bytes(std::uint64_t tokens, unsigned q_heads, bool first) const {
  const std::uint64_t elements = tokens * q_heads * head_dim;
  const std::uint64_t rows = tokens * q_heads;
  return first ? elements * (bytes_per_element + 4) + rows * 8
               : elements * (bytes_per_element + 8) + rows * 12;
}

std::uint32_t Layout::add(std::vector<std::uint32_t> chunks) {
  std::sort(chunks.begin(), chunks.end());
  sets.push_back(std::move(chunks));
  return static_cast<std::uint32_t>(sets.size() - 1);
}

double Layout::pairs(std::uint32_t q, std::uint32_t kv, bool causal) const {
  const auto& queries = sets[q];
  const auto& keys = sets[kv];
  const double whole = static_cast<double>(chunk_len) * static_cast<double>(chunk_len);
  if (!causal) return whole * static_cast<double>(queries.size()) * static_cast<double>(keys.size());
  std::uint64_t halves = 0;
  for (const std::uint32_t c : queries) {
    const auto at = std::lower_bound(keys.begin(), keys.end(), c);
    halves += 2 * static_cast<std::uint64_t>(at - keys.begin());
    if (at != keys.end() && *at == c) ++halves;
  }
  return whole / 2 * static_cast<double>(halves);
}

}  // namespace ring
