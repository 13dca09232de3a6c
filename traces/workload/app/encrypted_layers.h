// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <set>
#include <utility>

#include "traces/workload/app/run_options.h"
#include "traces/workload/app/trace_emitter.h"
#include "traces/workload/encrypt/layer_sampler.h"
#include "traces/workload/host/quantised_ops.h"

namespace workload {

// What a run records of encrypted linear layers: of every N-th token one tile of each matrix, at the
// precision that the token was computed with; and of the matrices of a layer also those of the first token
// that runs the layer at a precision which no recorded token had, so that a trace has both wherever the run
// had both.
class EncryptedLayers {
 public:
  // Throws sim::Error (usage) for a modulus that there is not.
  explicit EncryptedLayers(const RunOptions& options);

  trace::Record modulus() const { return sampler_.modulus().record(LayerSampler::kModulusId); }
  // Adds ModMul records, where there are any, to the token that is being decoded; to be told of each.
  void add_token(std::uint32_t token, const QuantisedOps& ops, TraceEmitter& emitter);

 private:
  LayerSampler sampler_;
  unsigned every_;
  std::set<std::pair<unsigned, unsigned>> recorded_;  // layer, bits
};

}  // namespace workload
