// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <vector>

#include "traces/workload/calibrate/kv_recorder.h"
#include "traces/workload/calibrate/thresholds.h"
#include "traces/workload/host/quantised_ops.h"
#include "traces/workload/model/weights.h"

namespace workload {

// Divergence and perplexity of one assignment of bits, over all windows.
struct PrecisionRow {
  std::string name;                // "int8", "layer 3 at int4", "first 2 of the order at int4"
  std::vector<std::uint8_t> bits;  // a layer
  std::vector<double> kl;          // a token: KL(p_int8 || p), nats
  double mean_kl = 0;
  double nll = 0;  // mean -ln p(next token), nats
};

// What calibration measures of a model's precision, teacher-forced on windows of text with exact f32
// attention.
struct PrecisionMeasurements {
  PrecisionRow int8;
  std::vector<PrecisionRow> layers;    // layer l alone at INT4, by layer
  std::vector<PrecisionRow> prefixes;  // [k - 1]: the first k layers of the order at INT4
  std::vector<unsigned> order;         // ascending mean KL, lower layer first on ties
  SwitchMeasurements switches;
};

// Weights that a decoded token reads of every layer, and of the head (the last entry).
std::vector<double> weights_read(const ModelShape& shape);

// The INT8 pass goes through `recorder`. `progress` is told what is being done.
PrecisionMeasurements measure_precision(const Weights& weights, QuantisedOps& ops,
                                        const std::vector<std::vector<std::uint32_t>>& windows,
                                        KvRecorder& recorder, const ParallelFor& parallel,
                                        const std::function<void(const std::string&)>& progress);

}  // namespace workload
