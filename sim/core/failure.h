// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <exception>
#include <utility>

namespace sim {

// Keeps the first exception thrown inside the simulation.
//
// SystemC turns whatever escapes a process into an sc_report, so the C++ type would be lost between a
// model and the caller of sc_start(). A ClockDomain puts the exception here and stops the kernel; the
// caller asks after sc_start() (run.h does so). Not thread-safe: SystemC is one thread.
class Failure {
 public:
  // Keeps `e` unless an earlier one is kept already (the first cause is the interesting one).
  void set(std::exception_ptr e) noexcept {
    if (!first_) first_ = std::move(e);
  }
  bool failed() const noexcept { return first_ != nullptr; }
  // Throws the kept exception with its own type; does nothing when there is none.
  void rethrow() const {
    if (first_) std::rethrow_exception(first_);
  }

 private:
  std::exception_ptr first_;
};

}  // namespace sim
