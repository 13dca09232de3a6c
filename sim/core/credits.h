// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "sim/core/clock_domain.h"
#include "sim/core/clocked.h"
#include "sim/core/error.h"

namespace sim {

// Counted permits between a taker and those who give them back, in one clock domain: slots of a buffer
// downstream, outstanding requests. What is given in cycle c can be taken from c + 1 on.
//
// Only the taker may ask available(), can_take() and outstanding() during a cycle: its own take() counts at
// once, so others would see a number that depends on the order of members.
class Credits final : public Registered {
 public:
  // Registers itself with `domain`. Throws Error(usage) for 0 credits.
  Credits(ClockDomain& domain, std::string name, std::uint64_t initial)
      : Registered(std::move(name)), domain_(domain), initial_(initial), available_(initial) {
    if (initial == 0)
      throw Error(Exit::usage, "credits " + this->name() + ": 0 of them; set it to 1 or more");
    domain_.add(*this);
  }

  // The taker is woken when credits come back after it asked can_take() in vain.
  void bind_taker(Clocked& taker) { taker_ = &taker; }

  bool can_take(std::uint64_t count = 1) const {
    if (count > available_) refused_ = true;
    return count <= available_;
  }
  // Throws Error(internal) when there are not as many.
  void take(std::uint64_t count = 1) {
    if (count > available_) {
      throw Error(Exit::internal, "credits " + name() + " (" + state() + "): take(" + std::to_string(count) +
                                      ") without as many; its user must ask can_take() first");
    }
    available_ -= count;
  }
  // Anybody in the domain. Giving more than was taken before this cycle throws Error(check) at its end.
  void give(std::uint64_t count = 1) {
    domain_.touch(*this);
    given_ += count;
  }

  std::uint64_t initial() const { return initial_; }
  std::uint64_t available() const { return available_; }
  std::uint64_t outstanding() const { return initial_ - available_; }
  std::string state() const override {
    return std::to_string(available_) + "/" + std::to_string(initial_) + " credits free";
  }

  // For the end of a run: throws Error(check) unless every credit came back.
  void check_all_returned() const {
    if (available_ + given_ == initial_) return;
    throw Error(Exit::check, "credits " + name() + ": " + std::to_string(initial_ - available_ - given_) +
                                 " of " + std::to_string(initial_) +
                                 " never came back; one of its users lost them");
  }

  // Called by the domain.
  void commit(Cycle now) override {
    if (given_ == 0) return;
    if (given_ > initial_ - available_) {
      throw Error(Exit::check, "credits " + name() + ": in cycle " + std::to_string(now) + " " +
                                   std::to_string(given_) + " were given back while " +
                                   std::to_string(initial_ - available_) +
                                   " were out; one of its users gives twice");
    }
    available_ += given_;
    given_ = 0;
    if (refused_ && taker_ != nullptr) {
      refused_ = false;
      domain_.wake(*taker_, now + 1);
    }
  }
  void reset() override {
    available_ = initial_;
    given_ = 0;
    refused_ = false;
  }

 private:
  ClockDomain& domain_;
  std::uint64_t initial_;
  std::uint64_t available_;       // as the taker sees it
  std::uint64_t given_ = 0;       // this cycle
  mutable bool refused_ = false;  // the taker waits
  Clocked* taker_ = nullptr;
};

}  // namespace sim
