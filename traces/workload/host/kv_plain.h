// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <vector>

#include "traces/workload/host/kv_cache.h"
#include "traces/workload/host/split_attention.h"
#include "traces/workload/numeric/float16.h"

namespace workload {

// Vectors as f32 or fp16, [layer][kv head][token][head_dim]. fp16 saturates at +-65504.
template <class Element>
class PlainStore final : public KvSource {
 public:
  PlainStore(const KvShape& shape, SimdLevel level);

  // k and v [tokens][kv_heads][head_dim].
  void append(unsigned layer, std::size_t tokens, const float* k, const float* v);
  void clear(unsigned layer);
  std::size_t tokens(unsigned layer) const { return keys_[layer * kv_heads_].size() / dim_; }
  std::uint64_t bytes_per_token() const { return std::uint64_t{2} * kv_heads_ * dim_ * sizeof(Element); }

  // Keys (or values) of a layer widened to f32, [tokens][kv_heads][head_dim].
  std::vector<float> keys(unsigned layer) const { return gather(keys_, layer); }
  std::vector<float> values(unsigned layer) const { return gather(values_, layer); }

  void scores(unsigned layer, unsigned kv_head, const QueryHead& query, std::size_t first, std::size_t count,
              float scale, float* scores, float* scratch) const override;
  void accumulate(unsigned layer, unsigned kv_head, std::size_t first, std::size_t count, const float* p,
                  float* acc, float* scratch) const override;

 private:
  using Heads = std::vector<std::vector<Element>>;
  void put(std::vector<Element>& head, const float* vector) const;
  const float* rows(const std::vector<Element>& head, std::size_t first, std::size_t count,
                    float* scratch) const;
  std::vector<float> gather(const Heads& heads, unsigned layer) const;

  unsigned kv_heads_;
  unsigned dim_;
  SimdLevel level_;
  Heads keys_;  // [layer * kv_heads + kv head]
  Heads values_;
};

extern template class PlainStore<float>;
extern template class PlainStore<Float16>;

// Throws sim::Error (internal) unless all of a token's components are finite.
void check_finite(const KvShape& shape, std::size_t tokens, const float* k, const float* v);
// Throws sim::Error (usage) for sizes that make no sense.
void check(const KvShape& shape);
// Throws sim::Error (limit) when `tokens` more than `now` do not fit.
void check_room(const KvShape& shape, std::size_t now, std::size_t tokens);

// f32 and fp16: every token is kept as it comes.
template <class Element>
class PlainCache final : public KvCache {
 public:
  PlainCache(const KvShape& shape, const ParallelFor& parallel, unsigned max_splits, SimdLevel level);

  KvAppendReport append_prompt(unsigned layer, unsigned tokens, const float* k, const float* v) override;
  KvAppendReport append(unsigned layer, const float* k, const float* v) override;
  KvAttendReport attend(unsigned layer, const float* q, float* out) override;
  unsigned size(unsigned layer) const override { return static_cast<unsigned>(store_.tokens(layer)); }
  void clear() override;
  const KvShape& shape() const override { return shape_; }
  double bytes_per_token() const override { return 2.0 * shape_.head_dim * sizeof(Element); }

 private:
  KvShape shape_;
  unsigned max_splits_;
  PlainStore<Element> store_;
  SplitAttention attention_;
};

extern template class PlainCache<float>;
extern template class PlainCache<Float16>;

}  // namespace workload
