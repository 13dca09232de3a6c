// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/timing_error.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>

namespace sim::app {
namespace {

using Json = nlohmann::ordered_json;

/// "breakdown_s.gpu": a part of the key ends in "_s", as every key in seconds does.
bool in_seconds(const std::string& key) {
  for (std::size_t at = key.find("_s"); at != std::string::npos; at = key.find("_s", at + 1)) {
    if (at + 2 == key.size() || key[at + 2] == '.') return key.compare(0, 4, "wall") != 0;
  }
  return false;
}

/// Per second, per token and second: not a time.
bool rate(const std::string& key) { return key.find("per_s") != std::string::npos; }

std::string detail_of(const ComparedRow& row, std::size_t run) {
  return row.values[run] && row.values[run]->is_string() ? row.values[run]->get<std::string>()
                                                         : std::string();
}

bool same_but_fidelity(const Comparison& c, std::size_t a, std::size_t b) {
  if (c.runs[a].partial || c.runs[b].partial || c.runs[a].trace_digest != c.runs[b].trace_digest)
    return false;
  return std::all_of(c.settings.begin(), c.settings.end(), [&](const ComparedRow& row) {
    const bool free = row.key.compare(0, 9, "fidelity.") == 0 || row.key.compare(0, 4, "run.") == 0;
    return free || row.values[a] == row.values[b];
  });
}

}  // namespace

std::vector<TimingError> timing_errors(const Comparison& c) {
  std::vector<TimingError> list;
  const auto detail = std::find_if(c.settings.begin(), c.settings.end(),
                                   [](const ComparedRow& row) { return row.key == "fidelity.detail"; });
  if (detail == c.settings.end()) return list;
  std::size_t reference = 0;
  while (reference < c.runs.size() &&
         (detail_of(*detail, reference).empty() || detail_of(*detail, reference) == "fast"))
    ++reference;
  if (reference == c.runs.size()) return list;
  for (std::size_t run = 0; run < c.runs.size(); ++run) {
    if (detail_of(*detail, run) != "fast") continue;
    TimingError error;
    error.reference = reference;
    error.fast = run;
    error.detail = detail_of(*detail, reference);
    error.alone = same_but_fidelity(c, reference, run);
    for (const ComparedRow& row : c.figures) {
      if (row.in_list || !in_seconds(row.key) || rate(row.key)) continue;
      const auto &a = row.values[reference], &b = row.values[run];
      if (!a || !b || !a->is_number() || !b->is_number() || a->get<double>() == 0) continue;
      error.rows.push_back({row.key, a->get<double>(), b->get<double>()});
    }
    list.push_back(std::move(error));
  }
  return list;
}

void write_text(std::ostream& out, const Comparison& c, const std::vector<TimingError>& errors) {
  for (const TimingError& error : errors) {
    out << "\nTiming error of " << c.labels[error.fast] << " (fidelity.detail: fast, loosely timed) against "
        << c.labels[error.reference] << " (" << error.detail << ")\n";
    if (!error.alone) {
      out << "  note: the runs differ in more than fidelity: the differences are not the mode's error "
             "alone\n";
    }
    std::size_t longest = 3;
    for (const TimingError::Row& row : error.rows) longest = std::max(longest, row.key.size());
    const auto line = [&](const std::string& key, const char* a, const char* b, const char* percent) {
      char text[160];
      std::snprintf(text, sizeof text, "%12s  %12s  %10s", a, b, percent);
      out << "  " << key << std::string(longest - key.size(), ' ') << "  " << text << "\n";
    };
    line("key", (error.detail + ", s").c_str(), "fast, s", "error");
    for (const TimingError::Row& row : error.rows) {
      char a[32], b[32], percent[32];
      std::snprintf(a, sizeof a, "%.6g", row.expected);
      std::snprintf(b, sizeof b, "%.6g", row.found);
      std::snprintf(percent, sizeof percent, "%+.3f %%", row.percent());
      line(row.key, a, b, percent);
    }
  }
}

Json to_json(const Comparison& c, const std::vector<TimingError>& errors) {
  Json list = Json::array();
  for (const TimingError& error : errors) {
    Json rows = Json::array();
    for (const TimingError::Row& row : error.rows) {
      rows.push_back({{"key", row.key},
                      {"reference_s", row.expected},
                      {"fast_s", row.found},
                      {"error_percent", row.percent()}});
    }
    list.push_back({{"run", c.labels[error.fast]},
                    {"reference", c.labels[error.reference]},
                    {"detail", error.detail},
                    {"alone", error.alone},
                    {"figures", rows}});
  }
  return list;
}

}  // namespace sim::app
