// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/allmod/function/operands.h"
#include "models/allmod/function/oracle.h"
#include "models/allmod/stall_pattern.h"
#include "models/allmod/stream.h"
#include "sim/core/region.h"

namespace allmod {

// The operands that a run works on and what is known about their results: which operations of the workload
// are simulated and measured, whether each answer is right, and how many cycles the measured windows took.
// Both drivers (stream and socket) draw from it. The n-th simulated operation is number n here; it goes to
// lane n mod lanes.
class Workload {
 public:
  // `operands` endless or at least as many as the region covers.
  // `compare` = false: results are taken as they are.
  Workload(const Design& design, const Modulus& modulus, std::unique_ptr<Operands> operands,
           const sim::Region& region, bool compare = true);

  // The moduli take turns, `every` simulated operations each. Before the first result.
  void take_turns(std::vector<Modulus> moduli, std::uint64_t every);
  const Modulus& modulus_of(std::uint64_t n) const { return moduli_[turn(n)]; }
  // Simulated operations from n on that have the modulus of operation n.
  std::uint64_t same_modulus(std::uint64_t n) const {
    return every_ == 0 ? simulated_ - n : every_ - n % every_;
  }

  std::uint64_t total() const { return simulated_; }
  std::uint64_t done() const { return done_; }
  std::size_t x_limbs() const { return operands_->x_limbs(); }
  std::size_t n_limbs() const { return moduli_.front().limbs().size(); }

  // Steps through the simulated operations; one cursor a reader.
  struct Cursor {
    std::uint64_t n = 0;   // simulated operation
    std::uint64_t op = 0;  // its number in the workload
  };
  Cursor begin() const;
  void advance(Cursor& cursor, std::uint64_t operations) const;
  bool at_end(const Cursor& cursor) const { return cursor.n >= simulated_; }
  void operand(const Cursor& cursor, Limb* x) const { operands_->get(cursor.op, x); }
  // The next `count` operands of a lane (every `lanes`-th), contiguous in memory; moves the cursor behind
  // them.
  std::size_t fill(Cursor& cursor, unsigned lanes, std::size_t count, std::vector<Limb>& xs) const;

  bool compares() const { return compare_; }

  // The result of the operation at `cursor` left the unit in `cycle`. Checks it against GMP if it compares.
  void result(const Cursor& cursor, const Limb* y, sim::Cycle cycle);

  struct Wrong {
    std::uint64_t op;
    std::string operand, got, want;  // hexadecimal
  };
  std::uint64_t mismatches() const { return mismatches_; }
  std::uint64_t literal_errors() const { return literal_errors_; }
  const std::vector<Wrong>& first_wrong() const { return wrong_; }  // at most eight
  sim::Cycle last_cycle() const { return last_cycle_; }             // in which a result left

  const sim::Region& region() const { return region_; }
  std::uint64_t measured_done() const { return measured_; }
  // The windows measured so far, each from the last result before it to its own last result.
  sim::SampleEstimator estimate() const;

 private:
  struct Window {
    std::uint64_t measured = 0;
    sim::Cycle before = 0;  // last result of an earlier operation
    sim::Cycle last = 0;
  };

  std::size_t turn(std::uint64_t n) const {
    return every_ == 0 ? 0 : static_cast<std::size_t>(n / every_ % moduli_.size());
  }

  const Design design_;
  std::vector<Modulus> moduli_;
  std::unique_ptr<Operands> operands_;
  sim::Region region_;
  std::uint64_t simulated_;
  void compare(const Cursor& cursor, const Limb* y);

  bool compare_;
  std::vector<Oracle> oracles_;  // by modulus
  std::uint64_t every_ = 0;
  std::uint64_t done_ = 0, measured_ = 0, mismatches_ = 0, literal_errors_ = 0;
  sim::Cycle last_cycle_ = 0;
  std::vector<Window> windows_;
  std::vector<Wrong> wrong_;
  std::vector<Limb> x_;
};

}  // namespace allmod
