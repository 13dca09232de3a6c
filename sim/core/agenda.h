// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "sim/core/clocked.h"

namespace sim {

// Who runs at which cycle: the scheduling half of a ClockDomain, without time and without SystemC.
//
// Three stores, by how a member gets in: a plain list for the next edge (the common case, no search), a
// heap with at most one entry per member for what next_cycle() answered, and a heap of wake-ups, each of
// which is honoured even if the member plans something else.
class Agenda {
 public:
  // At the next edge, which is `at`: the same for all calls between two take().
  void arm(Clocked& c, Cycle at) {
    if (c.armed_for_ == at) return;
    c.armed_for_ = at;
    armed_.push_back(&c);
  }
  bool is_armed(const Clocked& c, Cycle at) const { return c.armed_for_ == at; }
  // The member's own plan, replaces its earlier plan; kNever: none.
  void plan(Clocked& c, Cycle at);
  // In addition to its plan. Repeating the last wake-up of a member costs nothing.
  void wake(Clocked& c, Cycle at);

  bool anyone_armed() const { return !armed_.empty(); }
  // Earliest planned or woken cycle, kNever when there is none. Ignores the armed.
  Cycle next() const;
  // Moves the armed and everyone due at `now` or before into `out` (which is emptied first).
  void take(Cycle now, std::vector<Clocked*>& out);
  // Forgets everything, also inside `members`.
  void clear(const std::vector<Clocked*>& members);

 private:
  void put(std::size_t position, Clocked* c) {
    planned_[position] = c;
    c->position_ = position;
  }
  void sift_up(std::size_t position);
  void sift_down(std::size_t position);
  void remove(Clocked& c);

  struct Wake {
    Cycle at;
    Clocked* who;
    bool operator>(const Wake& other) const { return at > other.at; }
  };
  std::vector<Clocked*> armed_;
  std::vector<Clocked*> planned_;  // binary heap by planned_, indexed by Clocked::position_
  std::vector<Wake> wakes_;        // binary heap by at
};

}  // namespace sim
