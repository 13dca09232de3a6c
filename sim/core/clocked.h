// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "sim/core/units.h"

namespace sim {

class Agenda;
class ClockDomain;

// A part that works on clock edges: a stage, an arbiter, a lane. A plain object, no sc_module.
//
// Each edge has three steps over all awake members of a domain: evaluate() of every one, then commit() of
// what they touched, then next_cycle() of every one. evaluate() must read committed state only and write
// through Registered objects (Fifo, Credits) or into its own members: then the order of members cannot
// matter. It must also bear being called at a cycle at which there is nothing to do.
//
// The domain keeps a pointer: a member has to live as long as the simulation runs.
class Clocked {
 public:
  // `name` is the path shown to people, "unit.lane0.stage3".
  explicit Clocked(std::string name) : name_(std::move(name)) {}
  virtual ~Clocked() = default;
  Clocked(const Clocked&) = delete;
  Clocked& operator=(const Clocked&) = delete;

  // One cycle of work. What it throws ends the simulation and reaches the caller with its type.
  virtual void evaluate(Cycle now) = 0;
  // Asked after the commit of `now` (and once with 0 before the first edge, and after a reset): the next
  // cycle > now at which evaluate() must run; kNever: asleep until somebody wakes it (a bound Fifo does).
  virtual Cycle next_cycle(Cycle now) const = 0;
  // Back to the state after construction. Called at an edge instead of evaluate().
  virtual void reset() {}
  // Whether it holds work; a deadlock report lists those that do ...
  virtual bool busy() const { return false; }
  // ... with this line: what it waits for.
  virtual std::string state() const { return {}; }

  const std::string& name() const { return name_; }

 private:
  friend class Agenda;
  friend class ClockDomain;
  static constexpr std::size_t kNotPlanned = ~std::size_t{0};

  // Scheduling state lives here and not in a table of the domain, so that it shares a cache line with the
  // virtual table pointer that evaluate() needs anyway.
  Cycle armed_for_ = 0;                 // is in the list of this edge
  Cycle planned_ = kNever;              // as answered by next_cycle()
  std::size_t position_ = kNotPlanned;  // in the agenda's heap
  Cycle woken_for_ = kNever;            // last wake-up asked for from outside, to drop repetitions
  ClockDomain* domain_ = nullptr;
  std::string name_;
};

// State that becomes visible at the end of a cycle: registered FIFOs, credits.
class Registered {
 public:
  // `name` is the path shown to people; may be empty.
  explicit Registered(std::string name = {}) : name_(std::move(name)) {}
  virtual ~Registered() = default;
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;

  // Makes what was written during `now` visible, to be seen from now + 1. Called once per cycle in which
  // somebody touched it (ClockDomain::touch); must do nothing when there is nothing new.
  virtual void commit(Cycle now) = 0;
  // Back to the state after construction, including what is not committed yet.
  virtual void reset() = 0;
  // Fill level for a deadlock report, "3/8"; empty: not listed.
  virtual std::string state() const { return {}; }

  const std::string& name() const { return name_; }

 private:
  friend class ClockDomain;
  bool touched_ = false;        // in this cycle's list
  Cycle touched_for_ = kNever;  // edge before which it is to be committed, when touched from outside
  std::string name_;
};

}  // namespace sim
