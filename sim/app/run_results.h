// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// A finished run as it is compared with others: its settings and figures as flat lists.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace sim::app {

/// One figure of summary.json or stats.json.
struct Figure {
  std::string
      key;  ///< "energy_j.total", "layers[conv1].cycles" (by `name` where the elements have one), "x[3]"
  nlohmann::ordered_json value;  ///< never an object or a list
  bool in_list = false;          ///< of an element of a list
  bool extrapolated = false;     ///< scaled from a sample, as the summary says
};

struct Setting {
  std::string path;
  std::string value;  ///< as YAML, without its claim of origin
};

struct RunResults {
  std::filesystem::path folder;
  std::string model, version, config_digest, trace_digest;
  std::string outcome;  ///< of manifest.json: "complete", "interrupted", ...
  bool partial = false;
  std::vector<Setting> settings;
  std::vector<Figure> figures;
};

/// Reads a run folder. With `stats`, stats.json too, its values as `stats.PATH`.
/// Throws Error(Exit::input), naming what is wrong and what to do, for what is not the folder of a finished
/// run (a sweep, a run that still goes on) and for files that are damaged.
RunResults read_run(const std::filesystem::path& folder, bool stats);

/// The scalars in `value`, in order.
std::vector<Figure> flattened(const nlohmann::ordered_json& value);

}  // namespace sim::app
