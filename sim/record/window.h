// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/units.h"

namespace sim::record {

// The cycles that are recorded: from <= cycle < to.
struct Window {
  Cycle from = 0;
  Cycle to = kNever;

  bool contains(Cycle at) const { return at >= from && at < to; }
  bool touches(Cycle begin, Cycle end) const { return begin < to && (end > from || begin >= from); }
};

// What every recording says about itself.
struct Origin {
  std::uint64_t period_ps = 1000;
  std::string configuration;
};

// Version of the layout of the recordings; counted up when a reader would have to change.
constexpr int kSchema = 1;

// at * period_ps. Throws sim::Error(Exit::limit) when the time does not fit 64 bits (213 days).
std::uint64_t time_ps(Cycle at, std::uint64_t period_ps);

// A list of globs that remembers which of them matched. Empty: matches everything.
class Globs {
 public:
  explicit Globs(std::vector<std::string> patterns)
      : patterns_(std::move(patterns)), used_(patterns_.size()) {}

  bool match(const std::string& path);
  std::vector<std::string> unused() const;

 private:
  std::vector<std::string> patterns_;
  std::vector<bool> used_;
};

}  // namespace sim::record
