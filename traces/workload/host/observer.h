// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <vector>

#include "traces/workload/host/kv_cache.h"
#include "traces/workload/host/linear_ops.h"

namespace workload {

struct PrefillReport {
  unsigned tokens = 0;
  std::vector<std::uint64_t> attention_ns;  // one a layer
  std::uint64_t time_ns = 0;                // the whole prefill, encoding included
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
