// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

#include "traces/workload/model/weights.h"
#include "traces/workload/numeric/parallel.h"

namespace workload {

// Seeded random weights of a shape: every projection normal-like with variance 1 / cols (so that activations
// keep their size through the layers), norms between 0.9 and 1.1. A value depends on the seed, its matrix and
// its index only. Throws sim::Error (limit) where they do not fit into this machine's memory.
Weights synthetic_weights(const ModelShape& shape, std::uint64_t seed,
                          const ParallelFor& parallel = serial_for);

}  // namespace workload
