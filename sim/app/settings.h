// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/app/model.h"
#include "sim/config/resolved.h"
#include "sim/core/region.h"
#include "sim/log/log_config.h"
#include "sim/record/record_config.h"

namespace sim::app {

/// Section `run`: how a run is watched and when it ends early.
struct RunConfig {
  Cycle watchdog_cycles = 1'000'000;
  Cycle max_cycles = 0;
  double max_wall_s = 0;
  bool check_protocol = false;
  std::uint64_t shuffle = 0;
  double progress = 10;
  void fields(config::Visitor& v);
};

/// A whole configuration file: the application's sections around the model's settings.
struct Settings {
  std::string model;
  std::unique_ptr<Job> job;
  RegionConfig region;
  record::RecordConfig record;
  log::LogConfig log;
  RunConfig run;
  void fields(config::Visitor& v);
};

/// The default settings of a model.
Settings default_settings(const Model& model);

/// A configuration that was read and checked.
struct Loaded {
  const Model* model = nullptr;
  Settings settings;
  config::Resolved resolved;
  std::string text;      ///< the resolved configuration as YAML; reads back to the same
  std::string digest;    ///< config_digest, see below
  std::string warnings;  ///< for people; empty = none
};

/// Reads `file`, applies `overrides` ("a.b=c") in their order and runs the model's checks.
/// Throws Error(Exit::usage) with everything that is wrong.
Loaded load(const std::string& file, const std::vector<std::string>& overrides, const Registry& registry);

/// SHA-256 of the lines "path: value" of all settings that say what is simulated: all but the sections
/// `record`, `log` and `run`.
std::string config_digest(const config::Resolved& resolved);

/// The settings with an assumed value that the results rest on.
std::vector<const config::Resolved::Entry*> assumed_settings(const Loaded& loaded, const Job& job);

/// Throws Error(Exit::usage) when there are assumed_settings(), with how to replace each.
void refuse_assumed(const Loaded& loaded);

}  // namespace sim::app
