// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <systemc>

#include "sim/core/clock_domain.h"
#include "sim/core/clocked.h"
#include "sim/core/failure.h"
#include "sim/core/fifo.h"
#include "sim/core/run.h"

// Small members for the tests of the engine.
namespace test {

using sim::Cycle;
using sim::kNever;

// Notes when it runs; wakes itself as told.
class Probe final : public sim::Clocked {
 public:
  explicit Probe(std::string name = "probe") : Clocked(std::move(name)) {}
  void evaluate(Cycle now) override {
    seen.push_back(now);
    if (on_edge) on_edge(now);
  }
  Cycle next_cycle(Cycle now) const override { return plan ? plan(now) : kNever; }
  void reset() override { ++resets; }

  std::vector<Cycle> seen;
  std::function<void(Cycle)> on_edge;
  std::function<Cycle(Cycle)> plan;
  int resets = 0;
};

// Answers now + 1 up to `last`.
inline std::function<Cycle(Cycle)> until(Cycle last) {
  return [last](Cycle now) { return now < last ? now + 1 : kNever; };
}

// Pushes the numbers 0, 1, 2 ... below `count`, one per cycle when there is space.
class Source final : public sim::Clocked {
 public:
  Source(sim::Fifo<int>& out, int count) : Clocked("source"), out_(out), count_(count) {
    out_.bind_producer(*this);
  }
  void evaluate(Cycle now) override {
    if (next_ == count_ || !out_.can_push()) return;
    out_.push(next_++);
    pushed_at.push_back(now);
  }
  // Asking can_push() here is what makes the FIFO wake it.
  Cycle next_cycle(Cycle now) const override { return next_ < count_ && out_.can_push() ? now + 1 : kNever; }
  void reset() override { next_ = 0; }
  bool busy() const override { return next_ < count_; }
  std::string state() const override { return "has " + std::to_string(count_ - next_) + " left to send"; }

  std::vector<Cycle> pushed_at;

 private:
  sim::Fifo<int>& out_;
  int count_;
  int next_ = 0;
};

// Pops one per cycle, from cycle `begin` on.
class Sink final : public sim::Clocked {
 public:
  explicit Sink(sim::Fifo<int>& in, Cycle begin = 0) : Clocked("sink"), in_(in), begin_(begin) {
    in_.bind_consumer(*this);
  }
  void evaluate(Cycle now) override {
    if (now < begin_ || !in_.can_pop()) return;
    values.push_back(in_.pop());
    popped_at.push_back(now);
  }
  Cycle next_cycle(Cycle now) const override {
    if (in_.size() == 0) return kNever;
    return now + 1 < begin_ ? begin_ : now + 1;
  }

  std::vector<int> values;
  std::vector<Cycle> popped_at;

 private:
  sim::Fifo<int>& in_;
  Cycle begin_;
};

// Runs `body` as an SC_THREAD: the world outside a clock domain.
class Script final : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Script);
  Script(sc_core::sc_module_name name, std::function<void()> body) : sc_module(name), body_(std::move(body)) {
    SC_THREAD(thread);
  }

 private:
  void thread() { body_(); }
  std::function<void()> body_;
};

// Calls `body` once at `at`, from an SC_METHOD. Methods may run before a clock domain's edge of that time;
// `hop` moves the moment at which the kernel learns of the event, which influences that.
class Poke final : public sc_core::sc_module {
 public:
  SC_HAS_PROCESS(Poke);
  Poke(sc_core::sc_module_name name, const sc_core::sc_time& at, std::function<void()> body,
       const sc_core::sc_time& hop = sc_core::SC_ZERO_TIME)
      : sc_module(name), at_(at), body_(std::move(body)) {
    SC_METHOD(method);
    sensitive << event_;
    dont_initialize();
    event_.notify(hop == sc_core::SC_ZERO_TIME ? at : hop);
  }

 private:
  void method() {
    if (sc_core::sc_time_stamp() < at_) {
      event_.notify(at_ - sc_core::sc_time_stamp());
    } else {
      body_();
    }
  }
  sc_core::sc_time at_;
  std::function<void()> body_;
  sc_core::sc_event event_;
};

inline sc_core::sc_time ns(double value) { return sc_core::sc_time(value, sc_core::SC_NS); }

}  // namespace test
