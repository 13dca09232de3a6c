// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/app/model.h"
#include "sim/app/settings.h"
#include "sim/sweep/variation.h"

namespace sim::sweep {

struct SensitivityOptions {
  std::string config;                  // of the base run
  std::vector<std::string> overrides;  // PATH=VALUE
  std::filesystem::path dir;           // the base run's folder; made when there is none
  double percent = 20;                 // in (0, 100)
  std::vector<std::string> keys;       // of summary.json, flattened; empty = the model's headline
  std::vector<std::string> settings;   // empty = the assumed ones that the results rest on
  std::vector<std::string> with;       // PATH=VALUE of all varied runs: a cheaper level of detail
  unsigned jobs = 1;
  bool quiet = false;
};

// How far settings move the results of a run, each of them alone by -percent and +percent: one simulation for
// each side of each setting, as processes of this program. With `with`, these have those values too, and are
// set beside a run of their own kind (`base`), not beside that in DIR (`run`). Writes DIR/sensitivity.json:
//
//   {schema, model, config_digest, percent, keys, with: [PATH=VALUE], run: {KEY: number}, base: {KEY:
//   number},
//    settings: [{path, value, unit, source, why_not, low: {value, error}, high: {...},
//                moves: {KEY: {low: {value, change_percent}, high: {...}}}}]}
//
// (low, high: null where there is no such value; why_not: null, or why there is neither). Until it is
// complete the simulations are in DIR/sensitivity, and one that was stopped goes on from there.
//
// Returns what it wrote, settings in the order of their largest effect on the first key. Throws Error: usage
// for a folder that holds another run and for settings and keys there are not, check when the base run fails,
// limit when a signal came.
nlohmann::ordered_json sensitivity(const SensitivityOptions& options, const app::Registry& registry);

// The same for people.
void write_sensitivity(std::ostream& out, const nlohmann::ordered_json& result);

}  // namespace sim::sweep
