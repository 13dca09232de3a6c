// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include "models/ring/settings.h"

namespace ring {

/// One number of GPUs at the same S, in closed form.
struct CurvePoint {
  unsigned gpus = 0;
  double compute_s = 0;        ///< kernels of the GPU that finishes last
  double communication_s = 0;  ///< messages under way to or from it, hidden behind kernels or not
  double exposed_s = 0;        ///< of those, not hidden
  double time_s = 0;
};

/// Powers of two from 1 to twice the configured GPUs (at least 16, at most 256), and the configured number,
/// as far as schedule and fabric can be built with them; tokens are padded where they do not divide. Topology
/// graph: the configured number only. Block times scale with query-key pairs.
std::vector<CurvePoint> curve(const Settings& settings);

/// Step times of the schedule where every message has the rate of beside.prediction_gbytes_per_s for itself;
/// empty without a prediction.
std::vector<double> predicted_steps(const Settings& settings);

}  // namespace ring
