// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <vector>

#include "models/sme/chip.h"
#include "models/sme/network_source.h"
#include "models/sme/tech.h"
#include "models/sme/trace_source.h"
#include "sim/app/model.h"
#include "sim/core/watchdog.h"

namespace sme {

// The SystemC side of one run, and what its parts cost.
struct Platform {
  Platform(const Settings& settings, const LoadedLayers& loaded, sim::app::RunContext& context);

  Chip chip;
  CostTable cost;
  std::vector<std::uint64_t> macs;  // of one product, by layer
  std::unique_ptr<RunSource> source;
  NetworkSource* network = nullptr;  // either of the two is `source`
  TraceSource* replay = nullptr;
  std::unique_ptr<sim::Watchdog> watchdog;

  // Events of a layer as the units counted them: all precisions and rounds, writing included.
  Activity activity(std::uint32_t layer) const;
  // The same from what the work says and the number of products done.
  Activity expected(std::uint32_t layer) const;
};

}  // namespace sme
