// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/outcome.h"

#include <fstream>
#include <sstream>

#include <nlohmann/json.hpp>

#include "sim/app/json_file.h"
#include "sim/core/error.h"

namespace sim::sweep {
namespace fs = std::filesystem;
namespace {

nlohmann::ordered_json read_whole(const fs::path& file) {
  if (auto json = app::read_json_object(file)) return *std::move(json);
  throw Error(Exit::input, file.string() +
                               " cannot be read or is damaged; remove its folder, and the point is "
                               "simulated again");
}

std::string read_text(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

std::optional<Outcome> collect(const fs::path& folder) {
  std::error_code none;
  if (!fs::is_directory(folder, none)) return std::nullopt;
  const auto summary = read_whole(folder / "summary.json");
  const auto manifest = read_whole(folder / "manifest.json");
  Outcome outcome;
  outcome.summary = summary.dump();
  outcome.wall_s = summary.value("wall_s", 0.0);
  outcome.exit_code = manifest.value("exit_code", 0);
  outcome.status = outcome.exit_code == 0 ? Status::done : Status::failed;
  if (outcome.exit_code != 0) {
    outcome.error = read_text(folder / "failure.txt");
    if (outcome.error.empty() && manifest.contains("failure") && manifest["failure"].is_string()) {
      outcome.error = manifest["failure"].get<std::string>();
    }
    if (outcome.error.empty() && manifest.contains("outcome") && manifest["outcome"].is_string()) {
      outcome.error = "ended as: " + manifest["outcome"].get<std::string>();
    }
  }
  return outcome;
}

void strip(const fs::path& folder) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    const std::string name = entry.path().filename().string();
    if (name != "config.yaml" && name != "summary.json" && name != "manifest.json" && name != "failure.txt") {
      fs::remove_all(entry.path(), none);
    }
  }
}

}  // namespace sim::sweep
