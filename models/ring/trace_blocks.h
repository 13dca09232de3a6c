// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/ring/function/costs.h"

namespace ring {

/// The prefill that a trace holds: sizes, and the measured times of its attention blocks.
struct TraceBlocks {
  std::string file, digest, device, model;
  std::uint64_t tokens = 0;
  unsigned layers = 0, heads = 0, kv_heads = 0, head_dim = 0, bytes_per_element = 0;
  std::uint64_t kv_bytes_per_token = 0;  ///< of one layer and kv head
  struct Block {
    unsigned layer;
    TableBlock::Row row;
  };
  std::vector<Block> blocks;     ///< those with a time
  std::uint64_t unmeasured = 0;  ///< blocks without one
};

/// Reads a .tct file. Throws sim::Error(Exit::input): not readable, damaged, breaks a rule, no prefill.
TraceBlocks read_trace_blocks(const std::string& file);

}  // namespace ring
