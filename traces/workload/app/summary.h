// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <iosfwd>
#include <vector>

#include "traces/workload/app/run_options.h"
#include "traces/workload/model/weights.h"

namespace workload {

// What a run prints when it is over.
struct Summary {
  unsigned prompt_tokens = 0;
  double prompt_perplexity = 0;  // teacher-forced; 0 for a prompt of one token
  std::uint64_t prefill_ns = 0;
  unsigned filled_tokens = 0;  // in place of a prompt
  unsigned tokens = 0;         // decoded
  std::uint64_t decode_ns = 0;
  std::uint64_t device_ns = 0;  // of it, the passes by the GPU's clock; 0 on the host
  double perplexity = 0;        // of the chosen tokens
  double weights_read = 0;      // matrix elements over all tokens
  double weights_at_int4 = 0;
  double writing_seconds = 0;  // of processor time, by the thread that writes the trace

  void add(const ModelShape& shape, const std::vector<std::uint8_t>& layer_bits);
  // The fraction f of the weights read that were at INT4, the head (always INT8) included.
  double int4_share() const { return weights_read > 0 ? weights_at_int4 / weights_read : 0; }
  void print(std::ostream& out, const RunOptions& options, const Weights& weights) const;
};

}  // namespace workload
