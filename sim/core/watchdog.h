// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/core/clock_domain.h"
#include "sim/core/clocked.h"
#include "sim/core/error.h"

namespace sim {

// Work is outstanding and nothing moves. what() holds the whole report.
class DeadlockError : public Error {
 public:
  explicit DeadlockError(const std::string& report) : Error(Exit::check, report) {}
};

// Notices that a model stands still. It looks once every `limit` cycles; when work was outstanding and
// nothing was retired since its last look it throws DeadlockError. So it strikes exactly `limit` cycles
// after the start if nothing is ever retired, and in general between limit and 2 * limit - 1 cycles after
// the last retirement. While nothing is outstanding it causes no clock edge.
class Watchdog final : public Clocked {
 public:
  using Count = std::function<std::uint64_t()>;

  // Adds itself to `domain`. `retired` counts operations finished so far, `outstanding` those begun and
  // not finished. Throws Error(usage) for limit 0.
  Watchdog(ClockDomain& domain, Cycle limit, Count retired, Count outstanding);

  // Lists the members and FIFOs of a further domain in the report, too.
  void include(const ClockDomain& domain) { domains_.push_back(&domain); }

  // For the application when sc_start() returned because no event is left: everybody sleeps. Throws
  // DeadlockError if work is outstanding, as nothing can ever finish it.
  void check_starved() const;

  // Busy members with their state() and the fill level of every FIFO, one per line.
  std::string report() const;

  void evaluate(Cycle now) override;
  Cycle next_cycle(Cycle now) const override;

 private:
  [[noreturn]] void strike(const std::string& headline) const;

  std::vector<const ClockDomain*> domains_;
  Cycle limit_;
  Count retired_;
  Count outstanding_;
  std::uint64_t retired_before_ = 0;
};

}  // namespace sim
