// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "sim/sweep/space.h"
#include "sim/sweep/sweep_config.h"

namespace sim::sweep {

// How good a position is, as minimisation.
struct Value {
  std::vector<double> objectives;  // NaN: none
  bool feasible = false;           // simulated, and accepted
};

// Simulates positions and returns their values, in the same order; the same position twice costs once.
using Evaluate = std::function<std::vector<Value>(const std::vector<Coordinates>&)>;

// Chooses positions of a space. Deterministic: the same space, configuration and values give the same
// positions, so a sweep that was interrupted goes the same way again.
class Sampler {
 public:
  virtual ~Sampler() = default;
  virtual void sample(const Evaluate& evaluate) = 0;
  // Positions that sample() will ask for, at most; for progress.
  virtual std::uint64_t expected() const = 0;
};

// One that only looks at the space: all its positions, for --dry-run. Empty for those that follow values.
std::vector<Coordinates> grid_positions(const Space& space);
std::vector<Coordinates> random_positions(const Space& space, std::uint64_t points, std::uint64_t seed);
std::vector<Coordinates> latin_hypercube_positions(const Space& space, std::uint64_t points,
                                                   std::uint64_t seed);

// Throws sim::Error(Exit::usage) when the space is too large for it.
std::unique_ptr<Sampler> make_sampler(const Space& space, const SweepConfig& config);

// nsga2 and moead, by Pagmo.
std::unique_ptr<Sampler> make_evolution(const Space& space, const SweepConfig& config);

}  // namespace sim::sweep
