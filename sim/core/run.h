// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <systemc>

#include "sim/core/failure.h"

namespace sim {

// sc_start() until no event is left or somebody stops it. What went wrong inside comes out as it was
// thrown; a report of SystemC's own (nothing in `failure`) comes out as Error(Exit::internal) with its text.
void run(Failure& failure);
// The same for a limited time; other than that call, it may be repeated.
void run(Failure& failure, const sc_core::sc_time& duration);

// For the body of an SC_THREAD or SC_METHOD that may throw: keeps the exception in `failure` and stops the
// simulation, as a ClockDomain does for its members.
template <class F>
void guarded(Failure& failure, F&& body) {
  try {
    body();
  } catch (const sc_core::sc_unwind_exception&) {
    throw;  // the kernel is taking this process down
  } catch (...) {
    const bool first = !failure.failed();
    failure.set(std::current_exception());
    if (first) sc_core::sc_stop();
  }
}

}  // namespace sim
