// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/app/model.h"
#include "sim/app/settings.h"
#include "sim/stats/group.h"

namespace sim::app {

/// What the result files say about a run besides what the model knows.
struct RunFacts {
  bool partial = false;
  std::string why_partial;  ///< empty when the run is complete
  Cycle cycles = 0;
  std::uint64_t period_ps = 0;
  double wall_s = 0;
};

/// summary.json: the keys of every run, the model's, `assumed_settings`, `region`.
nlohmann::ordered_json summary_json(const Loaded& loaded, Job& job, const RunFacts& facts);

/// summary.txt. Holds no wall time and no path outside of the run folder: equal runs, equal bytes.
std::string summary_text(const Loaded& loaded, Job& job, const RunFacts& facts,
                         const std::vector<Artefact>& files);

/// stats.json.
nlohmann::ordered_json stats_json(const Loaded& loaded, Job& job, const RunFacts& facts,
                                  const stats::Group& root);

/// The keys that summary_json() adds to every model's.
std::vector<KeyText> generic_summary_keys();

}  // namespace sim::app
