// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <vector>

#include "traces/workload/host/kv_block.h"

namespace workload {

// MILLION: product-quantised keys and values. Host memory keeps two bytes a code, keys in groups of 16 tokens
// (million::key_code_index), values token by token; byte counts are those of packed codes.
class PqStore final : public CodedStore {
 public:
  PqStore(const KvShape& shape, const million::Codebooks& books, SimdLevel level);

  EncodedBlock encode(std::size_t tokens, const float* k, const float* v) const override;
  void append(unsigned layer, const EncodedBlock& block) override;
  void clear(unsigned layer) override;
  std::size_t tokens(unsigned layer) const override { return tokens_[layer]; }
  std::uint64_t bytes(unsigned layer) const override { return tokens_[layer] * bytes_a_token(); }
  std::uint64_t bytes(const EncodedBlock& block) const override { return block.tokens * bytes_a_token(); }
  double bytes_per_token() const override;
  unsigned sub_vectors() const override { return books_.key.shape().sub_vectors; }
  unsigned code_bits() const override { return books_.key.shape().code_bits; }
  std::size_t table_size() const override;
  void build_table(const float* q, float* table) const override;

  void scores(unsigned layer, unsigned kv_head, const QueryHead& query, std::size_t first, std::size_t count,
              float scale, float* scores, float* scratch) const override;
  void accumulate(unsigned layer, unsigned kv_head, std::size_t first, std::size_t count, const float* p,
                  float* acc, float* scratch) const override;

 private:
  std::uint64_t bytes_a_token() const;

  const million::Codebooks& books_;
  unsigned kv_heads_;
  SimdLevel level_;
  std::vector<std::size_t> tokens_;                 // a layer
  std::vector<std::vector<million::Code>> keys_;    // [layer * kv_heads + kv head], whole groups of 16 tokens
  std::vector<std::vector<million::Code>> values_;  // [token][M]
};

}  // namespace workload
