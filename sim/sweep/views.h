// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/sweep/expression.h"
#include "sim/sweep/store.h"
#include "sim/sweep/sweep_config.h"

namespace sim::sweep {

// One chart of the report: the points that it accepts, a front for each group, and published curves.
class View {
 public:
  // Reads the published curves. Throws sim::Error: Exit::input when the file cannot be read, Exit::usage when
  // it has not those columns, or no number where one is wanted.
  View(const ViewConfig& config, const std::filesystem::path& sweep_file);

  // JSON: name, group, axes, senses, published: {name, curves: {GROUP: [[x, y], ...]}}.
  std::string description() const;

  void take(const std::string& digest, const Expression::Lookup& lookup);
  // Those taken until now, with the front of every group marked.
  std::vector<Store::ViewPoint> points() const;

 private:
  void read_published(const std::filesystem::path& file);

  ViewConfig config_;
  std::vector<Expression> accept_, objectives_;
  std::vector<Store::ViewPoint> points_;
  std::map<std::string, std::vector<std::pair<double, double>>> published_;
};

}  // namespace sim::sweep
