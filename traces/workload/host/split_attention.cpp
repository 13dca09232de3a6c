// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/split_attention.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <utility>

namespace workload {

using million::kTileTokens;
using million::Partial;

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::steady_clock::now().time_since_epoch())
                                        .count());
}

SplitAttention::SplitAttention(const KvShape& shape, ParallelFor parallel)
    : shape_(shape),
      parallel_(std::move(parallel)),
      scale_(1.0F / std::sqrt(static_cast<float>(shape.head_dim))) {}

void SplitAttention::run(unsigned layer, const std::vector<KvSegment>& segments, const float* q,
                         const float* tables, std::size_t table_size, float* out, KvAttendReport& report) {
  const std::uint64_t start = now_ns();
  splits_.clear();
  for (const KvSegment& segment : segments) {
    const std::size_t tiles = (segment.tokens + kTileTokens - 1) / kTileTokens;
    const std::size_t tiles_each =
        std::max<std::size_t>((tiles + segment.max_splits - 1) / segment.max_splits, 1);
    for (std::size_t begin = 0; begin < segment.tokens; begin += tiles_each * kTileTokens)
      splits_.push_back({segment.source, begin, std::min(begin + tiles_each * kTileTokens, segment.tokens)});
  }
  const std::size_t count = splits_.size();
  const std::size_t dim = shape_.head_dim;
  partials_.assign(shape_.heads * count, million::empty_partial());
  accs_.assign(shape_.heads * count * dim, 0.0F);
  parallel_(shape_.heads * count, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const auto head = static_cast<unsigned>(i / count);
      const QueryHead query{q + head * dim, tables == nullptr ? nullptr : tables + head * table_size};
      walk(layer, splits_[i % count], head, query, partials_[i], accs_.data() + i * dim);
    }
  });
  const std::uint64_t attended = now_ns();
  for (unsigned head = 0; head < shape_.heads; ++head)
    million::merge(partials_.data() + head * count, accs_.data() + head * count * dim, count, shape_.head_dim,
                   out + head * dim);
  report.attend_ns = attended - start;
  report.reduce_ns = now_ns() - attended;
}

void SplitAttention::walk(unsigned layer, const Split& split, unsigned head, const QueryHead& query,
                          Partial& partial, float* acc) const {
  const unsigned kv_head = head / (shape_.heads / shape_.kv_heads);
  float scores[kTileTokens];
  const std::unique_ptr<float[]> scratch(
      new float[std::size_t{kTileTokens} * shape_.head_dim]);  // not set to 0
  for (std::size_t first = split.begin; first < split.end; first += kTileTokens) {
    const std::size_t count = std::min<std::size_t>(kTileTokens, split.end - first);
    split.source->scores(layer, kv_head, query, first, count, scale_, scores, scratch.get());
    million::softmax_tile(partial, scores, count, acc, shape_.head_dim);
    split.source->accumulate(layer, kv_head, first, count, scores, acc, scratch.get());
  }
}

}  // namespace workload
