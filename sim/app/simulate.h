// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>

#include "sim/app/interrupt.h"
#include "sim/app/model.h"
#include "sim/app/progress.h"
#include "sim/app/settings.h"
#include "sim/core/failure.h"

namespace sim::app {

/// How a simulation ended that did not fail.
struct Ending {
  enum class Kind { complete, limit, interrupted };
  Kind kind = Kind::complete;
  std::string why;  ///< for people; empty when complete
  bool partial() const { return kind != Kind::complete; }
};

/// Runs the elaborated platform to its end, or to a limit or a signal, in slices of simulated time of about
/// 50 to 100 ms each. Slices do not change what happens: the same run ends in the same state however it is
/// cut.
///
/// Throws what the model threw; Error(Exit::check) when nothing moves although work is left, or when the run
/// came to its end without having done anything.
Ending simulate(Job& job, const RunConfig& config, Failure& failure, const Interrupt& interrupt,
                Progress& progress);

/// Period of the main clock in ps, rounded as ClockDomain does.
std::uint64_t period_ps(const Job& job);

}  // namespace sim::app
