// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <vector>

#include "traces/workload/host/kv_cache.h"
#include "traces/workload/million/attention.h"
#include "traces/workload/numeric/cpu.h"
#include "traces/workload/numeric/parallel.h"

namespace workload {

// One query head as sources read it.
struct QueryHead {
  const float* q;      // head_dim
  const float* table;  // query times centroids (pq), else null
};

// Keys and values of the tokens of every layer in one format. Tiles start at multiples of kTileTokens and
// hold at most as many tokens. `scratch` has room for a tile of f32 rows.
class KvSource {
 public:
  virtual ~KvSource() = default;
  virtual void scores(unsigned layer, unsigned kv_head, const QueryHead& query, std::size_t first,
                      std::size_t count, float scale, float* scores, float* scratch) const = 0;
  // acc[head_dim] += p[i] * value of token first + i.
  virtual void accumulate(unsigned layer, unsigned kv_head, std::size_t first, std::size_t count,
                          const float* p, float* acc, float* scratch) const = 0;
};

// A run of tokens that is attended, cut into at most `max_splits` splits of whole tiles.
struct KvSegment {
  const KvSource* source;
  std::size_t tokens;
  std::size_t max_splits;
};

// Flash decoding: every (query head, split) is walked on its own with an online softmax, then splits are
// merged by their log-sum-exp. Splits depend on the number of tokens only, so results do not depend on
// threads.
class SplitAttention {
 public:
  SplitAttention(const KvShape& shape, ParallelFor parallel);

  // q and out [heads][head_dim]; tables [heads][table_size] or null. Fills attend_ns and reduce_ns.
  void run(unsigned layer, const std::vector<KvSegment>& segments, const float* q, const float* tables,
           std::size_t table_size, float* out, KvAttendReport& report);

 private:
  struct Split {
    const KvSource* source;
    std::size_t begin;
    std::size_t end;
  };
  void walk(unsigned layer, const Split& split, unsigned head, const QueryHead& query,
            million::Partial& partial, float* acc) const;

  KvShape shape_;
  ParallelFor parallel_;
  float scale_;
  std::vector<Split> splits_;
  std::vector<million::Partial> partials_;  // [heads][splits]
  std::vector<float> accs_;                 // [heads][splits][head_dim]
};

// Nanoseconds since some fixed point, for reports.
std::uint64_t now_ns();

}  // namespace workload
