// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sim {

// Estimates the cycles per operation of a whole workload from measured windows.
//
// Ratio estimator: mean = sum of cycles / sum of operations, which for windows of one length is the mean of
// the windows. The interval is Student's t over the windows (two-sided, 95 %, windows - 1 degrees of
// freedom). It accounts for the spread between windows only, not for a bias of too short a warm-up.
class SampleEstimator {
 public:
  void add_window(std::uint64_t ops, double cycles);  // A window of 0 operations is ignored.

  std::size_t windows() const { return windows_.size(); }
  std::optional<double> mean_per_op() const;      // nullopt without windows.
  std::optional<double> ci95_half_width() const;  // Per operation; nullopt with fewer than 2 windows.

  struct Extrapolation {
    double cycles;
    std::optional<double> half_width;
  };
  std::optional<Extrapolation> extrapolate(std::uint64_t total_ops) const;

 private:
  struct Window {
    double ops;
    double cycles;
  };
  // Kept and not summed up: sums of squares would cancel for windows that are nearly alike.
  std::vector<Window> windows_;
};

// The 97.5 % quantile of Student's t distribution; `degrees` >= 1. Better than 0.1 % relative.
double student_t_975(std::size_t degrees);

}  // namespace sim
