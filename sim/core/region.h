// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/core/sample_estimator.h"

namespace sim::config {
class Visitor;
}

namespace sim {

// Which operations of a workload are simulated and which of those are measured. All in operations.
//
// The first `skip` are left out. Then come periods of `every` operations: `warmup` simulated only to fill
// the pipeline and buffers, `measure` measured, the rest left out. every = 0: one period up to the end of
// the workload. measure = 0: everything after the warm-up, to the end of the period.
struct RegionConfig {
  std::uint64_t skip = 0;
  std::uint64_t warmup = 0;
  std::uint64_t measure = 0;
  std::uint64_t every = 0;

  void fields(config::Visitor& v);
  // What is wrong across the fields, for the user; empty when nothing is. `key` receives the field's name.
  std::string problem(std::string* key = nullptr) const;
};

// The plan of a RegionConfig over a workload of a known number of operations, numbered from 0.
class Region {
 public:
  // skip: not simulated at all; warmup: simulated, not counted; measure: simulated and counted.
  enum class Phase { skip, warmup, measure };

  // Throws Error(usage) with RegionConfig::problem(), or when nothing of the workload would be measured.
  Region(const RegionConfig& config, std::uint64_t total_ops);

  Phase phase(std::uint64_t op) const;
  bool simulated(std::uint64_t op) const { return phase(op) != Phase::skip; }
  // The first simulated operation >= op; total() when there is none.
  std::uint64_t next_simulated(std::uint64_t op) const;
  // Number of the window (period) that a simulated operation belongs to, from 0; nullopt when skipped.
  std::optional<std::uint64_t> window_of(std::uint64_t op) const;

  std::uint64_t total() const { return total_; }
  std::uint64_t windows() const;          // Windows with at least one measured operation.
  std::uint64_t simulated_count() const;  // Operations simulated, warm-up included.
  std::uint64_t measured_count() const;
  double share() const;  // measured / total.

 private:
  std::uint64_t count(std::uint64_t length) const;  // operations among the first `length` of their period

  std::uint64_t total_;
  std::uint64_t begin_;   // first operation of the first period
  std::uint64_t warmup_;  // per period
  std::uint64_t live_;    // warmup + measure per period
  std::uint64_t every_;   // >= 1
};

}  // namespace sim
