// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

#include "traces/workload/app/run_options.h"
#include "traces/workload/app/trace_emitter.h"
#include "traces/workload/encrypt/layer_sampler.h"
#include "traces/workload/host/quantised_ops.h"

namespace workload {

// What a run records of encrypted linear layers: of chosen tokens, one tile of every matrix at the precision
// that the token was computed with.
class EncryptedLayers {
 public:
  // Throws sim::Error (usage) for a modulus that there is not.
  explicit EncryptedLayers(const RunOptions& options);

  trace::Record modulus() const { return sampler_.modulus().record(LayerSampler::kModulusId); }
  // Adds ModMul records to the token that is being decoded.
  void add_token(std::uint32_t token, const QuantisedOps& ops, TraceEmitter& emitter) const;

 private:
  LayerSampler sampler_;
};

}  // namespace workload
