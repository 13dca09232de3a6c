// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <systemc>

#include "sim/core/agenda.h"
#include "sim/core/clocked.h"
#include "sim/core/error.h"
#include "sim/core/failure.h"
#include "sim/core/units.h"

namespace sim {

// Of a clock of that frequency, rounded to whole picoseconds, 1 at least; of (0, 10^6] MHz.
std::uint64_t period_ps(double frequency_mhz);

// One clock and everything that works on its edges: one SC_METHOD, one event that renews itself. When no
// member wants an edge no event is scheduled, so that an idle domain costs nothing and sc_start() returns
// when all domains are idle.
//
// Edge k is at time k * period. The first edge is number 1: cycle 0 ends at time 0, before anything ran.
//
// An edge at cycle `now`:
//  1. commits what was touched from outside at times before this edge,
//  2. evaluate(now) of every member that is awake, in no promised order,
//  3. commit(now) of everything touched meanwhile,
//  4. next_cycle(now) of every member evaluated, which is where members fall asleep.
//
// "From outside" is every caller that is not inside step 2 of this domain: SC_THREADs, sockets, other
// domains. What they do at time t has its effect at the first edge strictly after t, also when the edge at
// t itself is still to come in this delta cycle; so the order of processes does not matter.
//
// Exceptions of members end up in the Failure and stop the simulation.
class ClockDomain : public sc_core::sc_module {
 public:
  // `frequency_mhz` is rounded to a whole number of picoseconds; throws Error(usage) unless it lies in
  // (0, 10^6] MHz. `failure` must outlive the domain.
  ClockDomain(sc_core::sc_module_name name, double frequency_mhz, Failure& failure);

  // --- Members. They register before the simulation starts or between edges, and must outlive it.
  void add(Clocked& member);     // Throws Error(internal) when it is in a domain already.
  void add(Registered& member);  // Fifo, Credits and Mailbox do this themselves.
  // Adds an onlooker (Watchdog), which is no reason for an edge by itself: when it sleeps it is asked for
  // its next_cycle() again at an edge that happens anyway, about every `interval` cycles, and whenever the
  // domain is about to fall asleep.
  void add_onlooker(Clocked& member, Cycle interval);
  const std::vector<Clocked*>& members() const { return members_; }
  const std::vector<Registered*>& registered() const { return registered_; }

  // --- Time.
  const sc_core::sc_time& period() const { return period_; }
  bool period_exact() const { return rounding_.empty(); }    // False: the period was rounded.
  const std::string& rounding() const { return rounding_; }  // A sentence about it; empty when exact.
  double frequency_mhz() const;                              // Of the rounded period.
  // Inside a member's evaluate: its cycle. Elsewhere: the last cycle whose time is not in the future.
  Cycle now() const { return phase_ == Phase::idle ? cycle_at(sc_core::sc_time_stamp()) : now_; }
  // The first edge STRICTLY after t.
  Cycle edge_after(const sc_core::sc_time& t) const { return cycle_at(t) + 1; }
  // Throws Error(internal) beyond the end of sc_time.
  sc_core::sc_time time_of(Cycle cycle) const;

  // --- Waking. Members evaluate at `at`, or at the next edge if that is later. Spurious and repeated
  // wake-ups are harmless. From outside, the next edge is the first strictly after the current time.
  void wake(Clocked& member, Cycle at) {
    if (member.domain_ != this) throw_foreign(member);
    if (phase_ != Phase::idle && at <= now_ + 1) {
      agenda_.arm(member, now_ + 1);
    } else {
      wake_later(member, at);
    }
  }
  // Call it BEFORE writing to `r`: commit it at the end of this cycle; from outside, before the next edge.
  void touch(Registered& r) {
    if (phase_ == Phase::evaluate) {
      if (!r.touched_) {
        r.touched_ = true;
        touched_.push_back(&r);
      }
    } else {
      touch_outside(r);
    }
  }

  // Synchronous reset: at the next edge nobody evaluates, every Registered and every member is reset; from
  // the edge after it they run as at the start. Wake-ups asked for earlier are forgotten.
  void reset();

  // Permutes the order of evaluations and commits at each edge; 0 switches it off. For tests: no result may
  // depend on it.
  void shuffle(std::uint64_t seed);

  std::uint64_t edges() const { return edges_; }              // Edges executed so far.
  std::uint64_t evaluations() const { return evaluations_; }  // Calls of evaluate() so far.

 private:
  enum class Phase { idle, settle, evaluate, commit };
  struct Onlooker {
    Clocked* who;
    Cycle interval;
    Cycle ask_at;
  };

  void start_of_simulation() override;
  void edge();
  void run_edge(Cycle now);
  void commit_outside(Cycle now);
  void evaluate_all(Cycle now);
  void plan_all(Cycle now);
  void plan(Clocked& member, Cycle now);
  void ask_onlookers(Cycle now, bool falling_asleep);
  void dismiss_onlookers(Cycle now);
  void reset_all(Cycle now);
  Cycle next_edge() const;
  void request(Cycle at);
  void wake_later(Clocked& member, Cycle at);
  void touch_outside(Registered& r);
  [[noreturn]] void throw_foreign(const Clocked& member) const;
  Cycle cycle_at(const sc_core::sc_time& t) const { return t.value() / period_.value(); }

  // 1. Time
  sc_core::sc_time period_;
  std::string rounding_;
  sc_core::sc_event edge_event_;
  Cycle requested_ = kNever;  // edge for which edge_event_ is notified
  Cycle last_cycle_ = 0;      // last one that sc_time can express
  bool started_ = false;
  // 2. The current edge
  Phase phase_ = Phase::idle;
  Cycle now_ = 0;
  std::vector<Clocked*> awake_;
  std::vector<Registered*> touched_;
  // 3. Later edges
  struct Outside {
    Registered* what;
    Cycle before;  // the edge at which it must be visible
  };
  Agenda agenda_;
  std::vector<Outside> outside_;
  Cycle reset_at_ = kNever;
  Cycle reset_after_ = kNever;  // a second one, asked for at the time of the first before it took place
  // 4. Everybody
  std::vector<Clocked*> members_;
  std::vector<Registered*> registered_;
  std::vector<Onlooker> onlookers_;
  Cycle onlookers_at_ = kNever;
  Failure& failure_;
  bool shuffled_ = false;
  std::mt19937_64 random_;
  std::uint64_t edges_ = 0;
  std::uint64_t evaluations_ = 0;
};

}  // namespace sim
