// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <optional>

#include <nlohmann/json_fwd.hpp>

#include "models/sme/activity.h"
#include "models/sme/function/layer_map.h"
#include "models/sme/tech.h"

namespace sme {

struct Platform;

// What summary.json says of a layer, or of all.
struct LayerTotals {
  std::uint64_t macs = 0, products = 0;
  CrossbarCounts counts;
  std::uint64_t allocated = 0;
  unsigned squeeze_degree = 0;
  double rows = 0, empty_rows = 0;  // of its tiles; without a one in plane 1
  std::uint64_t rcmr_bits = 0;
  std::uint64_t valued = 0, outputs = 0, conversions = 0, clips = 0;
  std::int64_t max_abs_error = 0;
  double sum_abs_error = 0, sum_abs_exact = 0;
  Activity activity;

  LayerTotals& add(const LayerTotals& other);
};
// What the mapping alone says.
LayerTotals totals_of(const LayerMap& map);
LayerTotals totals_of(const Platform& platform, std::uint32_t layer);
LayerTotals totals_of(const Platform& platform);

// By component, and `total`.
nlohmann::ordered_json energy_json(const CostTable& cost, const Activity& a);
// Keys of summary.json that a layer shares with the whole run.
void put(nlohmann::ordered_json& keys, const LayerTotals& t, const CostTable& cost);

// Writing every round once.
struct WriteTotals {
  std::size_t rounds = 0;
  std::uint64_t cells = 0;
  sim::Cycle cycles = 0;
  Activity activity;
};
WriteTotals writes_of(const Platform& platform);

struct ChipTotals {
  unsigned banks = 0;  // that computed anything
  double adc_utilisation = 0;
  double bus_utilisation_max = 0;
  std::uint64_t bus_wait = 0, result_stall = 0;
  double chip_bus_utilisation = 0;
};
ChipTotals chip_totals(const Platform& platform);

// Of one crossbar with its drivers, sample-and-hold, multiplexer and ADC.
double crossbar_area(const Platform& platform);

// Of all products of the workload, those beyond workload.positions extrapolated layer by layer.
std::optional<double> workload_cycles(const Platform& platform);

}  // namespace sme
