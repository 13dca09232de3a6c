// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What runs with `fidelity.detail: fast` (loosely timed) are off by in their times, against a run of the same
// that is not.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/app/comparison.h"

namespace sim::app {

struct TimingError {
  std::size_t reference = 0, fast = 0;  ///< runs
  std::string detail;                   ///< of the reference: "event"
  bool alone = true;                    ///< the runs differ in nothing but `fidelity`, and none is partial
  struct Row {
    std::string key;
    double expected = 0, found = 0;
    double percent() const { return 100 * (found - expected) / expected; }
  };
  std::vector<Row> rows;  ///< figures in seconds that the reference has and that are not 0, in their order
};

/// One for each run that is loosely timed, against the first that is not; empty where there are not both.
std::vector<TimingError> timing_errors(const Comparison& comparison);

void write_text(std::ostream& out, const Comparison& comparison, const std::vector<TimingError>& errors);
nlohmann::ordered_json to_json(const Comparison& comparison, const std::vector<TimingError>& errors);

}  // namespace sim::app
