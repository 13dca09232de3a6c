// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// When it computes: a pipeline that takes an operand every `interval` cycles and gives its result `latency`
// cycles later. It sleeps in between.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "models/NAME/function.h"
#include "sim/core/clock_domain.h"
#include "sim/stats/stat.h"

namespace NAME {

struct Timing {
  sim::Cycle latency = 4;
  sim::Cycle interval = 1;
};

class Unit final : public sim::Clocked {
 public:
  /// Squares 0, 1, ... count - 1; the first operand enters in cycle 1.
  Unit(const Timing& timing, std::uint64_t count, sim::stats::Group& stats)
      : Clocked("NAME.unit"),
        timing_(timing),
        count_(count),
        results_(stats, "results", "op", "results given") {}

  void evaluate(sim::Cycle now) override {
    if (!pipeline_.empty() && pipeline_.front().at == now) {
      checksum_ = checksum_ * 31 + pipeline_.front().value;
      pipeline_.pop_front();
      ++results_;
      last_ = now;
    }
    if (taken_ < count_ && now >= next_) {
      pipeline_.push_back({now + timing_.latency, square(taken_)});
      ++taken_;
      next_ = now + timing_.interval;
    }
  }
  sim::Cycle next_cycle(sim::Cycle now) const override {
    const sim::Cycle out = pipeline_.empty() ? sim::kNever : pipeline_.front().at;
    const sim::Cycle in = taken_ < count_ ? std::max(next_, now + 1) : sim::kNever;
    return std::min(in, out);
  }
  bool busy() const override { return done() < count_; }

  std::uint64_t done() const { return results_.value(); }
  sim::Cycle last() const { return last_; }  ///< in which a result was given
  std::uint64_t checksum() const { return checksum_; }

 private:
  struct Flight {
    sim::Cycle at;
    std::uint64_t value;
  };
  const Timing timing_;
  const std::uint64_t count_;
  sim::stats::Counter results_;
  std::deque<Flight> pipeline_;
  std::uint64_t taken_ = 0, checksum_ = 0;
  sim::Cycle next_ = 1, last_ = 0;
};

}  // namespace NAME
