// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "models/allmod/stream.h"
#include "sim/core/units.h"

namespace allmod {

// The two FIFOs between the bus and one lane. Cycles in which the bus did something are those of the first
// edge that sees it; cycles in which the lane did something are its own. All questions name the cycle from
// which they are asked, so both sides may be asked in any order within one instant.
class HostQueue final : public OperandSource, public ResultSink {
 public:
  // `moved` is called when the lane took an operand or put a result in that cycle.
  HostQueue(std::size_t operands, std::size_t results, std::size_t x_limbs, std::size_t n_limbs,
            std::function<void(sim::Cycle)> moved)
      : operands_(operands, x_limbs), results_(results, n_limbs), moved_(std::move(moved)) {}

  // --- The bus. `cycle`: the last edge that it has seen; `visible`: the first edge that sees what it does.
  std::size_t room(sim::Cycle cycle) const { return operands_.room(cycle); }
  Limb* write(sim::Cycle visible) { return operands_.push(visible); }
  std::size_t readable(sim::Cycle cycle) const { return results_.filled(cycle); }
  const Limb* front() const { return results_.front(); }
  void read(sim::Cycle visible) { results_.pop(visible); }
  std::size_t waiting() const { return operands_.held() + results_.held(); }

  // Operands are not offered before this cycle (tables are being loaded).
  void hold_until(sim::Cycle cycle) { hold_ = cycle; }
  void reset() {
    operands_.clear();
    results_.clear();
  }

  // --- The lane.
  Offer offer(sim::Cycle from) override {
    if (operands_.held() == 0) return {};
    return {std::max({from, operands_.front_cycle(), hold_}), 1, operands_.front()};
  }
  void taken(std::size_t count, sim::Cycle last) override {
    for (std::size_t i = 0; i < count; ++i) operands_.pop(last + 1);
    moved_(last);
  }
  Interval ready(sim::Cycle from) override {
    const sim::Cycle at = results_.free_cycle();
    if (at == sim::kNever) return {};
    return {std::max(from, at), std::max(from, at) + 1};
  }
  void put(const sim::Cycle* at, const Limb* results, std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i) {
      const Limb* from = results + i * results_.limbs();
      std::copy(from, from + results_.limbs(), results_.push(at[i] + 1));
      moved_(at[i]);
    }
  }
  sim::Cycle settled_until(sim::Cycle from) const override { return from + 1; }

 private:
  // A ring of slots that remembers from which cycle on each is seen to be filled, or free, by the other side.
  class Ring {
   public:
    Ring(std::size_t slots, std::size_t limbs) : limbs_(limbs), data_(slots * limbs), stamp_(slots) {}
    std::size_t limbs() const { return limbs_; }
    std::size_t held() const { return held_; }
    Limb* push(sim::Cycle at) {
      const std::size_t slot = (head_ + held_++) % stamp_.size();
      stamp_[slot] = at;
      return &data_[slot * limbs_];
    }
    void pop(sim::Cycle at) {
      stamp_[head_] = at;
      head_ = (head_ + 1) % stamp_.size();
      --held_;
    }
    const Limb* front() const { return &data_[head_ * limbs_]; }
    sim::Cycle front_cycle() const { return stamp_[head_]; }
    // From when the next slot is free; kNever while none is.
    sim::Cycle free_cycle() const {
      return held_ == stamp_.size() ? sim::kNever : stamp_[(head_ + held_) % stamp_.size()];
    }
    // Free and filled slots as seen in `cycle`.
    std::size_t room(sim::Cycle cycle) const {
      std::size_t n = 0;
      while (n < stamp_.size() - held_ && stamp_[(head_ + held_ + n) % stamp_.size()] <= cycle) ++n;
      return n;
    }
    std::size_t filled(sim::Cycle cycle) const {
      std::size_t n = 0;
      while (n < held_ && stamp_[(head_ + n) % stamp_.size()] <= cycle) ++n;
      return n;
    }
    void clear() {
      std::fill(stamp_.begin(), stamp_.end(), 0);
      head_ = held_ = 0;
    }

   private:
    std::size_t limbs_;
    std::vector<Limb> data_;
    std::vector<sim::Cycle> stamp_;
    std::size_t head_ = 0, held_ = 0;
  };

  Ring operands_, results_;
  std::function<void(sim::Cycle)> moved_;
  sim::Cycle hold_ = 0;
};

}  // namespace allmod
