// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/kv_plain.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>

#include "sim/core/error.h"

namespace workload {

void check(const KvShape& shape) {
  if (shape.layers == 0 || shape.heads == 0 || shape.kv_heads == 0 || shape.head_dim == 0 ||
      shape.capacity == 0)
    throw sim::Error(sim::Exit::usage, "KV cache: a size is 0");
  if (shape.heads % shape.kv_heads != 0)
    throw sim::Error(sim::Exit::usage, "KV cache: " + std::to_string(shape.kv_heads) +
                                           " kv heads do not divide " + std::to_string(shape.heads) +
                                           " heads");
}

void check_room(const KvShape& shape, std::size_t now, std::size_t tokens) {
  if (now + tokens > shape.capacity)
    throw sim::Error(sim::Exit::limit, "KV cache: " + std::to_string(now + tokens) +
                                           " tokens; the context has room for " +
                                           std::to_string(shape.capacity));
}

void check_finite(const KvShape& shape, std::size_t tokens, const float* k, const float* v) {
  const std::size_t size = tokens * shape.kv_heads * shape.head_dim;
  const auto finite = [](float x) { return std::isfinite(x); };
  if (!std::all_of(k, k + size, finite) || !std::all_of(v, v + size, finite))
    throw sim::Error(sim::Exit::internal, "KV cache: a key or value is not a finite number");
}

template <class Element>
PlainStore<Element>::PlainStore(const KvShape& shape, SimdLevel level)
    : kv_heads_(shape.kv_heads),
      dim_(shape.head_dim),
      level_(level),
      keys_(std::size_t{shape.layers} * shape.kv_heads),
      values_(keys_.size()) {}

template <class Element>
void PlainStore<Element>::put(std::vector<Element>& head, const float* vector) const {
  if constexpr (std::is_same_v<Element, float>)
    head.insert(head.end(), vector, vector + dim_);
  else
    for (unsigned k = 0; k < dim_; ++k) head.push_back(to_float16_saturated(vector[k]));
}

template <class Element>
void PlainStore<Element>::append(unsigned layer, std::size_t tokens, const float* k, const float* v) {
  for (std::size_t t = 0; t < tokens; ++t) {
    for (unsigned head = 0; head < kv_heads_; ++head) {
      put(keys_[layer * kv_heads_ + head], k + (t * kv_heads_ + head) * dim_);
      put(values_[layer * kv_heads_ + head], v + (t * kv_heads_ + head) * dim_);
    }
  }
}

template <class Element>
void PlainStore<Element>::clear(unsigned layer) {
  for (unsigned head = 0; head < kv_heads_; ++head) {
    keys_[layer * kv_heads_ + head].clear();
    values_[layer * kv_heads_ + head].clear();
  }
}

template <class Element>
const float* PlainStore<Element>::rows(const std::vector<Element>& head, std::size_t first, std::size_t count,
                                       float* scratch) const {
  const Element* data = head.data() + first * dim_;
  if constexpr (std::is_same_v<Element, float>) {
    static_cast<void>(count);
    static_cast<void>(scratch);
    return data;
  } else {
    to_float(data, count * dim_, scratch, level_);
    return scratch;
  }
}

template <class Element>
std::vector<float> PlainStore<Element>::gather(const Heads& heads, unsigned layer) const {
  const std::size_t count = tokens(layer);
  std::vector<float> out(count * kv_heads_ * dim_);
  std::vector<float> scratch(count * dim_);
  for (unsigned head = 0; head < kv_heads_; ++head) {
    const float* in = rows(heads[layer * kv_heads_ + head], 0, count, scratch.data());
    for (std::size_t t = 0; t < count; ++t)
      std::copy_n(in + t * dim_, dim_, out.data() + (t * kv_heads_ + head) * dim_);
  }
  return out;
}

template <class Element>
void PlainStore<Element>::scores(unsigned layer, unsigned kv_head, const QueryHead& query, std::size_t first,
                                 std::size_t count, float scale, float* scores, float* scratch) const {
  million::plain_scores(query.q, rows(keys_[layer * kv_heads_ + kv_head], first, count, scratch), dim_, count,
                        dim_, scale, scores, level_);
}

template <class Element>
void PlainStore<Element>::accumulate(unsigned layer, unsigned kv_head, std::size_t first, std::size_t count,
                                     const float* p, float* acc, float* scratch) const {
  million::plain_accumulate(rows(values_[layer * kv_heads_ + kv_head], first, count, scratch), dim_, count,
                            dim_, p, acc, level_);
}

template <class Element>
PlainCache<Element>::PlainCache(const KvShape& shape, const ParallelFor& parallel, unsigned max_splits,
                                SimdLevel level)
    : shape_(shape), max_splits_(max_splits), store_(shape, level), attention_(shape, parallel) {}

template <class Element>
KvAppendReport PlainCache<Element>::append_prompt(unsigned layer, unsigned tokens, const float* k,
                                                  const float* v) {
  check_room(shape_, store_.tokens(layer), tokens);
  check_finite(shape_, tokens, k, v);
  store_.append(layer, tokens, k, v);
  KvAppendReport report;
  report.appended_tokens = tokens;
  report.plain_bytes = tokens * store_.bytes_per_token();
  return report;
}

template <class Element>
KvAppendReport PlainCache<Element>::append(unsigned layer, const float* k, const float* v) {
  return append_prompt(layer, 1, k, v);
}

template <class Element>
KvAttendReport PlainCache<Element>::attend(unsigned layer, const float* q, float* out) {
  KvAttendReport report;
  report.context_tokens = size(layer);
  report.plain_bytes = report.context_tokens * store_.bytes_per_token();
  if (report.context_tokens == 0) throw sim::Error(sim::Exit::internal, "KV cache: attention over no tokens");
  attention_.run(layer, {{&store_, report.context_tokens, max_splits_}}, q, nullptr, 0, out, report);
  return report;
}

template <class Element>
void PlainCache<Element>::clear() {
  for (unsigned layer = 0; layer < shape_.layers; ++layer) store_.clear(layer);
}

template class PlainStore<float>;
template class PlainStore<Float16>;
template class PlainCache<float>;
template class PlainCache<Float16>;

}  // namespace workload
