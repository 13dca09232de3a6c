// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Two or more finished runs side by side; the first one is what the others are compared with.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "sim/app/model.h"
#include "sim/app/run_results.h"

namespace sim::app {

/// One figure or setting in every run.
struct ComparedRow {
  std::string key;
  std::string unit;  ///< of a figure; empty = none or not known
  std::vector<std::optional<nlohmann::ordered_json>>
      values;                      ///< one a run; absent where the run has no such key
  std::vector<bool> extrapolated;  ///< one a run
  bool in_list = false;

  bool everywhere() const;  ///< every run has the key
  bool differs() const;     ///< two runs have it with different values
};

struct Comparison {
  std::vector<RunResults> runs;
  std::vector<std::string> labels;    ///< "A", "B", ... "Z", "AA"
  std::vector<ComparedRow> settings;  ///< in the order of the first run, then of those that have more
  std::vector<ComparedRow> figures;
  std::vector<std::string>
      notes;  ///< what to mind before the figures are read: partial runs, other traces, ...
};

/// `registry` tells the units of figures.
Comparison compare_results(std::vector<RunResults> runs, const Registry& registry);

/// Of one value beside that of the first run; absent where one is no number (or the first is 0, for the last
/// two).
std::optional<double> difference(const ComparedRow& row, std::size_t run);
std::optional<double> change_percent(const ComparedRow& row, std::size_t run);
std::optional<double> ratio(const ComparedRow& row, std::size_t run);

struct TextStyle {
  std::size_t width = 100;        ///< columns
  bool all = false;               ///< equal values and elements of lists too
  std::vector<std::string> keys;  ///< only settings and figures whose key contains one of them; empty = all
};
void write_text(std::ostream& out, const Comparison& comparison, const TextStyle& style);
void write_json(std::ostream& out, const Comparison& comparison);
/// RFC 4180, one row a setting or figure.
void write_csv(std::ostream& out, const Comparison& comparison);

}  // namespace sim::app
