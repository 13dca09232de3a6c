// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <nlohmann/json.hpp>

#include "traces/workload/calibrate/kv_recorder.h"

namespace workload {

// Magnitudes of the key and value channels, for a plot: by layer and kv head the largest |x| and the root
// mean square of every channel; and, per layer, the largest channel's over the median channel's (1: no
// channel stands out).
nlohmann::json outliers_json(const KvRecorder& recorder);

}  // namespace workload
