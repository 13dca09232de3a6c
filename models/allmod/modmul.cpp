// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/modmul.h"

#include <algorithm>

#include <gmp.h>

#include "sim/core/error.h"

namespace allmod {

using sim::Cycle;
using sim::kNever;

// What stands between the dispatcher and one lane: the multiplier, its product registers, and the numbers of
// the operations inside. Cycles are kept with everything, so that the dispatcher and the lane may be
// evaluated in either order.
class ModMulFrontEnd::LaneEnds final : public OperandSource, public ResultSink {
 public:
  LaneEnds(ModMulFrontEnd& front, std::size_t x_limbs, std::size_t n_limbs)
      : front_(front),
        x_limbs_(x_limbs),
        n_limbs_(n_limbs),
        products_(kProducts * x_limbs),
        wide_(2 * n_limbs) {}

  // First cycle in which a multiplication may start; kNever while a product register must be freed first.
  Cycle next_start() const {
    if (waiting_ == kProducts) return kNever;
    return std::max(multiplier_free_, free_from_[(head_ + waiting_) % kProducts]);
  }
  void start(std::uint32_t operation, const Limb* a, const Limb* b, Cycle now,
             const MultiplierCycles& timing) {
    const std::size_t slot = (head_ + waiting_++) % kProducts;
    mpn_mul_n(wide_.data(), a, b, static_cast<mp_size_t>(n_limbs_));
    std::copy_n(wide_.begin(), x_limbs_, products_.begin() + static_cast<std::ptrdiff_t>(slot * x_limbs_));
    valid_from_[slot] = now + timing.latency;
    multiplier_free_ = now + timing.interval;
    inside_.push_back(operation);
  }

  Offer offer(Cycle from) override {
    if (waiting_ == 0) return {};
    return {std::max(from, valid_from_[head_]), 1, &products_[head_ * x_limbs_]};
  }
  void taken(std::size_t, Cycle last) override {
    free_from_[head_] = last + 1;
    head_ = (head_ + 1) % kProducts;
    --waiting_;
    front_.domain_.wake(front_, last + 1);
  }
  Interval ready(Cycle from) override { return {from, kNever}; }
  void put(const Cycle* at, const Limb* results, std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      front_.finish(inside_[first_++], results + i * n_limbs_, at[i]);
    }
  }
  Cycle settled_until(Cycle from) const override { return from + 1; }
  // Before another program: the numbers of the last one, all of whose results are out.
  void forget() {
    inside_.clear();
    first_ = 0;
  }

 private:
  ModMulFrontEnd& front_;
  std::size_t x_limbs_, n_limbs_;
  std::vector<Limb> products_, wide_;
  Cycle valid_from_[kProducts] = {};
  Cycle free_from_[kProducts] = {};
  std::size_t head_ = 0, waiting_ = 0;
  Cycle multiplier_free_ = 0;
  std::vector<std::uint32_t> inside_;  // in order of issue; results come in that order
  std::size_t first_ = 0;
};

ModMulFrontEnd::ModMulFrontEnd(sim::ClockDomain& domain, unsigned lanes, const MultiplierCycles& timing,
                               std::size_t x_limbs, std::size_t n_limbs, sim::stats::Group& stats)
    : Clocked("allmod.front_end"),
      domain_(domain),
      timing_(timing),
      x_limbs_(x_limbs),
      n_limbs_(n_limbs),
      group_(stats, "front_end"),
      issued_(group_, "issued", "operation", "multiplications started"),
      wait_(group_, "wait", "cycle",
            "cycles from both operands being there to the start of the multiplication") {
  for (unsigned i = 0; i < lanes; ++i) lanes_.push_back(std::make_unique<LaneEnds>(*this, x_limbs, n_limbs));
  domain.add(*this);
}

ModMulFrontEnd::ModMulFrontEnd(sim::ClockDomain& domain, const ChainProgram& program, unsigned lanes,
                               const MultiplierCycles& timing, std::size_t x_limbs, std::size_t n_limbs,
                               sim::stats::Group& stats)
    : ModMulFrontEnd(domain, lanes, timing, x_limbs, n_limbs, stats) {
  load(program, 0);
}

void ModMulFrontEnd::begin(const ChainProgram& program) {
  if (busy()) throw sim::Error(sim::Exit::internal, name() + ": a program before the last one is done");
  for (const auto& lane : lanes_) lane->forget();
  const Cycle at = domain_.edge_after(sc_core::sc_time_stamp());
  load(program, at);
  domain_.wake(*this, at);
}

void ModMulFrontEnd::load(const ChainProgram& program, Cycle now) {
  program_ = &program;
  done_ = 0;
  finished_.clear();
  values_.assign((program.inputs() + program.operations().size()) * n_limbs_, 0);
  missing_.assign(program.operations().size(), 0);
  users_.assign(program.inputs() + program.operations().size(), {});
  ready_at_.assign(program.operations().size(), 0);
  for (std::size_t i = 0; i < program.inputs(); ++i)
    to_limbs(program.input(i), &values_[i * n_limbs_], n_limbs_);
  const auto inputs = static_cast<std::uint32_t>(program.inputs());
  for (std::uint32_t i = 0; i < program.operations().size(); ++i) {
    const ChainProgram::Operation& op = program.operations()[i];
    for (const std::uint32_t operand : {op.a, op.b}) {
      if (operand < inputs) continue;
      users_[operand].push_back(i);  // a square waits for its operand twice
      ++missing_[i];
    }
    if (missing_[i] == 0) make_ready(i, now);
  }
}

ModMulFrontEnd::~ModMulFrontEnd() = default;

OperandSource& ModMulFrontEnd::source(unsigned lane) { return *lanes_[lane]; }
ResultSink& ModMulFrontEnd::sink(unsigned lane) { return *lanes_[lane]; }

void ModMulFrontEnd::make_ready(std::uint32_t operation, Cycle now) {
  ready_.push(operation);
  ready_at_[operation] = now;
}

// Results that became usable by `now` may complete operations that wait for them.
void ModMulFrontEnd::release_finished(Cycle now) {
  const auto due =
      std::partition(finished_.begin(), finished_.end(), [now](const auto& f) { return f.first > now; });
  for (auto it = due; it != finished_.end(); ++it) {
    for (const std::uint32_t user : users_[program_->inputs() + it->second]) {
      if (--missing_[user] == 0) make_ready(user, now);
    }
  }
  finished_.erase(due, finished_.end());
}

void ModMulFrontEnd::evaluate(Cycle now) {
  release_finished(now);
  for (unsigned lane = 0; lane < lanes_.size() && !ready_.empty(); ++lane) {
    if (lanes_[lane]->next_start() > now) continue;
    const std::uint32_t operation = ready_.top();
    ready_.pop();
    issue(lane, operation, now);
  }
}

void ModMulFrontEnd::issue(unsigned lane, std::uint32_t operation, Cycle now) {
  const ChainProgram::Operation& op = program_->operations()[operation];
  lanes_[lane]->start(operation, value(op.a), value(op.b), now, timing_);
  ++issued_;
  wait_.add(now - std::min(now, ready_at_[operation]));
  if (wake_lane_) wake_lane_(lane, now + timing_.latency);
}

void ModMulFrontEnd::finish(std::uint32_t operation, const Limb* result, Cycle cycle) {
  const std::size_t id = program_->inputs() + operation;
  std::copy_n(result, n_limbs_, values_.begin() + static_cast<std::ptrdiff_t>(id * n_limbs_));
  if (on_result_) on_result_(operation, result, cycle);
  ++done_;
  last_cycle_ = std::max(last_cycle_, cycle);
  finished_.emplace_back(cycle + 1, operation);
  domain_.wake(*this, cycle + 1);
}

void ModMulFrontEnd::product(std::uint32_t operation, Limb* x) const {
  const ChainProgram::Operation& op = program_->operations()[operation];
  std::vector<Limb> wide(2 * n_limbs_);
  mpn_mul_n(wide.data(), value(op.a), value(op.b), static_cast<mp_size_t>(n_limbs_));
  std::copy_n(wide.begin(), x_limbs_, x);
}

std::uint64_t ModMulFrontEnd::wrong_outputs() const {
  std::uint64_t wrong = 0;
  for (const ChainProgram::Output& output : program_->outputs()) {
    if (to_mpz(value(output.value), n_limbs_) != output.expected) ++wrong;
  }
  return wrong;
}

Cycle ModMulFrontEnd::next_cycle(Cycle now) const {
  Cycle next = kNever;
  for (const auto& f : finished_) next = std::min(next, f.first);
  if (!ready_.empty()) {
    for (const auto& lane : lanes_) next = std::min(next, lane->next_start());
  }
  return next == kNever ? kNever : std::max(now + 1, next);
}

std::string ModMulFrontEnd::state() const {
  return std::to_string(done_) + " of " + std::to_string(total()) + " multiplications done, " +
         std::to_string(ready_.size()) + " ready";
}

}  // namespace allmod
