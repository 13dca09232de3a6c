// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/kv_pq.h"

#include <string>

#include "sim/core/error.h"

namespace workload {

using million::Code;
using million::kKeyLanes;

PqStore::PqStore(const KvShape& shape, const million::Codebooks& books, SimdLevel level)
    : books_(books),
      kv_heads_(shape.kv_heads),
      level_(level),
      tokens_(shape.layers),
      keys_(std::size_t{shape.layers} * shape.kv_heads),
      values_(keys_.size()) {
  if (!(books.key.shape() == books.value.shape()) || books.key.shape().head_dim != shape.head_dim)
    throw sim::Error(sim::Exit::input, "codebooks for a head dimension of " +
                                           std::to_string(books.key.shape().head_dim) + "; the model's is " +
                                           std::to_string(shape.head_dim) + " (calibrate with this model)");
}

EncodedBlock PqStore::encode(std::size_t tokens, const float* k, const float* v) const {
  EncodedBlock block;
  const std::size_t vectors = tokens * kv_heads_;
  block.tokens = tokens;
  block.key_codes.resize(vectors * sub_vectors());
  block.value_codes.resize(vectors * sub_vectors());
  million::encode(books_.key, k, vectors, block.key_codes.data(), level_);
  million::encode(books_.value, v, vectors, block.value_codes.data(), level_);
  block.digest = fnv1a(million::pack_codes(books_.key.shape(), block.key_codes.data(), vectors));
  block.digest =
      fnv1a(million::pack_codes(books_.key.shape(), block.value_codes.data(), vectors), block.digest);
  return block;
}

void PqStore::append(unsigned layer, const EncodedBlock& block) {
  const unsigned count = sub_vectors();
  const std::size_t before = tokens_[layer];
  const std::size_t after = before + block.tokens;
  for (unsigned head = 0; head < kv_heads_; ++head) {
    std::vector<Code>& keys = keys_[layer * kv_heads_ + head];
    std::vector<Code>& values = values_[layer * kv_heads_ + head];
    keys.resize((after + kKeyLanes - 1) / kKeyLanes * kKeyLanes * count, 0);
    for (std::size_t t = 0; t < block.tokens; ++t) {
      const std::size_t vector = (t * kv_heads_ + head) * count;
      for (unsigned m = 0; m < count; ++m)
        keys[million::key_code_index(before + t, m, count)] = block.key_codes[vector + m];
      values.insert(values.end(), block.value_codes.begin() + static_cast<std::ptrdiff_t>(vector),
                    block.value_codes.begin() + static_cast<std::ptrdiff_t>(vector + count));
    }
  }
  tokens_[layer] = after;
}

void PqStore::clear(unsigned layer) {
  tokens_[layer] = 0;
  for (unsigned head = 0; head < kv_heads_; ++head) {
    keys_[layer * kv_heads_ + head].clear();
    values_[layer * kv_heads_ + head].clear();
  }
}

std::uint64_t PqStore::bytes_a_token() const {
  return std::uint64_t{2} * kv_heads_ * books_.key.shape().code_bytes();
}

double PqStore::bytes_per_token() const { return 2.0 * static_cast<double>(books_.key.shape().code_bytes()); }

std::size_t PqStore::table_size() const {
  return std::size_t{books_.key.shape().sub_vectors} * books_.key.shape().centroids();
}

void PqStore::build_table(const float* q, float* table) const {
  million::build_table(books_.key, q, table, level_);
}

void PqStore::scores(unsigned layer, unsigned kv_head, const QueryHead& query, std::size_t first,
                     std::size_t count, float scale, float* scores, float*) const {
  million::pq_scores(books_.key.shape(), query.table, keys_[layer * kv_heads_ + kv_head].data(), first, count,
                     scale, scores, level_);
}

void PqStore::accumulate(unsigned layer, unsigned kv_head, std::size_t first, std::size_t count,
                         const float* p, float* acc, float*) const {
  million::pq_accumulate(books_.value, values_[layer * kv_heads_ + kv_head].data() + first * sub_vectors(),
                         count, p, acc, level_);
}

}  // namespace workload
