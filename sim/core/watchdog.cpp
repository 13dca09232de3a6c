// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/watchdog.h"

#include <utility>

namespace sim {

Watchdog::Watchdog(ClockDomain& domain, Cycle limit, Count retired, Count outstanding)
    : Clocked(std::string(domain.name()) + ".watchdog"),
      domains_{&domain},
      limit_(limit),
      retired_(std::move(retired)),
      outstanding_(std::move(outstanding)) {
  if (limit == 0) throw Error(Exit::usage, name() + ": a limit of 0 cycles; set it to 1 or more");
  domain.add_onlooker(*this, limit);
}

void Watchdog::evaluate(Cycle now) {
  const std::uint64_t retired = retired_();
  const std::uint64_t before = std::exchange(retired_before_, retired);
  if (retired != before || outstanding_() == 0) return;
  strike("deadlock: nothing was retired in the last " + std::to_string(limit_) + " cycles (now cycle " +
         std::to_string(now) + " of clock domain " + domains_.front()->name() + ")");
}

Cycle Watchdog::next_cycle(Cycle now) const { return outstanding_() == 0 ? kNever : now + limit_; }

void Watchdog::check_starved() const {
  if (outstanding_() == 0) return;
  strike("deadlock: every part sleeps and no event is left (after cycle " +
         std::to_string(domains_.front()->now()) + " of clock domain " + domains_.front()->name() + ")");
}

std::string Watchdog::report() const {
  std::string text;
  for (const ClockDomain* domain : domains_) {
    for (const Clocked* member : domain->members()) {
      if (!member->busy()) continue;
      const std::string state = member->state();
      text += "  busy  " + member->name() + (state.empty() ? "" : ": " + state) + "\n";
    }
    for (const Registered* registered : domain->registered()) {
      const std::string state = registered->state();
      if (!state.empty()) text += "  fill  " + registered->name() + ": " + state + "\n";
    }
  }
  return text;
}

void Watchdog::strike(const std::string& headline) const {
  throw DeadlockError(
      headline + "; " + std::to_string(retired_()) + " retired so far, " + std::to_string(outstanding_()) +
      " outstanding\n" + report() +
      "Follow the full FIFOs to the part that holds them up. If the model is only slow, raise the "
      "watchdog limit.");
}

}  // namespace sim
