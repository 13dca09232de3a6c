// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

#include "models/sme/activity.h"
#include "models/sme/function/layer.h"

namespace sme {

// What a run measured of one layer.
struct LayerRun {
  std::uint64_t products = 0;   // done
  sim::Cycle cycles = 0;        // from the begin of each of its passes to its end, writing aside
  sim::Cycle write_cycles = 0;  // of the passes in front of it that wrote crossbars
  Activity written;             // by them
  // Of the products whose values were computed.
  std::uint64_t valued = 0;
  std::uint64_t outputs = 0;  // compared
  std::uint64_t conversions = 0, clips = 0;
  std::int64_t max_abs_error = 0;
  double sum_abs_error = 0, sum_abs_exact = 0;

  void take(const GemvResult& result, std::uint64_t vectors);
};

}  // namespace sme
