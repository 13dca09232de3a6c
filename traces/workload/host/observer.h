// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <vector>

#include "traces/workload/host/kv_cache.h"
#include "traces/workload/host/linear_ops.h"

namespace workload {

// A piece of a prompt's attention, all heads of a layer: query_tokens x kv_tokens, with the causal mask along
// the diagonal or without.
struct PrefillBlock {
  unsigned layer = 0;
  unsigned query_tokens = 0;
  unsigned kv_tokens = 0;
  bool causal = false;
  std::uint64_t time_ns = 0;  // 0: not measured
};

struct PrefillReport {
  unsigned tokens = 0;
  std::vector<PrefillBlock> blocks;  // of a prompt that was computed: one a layer, all of it
  unsigned bytes_per_element = 4;    // of queries, keys, values and outputs as the attention moves them
  std::uint64_t time_ns = 0;         // the whole prefill, encoding included; 0: none was computed
};

// Told what the decoder does, in the order in which it does it. What a report points to holds during the call
// only.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  virtual void on_prefill(const PrefillReport& report) = 0;
  virtual void on_gemv(const GemvReport& report) = 0;
  // During the prefill, too: once a layer, in front of on_prefill().
  virtual void on_kv_append(unsigned layer, const KvAppendReport& report) = 0;
  virtual void on_kv_attend(unsigned layer, const KvAttendReport& report) = 0;
};

}  // namespace workload
