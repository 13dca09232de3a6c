// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "sim/sweep/outcome.h"

namespace sim::sweep {

// How far a sweep is.
struct SweepState {
  std::uint64_t done = 0, failed = 0, left = 0;
  std::uint64_t simulated = 0;    // in this process, for the rate
  double seconds = 0;             // of this process
  std::vector<std::string> best;  // "latency_cycles 12", one an objective
};

// "317 of 400 points (79.2 %), 3 failed  4.21/s  0:20 left  best latency_cycles 12"
std::string sweep_progress_text(const SweepState& state);

// Follows a sweep and draws it: on a terminal one line that is drawn anew, else a line every ten seconds.
class SweepProgress {
 public:
  enum class Style { none, terminal, lines };
  struct Objective {
    std::string name;
    bool maximised = false;
  };
  SweepProgress(std::ostream& out, Style style, std::vector<Objective> objectives);
  ~SweepProgress();

  // So many points more than those told before; a sampler that follows values tells all it will ask for at
  // once.
  void expect(std::uint64_t points) { expected_ += points; }
  // So many of those come to nothing: they break a requirement, or are points that were taken before.
  void drop(std::uint64_t points) { expected_ -= points < expected_ ? points : expected_; }
  // `objectives` as minimisation, NaN where there is none; `fresh`: simulated now.
  void took(const Outcome& outcome, const std::vector<double>& objectives, bool accepted, bool fresh);
  void update();
  void clear();
  SweepState state() const;

 private:
  std::ostream& out_;
  Style style_;
  std::vector<Objective> objectives_;
  std::vector<double> best_;  // as minimisation
  std::uint64_t expected_ = 0, done_ = 0, failed_ = 0, fresh_ = 0;
  double started_ = 0, next_ = 0;
  bool drawn_ = false;
};

}  // namespace sim::sweep
