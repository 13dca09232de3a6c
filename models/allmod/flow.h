// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/units.h"

// Where the operands of one lane are, and nothing else: the event-driven form of the two stall policies.
// A stage is a bit; one cycle is a handful of word operations for 64 stages. No values, no SystemC.
//
// Common contract. In cycle c the caller asks out_valid() and in_ready(sink_ready), decides which transfers
// happen and calls step(in, out) once; that ends the cycle. still() and quiet() let it skip cycles in which
// nothing is transferred. Slow stages take more than one cycle (a serial core, a multiplier that is not fully
// pipelined); every other stage takes one.
namespace allmod {

struct SlowStage {
  unsigned index;   // never the last stage
  unsigned cycles;  // service time, 2 or more
};

struct FlowShape {
  unsigned stages = 1;          // number of stage registers; 1 or more
  std::vector<SlowStage> slow;  // in the order of their indices
};

// A slow stage at work.
struct FlowCore {
  unsigned index;
  unsigned cycles;
  sim::Cycle left = 0;  // of the present operand's service, after this cycle
  bool busy = false;    // held an operand at the end of the last cycle
};

// Registered two-entry FIFO in front of every stage's consumer: valid and ready both come from registers.
// Two entries are the least that sustain one operand a cycle.
class ElasticFlow {
 public:
  explicit ElasticFlow(const FlowShape& shape);
  bool out_valid() const { return bit(one_, stages_ - 1); }
  bool in_ready(bool /*sink_ready*/) const { return !bit(two_, 0); }
  void step(bool in, bool out);
  // Full and moving: a transfer at both ends leaves the state as it is.
  bool steady() const { return held_ == stages_ && !doubled_ && cores_.empty(); }
  bool empty() const { return held_ == 0; }
  // No transfer inside happens while nothing enters or leaves.
  bool still() const;
  // Cycles that may be skipped with skip(): none of them moves an operand to the output or blocks one.
  sim::Cycle quiet() const;
  void skip(sim::Cycle cycles);
  unsigned held() const { return held_; }
  unsigned occupancy(unsigned stage) const { return bit(one_, stage) + bit(two_, stage); }
  void reset();

 private:
  using Plane = std::vector<std::uint64_t>;
  static bool bit(const Plane& p, unsigned i) { return (p[i >> 6] >> (i & 63)) & 1; }
  // Stages whose operand moves on in this cycle; word w of the plane.
  std::uint64_t moves(std::size_t w, bool out) const;

  unsigned stages_;
  std::vector<FlowCore> cores_;
  std::uint64_t top_mask_;  // valid bits of the last word
  Plane one_, two_;         // occupancy >= 1, occupancy == 2
  Plane moves_;             // scratch of step()
  unsigned held_ = 0;
  bool doubled_ = false;  // some stage holds two
};

// One clock enable for the whole lane: it stops while a result waits and the sink is not ready.
class GlobalFlow {
 public:
  explicit GlobalFlow(const FlowShape& shape);
  bool out_valid() const { return bit(stages_ - 1); }
  bool in_ready(bool sink_ready) const { return (!out_valid() || sink_ready) && enters(0); }
  void step(bool in, bool out);
  bool steady() const { return cores_.empty() && held_ == stages_; }
  bool empty() const { return held_ == 0; }
  bool still() const { return held_ == 0 || out_valid(); }
  sim::Cycle quiet() const;
  void skip(sim::Cycle cycles);
  unsigned held() const { return held_; }
  unsigned occupancy(unsigned stage) const { return bit(stage); }
  void reset();

 private:
  bool bit(unsigned i) const { return (valid_[i >> 6] >> (i & 63)) & 1; }
  void set(unsigned i, bool v);
  // Whether stage i is free at the end of an enabled cycle (its operand, if any, moves on).
  bool enters(unsigned i) const;

  unsigned stages_;
  std::vector<FlowCore> cores_;
  std::vector<std::uint64_t> valid_;
  unsigned held_ = 0;
};

}  // namespace allmod
