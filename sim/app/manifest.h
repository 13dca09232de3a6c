// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/app/model.h"
#include "sim/app/settings.h"

namespace sim::app {

/// manifest.json: where, when and from what a run was made. Everything that differs between equal runs.
struct Manifest {
  std::vector<std::string> command_line;
  std::string config_file;
  std::chrono::system_clock::time_point started = std::chrono::system_clock::now();
  bool ended = false;
  double wall_s = 0;
  double set_up_cpu_s = 0,
         simulation_cpu_s = 0;      ///< processor time until the first event, and from there to the last
  std::string outcome = "running";  ///< running, complete, limit, interrupted, failed
  std::string failure;              ///< empty = none
  int exit_code = 0;
  bool partial = true;
  std::vector<Artefact> files;
};

nlohmann::ordered_json to_json(const Manifest& manifest, const Loaded& loaded, const Job& job);

}  // namespace sim::app
