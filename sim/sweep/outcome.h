// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace sim::sweep {

enum class Status { pending = 0, done = 1, failed = 2 };

// What became of a point.
struct Outcome {
  Status status = Status::pending;
  int exit_code = 0;
  std::string error;    // of a failed one: what the program said
  std::string summary;  // summary.json on one line; empty without results
  double wall_s = 0;    // of the simulation's process
};

// What the complete run folder of a point says; absent while there is none. A folder is renamed to its name
// when it is complete, so one that is there is whole. Throws sim::Error(Exit::input) when it cannot be read.
std::optional<Outcome> collect(const std::filesystem::path& folder);

// Removes what `keep: summaries` does not keep.
void strip(const std::filesystem::path& folder);

}  // namespace sim::sweep
