// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/ring/cluster.h"
#include "models/ring/function/analysis.h"
#include "models/ring/function/functional.h"
#include "models/ring/rank_stats.h"
#include "models/ring/settings.h"
#include "sim/app/model.h"

namespace ring {

/// What a run is made of, from settings to results. Members in the order in which they depend on each other.
struct Run {
  Run(const Settings& settings, sim::app::RunContext& context);

  std::shared_ptr<const Network> network;
  std::unique_ptr<Schedule> schedule;  ///< null: an imported trace
  Problem problem;
  std::unique_ptr<BlockModel> block;
  Plan plan;
  Hardware hardware;
  std::unique_ptr<FunctionalCluster> functional;  ///< null: timing only
  std::unique_ptr<Cluster> cluster;               ///< null: level closed_form
  std::optional<Execution> formula;               ///< level closed_form
  sim::record::Recorder& recorder;

  // After analyse().
  Analysis analysis;
  std::vector<Wait> waits;
  std::optional<double> output_max_error;
  std::unique_ptr<RankStats> stats;

  /// So far; of a run that was cut short, until it was.
  const Execution& execution() const { return formula ? *formula : cut ? *cut : cluster->execution(); }
  std::optional<Execution> cut;  ///< after conclude() of an unfinished run: ends where that ended
  /// Of links, 0..1; 0 where nothing ran.
  double max_link_utilisation() const;
};

/// What is to be executed: the plan of the schedule, or (schedule null) the imported trace.
Plan plan_of(const Settings& settings, const Schedule* schedule, const Problem& problem,
             const BlockModel& block);
/// For people: the attention that is computed, or the trace that is replayed; and where kernel times come
/// from.
std::string workload_text(const Settings& settings, const Run& run);
std::string times_text(const Settings& settings, const Run& run);
/// "8 GPUs, full mesh".
std::string fabric_text(const Settings& settings, const Fabric& fabric);
/// "1.25 ms".
std::string time_text(double seconds);

}  // namespace ring
