// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/trace_blocks.h"

#include "sim/core/error.h"
#include "traces/io/reader.h"
#include "traces/io/validate.h"

namespace ring {

TraceBlocks read_trace_blocks(const std::string& file) {
  trace::Reader reader(file);
  TraceBlocks result;
  result.file = file;
  result.device = reader.header().device();
  result.model = reader.header().model().name();
  trace::Validator validator(reader.header(), reader.name(),
                             [&](const std::string& problem) { reader.refuse(problem); });
  bool found = false;
  while (reader.next()) {
    validator.check(reader.record());
    if (reader.kind() != trace::Kind::prefill) continue;
    const trace::Prefill& prefill = reader.record().prefill();
    found = true;
    result.tokens = prefill.tokens();
    result.layers = prefill.layers();
    result.heads = prefill.heads();
    result.kv_heads = prefill.kv_heads();
    result.head_dim = prefill.head_dim();
    result.bytes_per_element = prefill.bytes_per_element();
    result.kv_bytes_per_token = prefill.kv_bytes_per_token();
    for (const trace::PrefillBlock& block : prefill.blocks()) {
      if (!block.has_attention_ns() || block.attention_ns() == 0) {
        ++result.unmeasured;
        continue;
      }
      TableBlock::Row row;
      row.q_tokens = block.query_tokens();
      row.kv_tokens = block.kv_tokens();
      row.causal = block.causal();
      row.seconds = static_cast<double>(block.attention_ns()) * 1e-9;
      row.heads = prefill.heads();
      result.blocks.push_back({block.layer(), row});
    }
  }
  validator.finish(reader.footer(), reader.counts());
  result.digest = reader.digest();
  if (!found) {
    throw sim::Error(sim::Exit::input, file +
                                           ": the trace has no prefill record, which the ring model needs; "
                                           "write one with `tricycle-workload run --prompt ...`");
  }
  return result;
}

}  // namespace ring
