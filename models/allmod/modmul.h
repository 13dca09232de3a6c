// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "models/allmod/function/chain.h"
#include "models/allmod/function/operands.h"
#include "models/allmod/stream.h"
#include "sim/core/clock_domain.h"
#include "sim/core/clocked.h"
#include "sim/stats/stat.h"

namespace allmod {

// Timing of the multiplier in front of each lane.
struct MultiplierCycles {
  unsigned latency = 1;   // from starting a multiplication to its product being valid at the lane
  unsigned interval = 1;  // between two starts
};

// The front end for modular multiplication: one multiplier in front of each lane, a register file of
// residues, and a dispatcher that issues the operations of a program as soon as their operands are there.
//
// In each cycle the dispatcher goes through the lanes in order and gives each whose multiplier is free, and
// whose product register can take another product when it is done, the ready operation that comes first in
// the program. A result that leaves a lane in cycle c can be an operand from c + 1 on.
class ModMulFrontEnd final : public sim::Clocked {
 public:
  static constexpr unsigned kProducts = 2;  // products that may wait in front of a lane

  // Without a program: begin() brings one. Adds itself to the domain.
  ModMulFrontEnd(sim::ClockDomain& domain, unsigned lanes, const MultiplierCycles& timing,
                 std::size_t x_limbs, std::size_t n_limbs, sim::stats::Group& stats);
  // `program` must outlive the front end, or last until the next begin().
  ModMulFrontEnd(sim::ClockDomain& domain, const ChainProgram& program, unsigned lanes,
                 const MultiplierCycles& timing, std::size_t x_limbs, std::size_t n_limbs,
                 sim::stats::Group& stats);
  ~ModMulFrontEnd() override;

  OperandSource& source(unsigned lane);
  ResultSink& sink(unsigned lane);
  // Called when a lane has something new to look at; set by whoever wires the lanes.
  void on_product(std::function<void(unsigned lane, sim::Cycle)> wake) { wake_lane_ = std::move(wake); }

  // Another program, once the one before is done (sim::Error(Exit::internal) otherwise). Its operations can
  // be issued from the first edge on that is strictly after now.
  void begin(const ChainProgram& program);

  std::uint64_t total() const { return program_ == nullptr ? 0 : program_->operations().size(); }
  std::uint64_t done() const { return done_; }
  // Called with every result, in no particular order: operation, n_limbs() limbs, cycle. May be empty.
  using OnResult = std::function<void(std::uint32_t operation, const Limb* result, sim::Cycle)>;
  void on_result(OnResult listener) { on_result_ = std::move(listener); }
  // What the lane had to reduce for an operation that is done: the product of its operands.
  void product(std::uint32_t operation, Limb* x) const;
  std::uint64_t wrong_outputs() const;  // outputs that differ from mpz_powm's; at the end
  const Limb* value_limbs(std::uint32_t id) const { return value(id); }  // n_limbs, once it is there
  sim::Cycle last_cycle() const { return last_cycle_; }

  void evaluate(sim::Cycle now) override;
  sim::Cycle next_cycle(sim::Cycle now) const override;
  bool busy() const override { return done_ < total(); }
  std::string state() const override;

 private:
  class LaneEnds;

  const Limb* value(std::uint32_t id) const { return &values_[id * n_limbs_]; }
  void load(const ChainProgram& program, sim::Cycle now);
  void make_ready(std::uint32_t operation, sim::Cycle now);
  void release_finished(sim::Cycle now);
  void issue(unsigned lane, std::uint32_t operation, sim::Cycle now);
  void finish(std::uint32_t operation, const Limb* result, sim::Cycle cycle);

  sim::ClockDomain& domain_;
  const ChainProgram* program_ = nullptr;
  MultiplierCycles timing_;
  std::size_t x_limbs_, n_limbs_;
  std::vector<std::unique_ptr<LaneEnds>> lanes_;
  std::vector<Limb> values_;                       // the register file, n_limbs a value
  std::vector<unsigned char> missing_;             // operands that an operation still waits for
  std::vector<std::vector<std::uint32_t>> users_;  // operations that wait for a value
  std::vector<sim::Cycle> ready_at_;               // of operations that were ready: since when
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready_;  // in program order
  std::vector<std::pair<sim::Cycle, std::uint32_t>> finished_;  // operations usable from that cycle on
  std::uint64_t done_ = 0;
  sim::Cycle last_cycle_ = 0;
  std::function<void(unsigned, sim::Cycle)> wake_lane_;
  OnResult on_result_;

  sim::stats::Group group_;
  sim::stats::Counter issued_;
  sim::stats::Histogram wait_;
};

// The operands of a workload that is a program: operand i is the product of operation i, once that is known.
class ProgramOperands final : public Operands {
 public:
  ProgramOperands(unsigned n, const ModMulFrontEnd& front) : Operands(n), front_(front) {}
  void get(std::uint64_t index, Limb* x) const override {
    front_.product(static_cast<std::uint32_t>(index), x);
  }
  std::uint64_t size() const override { return front_.total(); }

 private:
  const ModMulFrontEnd& front_;
};

}  // namespace allmod
