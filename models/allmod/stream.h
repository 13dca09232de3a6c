// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>

#include <systemc>

#include "models/allmod/function/design.h"
#include "sim/core/units.h"

namespace allmod {

// The two ends of a lane: a stream of operands with valid/ready, a stream of results with valid/ready.
// One operand or result moves in a cycle in which both sides agree. The interfaces say what will happen in
// cycles to come, as far as that is settled, so that a lane can work through many cycles in one activation.

// `count` operands, back to back: the k-th is valid from cycle max(begin + k, cycle after the previous one
// was taken) and stays valid until it is taken. count = 0: nothing is foreseeable (the source wakes the lane
// later).
struct Offer {
  sim::Cycle begin = sim::kNever;
  std::size_t count = 0;
  const Limb* operands = nullptr;  // count * Datapath::x_limbs() limbs, least significant first
};

class OperandSource : public virtual sc_core::sc_interface {
 public:
  // What is offered at or after `from`. The operands stay readable until taken() or the next offer().
  virtual Offer offer(sim::Cycle from) = 0;
  // The first `count` operands of the last offer were taken, the last of them in cycle `last`.
  virtual void taken(std::size_t count, sim::Cycle last) = 0;
  // Answers given so far hold up to, not including, this cycle, whatever else happens in the simulation;
  // at least from + 1.
  virtual sim::Cycle settled_until(sim::Cycle from) const = 0;
};

struct Interval {
  sim::Cycle begin = sim::kNever;
  sim::Cycle end = sim::kNever;  // exclusive
};

class ResultSink : public virtual sc_core::sc_interface {
 public:
  // The first interval at or after `from` in which the sink is ready in every cycle (results put into it
  // are already reckoned with). begin = kNever: not foreseeable (the sink wakes the lane later).
  virtual Interval ready(sim::Cycle from) = 0;
  // `count` results, n_limbs apart, the k-th delivered in cycle at[k]; cycles ascend.
  virtual void put(const sim::Cycle* at, const Limb* results, std::size_t count) = 0;
  // As OperandSource::settled_until.
  virtual sim::Cycle settled_until(sim::Cycle from) const = 0;
};

}  // namespace allmod
