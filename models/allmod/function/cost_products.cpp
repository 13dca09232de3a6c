// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Forms that multiply, all in LUTs: no DSP blocks. One operand of every product is a constant of the modulus,
// which is there as the tables are and takes no registers or additions; beyond that no use is made of its
// being constant, nor of products of which only a half is wanted.
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include "models/allmod/function/cost.h"
#include "models/allmod/function/cost_steps.h"

namespace allmod {

namespace {

// Operands of one Karatsuba level, or of the base multipliers: how many of each length.
using Operands = std::map<unsigned, std::uint64_t>;

unsigned half(unsigned bits) { return bits / 2 + bits % 2; }

// Low half, high half and their sum.
Operands split(const Operands& whole) {
  Operands parts;
  for (const auto& [bits, count] : whole) {
    parts[half(bits)] += count;
    parts[bits - half(bits)] += count;
    parts[half(bits) + 1] += count;
  }
  return parts;
}

std::uint64_t total_bits(const Operands& operands) {
  std::uint64_t sum = 0;
  for (const auto& [bits, count] : operands) sum += bits * count;
  return sum;
}

class MultiplierBill {
 public:
  MultiplierBill(const Datapath& datapath, Bill& bill)
      : timing_(datapath.multiplier()), shape_(datapath.design().multiplier), bill_(bill) {
    levels_.push_back({{operand_bits(datapath.design()), 1}});
    for (unsigned k = 0; k < shape_.karatsuba; ++k) levels_.push_back(split(levels_.back()));
  }

  // Timing counts the operands of all products of a form as equally long.
  static unsigned operand_bits(const Design& design) {
    return design.n + (design.form == Form::barrett ? 2 : 1);
  }

  // From `before` (what the registers hold, the multiplied value included) to a product of `product` bits,
  // while `passing` bits wait for it.
  void multiply(unsigned before, unsigned passing, unsigned product) {
    for (unsigned k = 0; k < shape_.karatsuba; ++k) split_stage(k);
    bill_.hold(Part::join_delay, before, timing_.before);
    base_products(product);
    for (unsigned k = shape_.karatsuba; k-- > 0;) join_stage(k, product);
    bill_.hold(Part::multiplier, product, shape_.registers);
    if (timing_.ii > 1) {  // waits in a register of its own while rows are added
      bill_.hold(Part::join_delay, passing);
      bill_.hold(Part::join_delay, passing, timing_.after);
      bill_.counter(timing_.ii);
    } else {
      bill_.hold(Part::join_delay, passing, 1 + timing_.after);
    }
  }

 private:
  void split_stage(unsigned k) {
    for (const auto& [bits, count] : levels_[k]) {
      for (std::uint64_t i = 0; i < count; ++i) bill_.adder(Part::multiplier, half(bits));
      bill_.path("multiplier: addition of " + std::to_string(half(bits)) + " bits",
                 bill_.adder_ns(half(bits)));
    }
    bill_.hold(Part::multiplier, total_bits(levels_[k + 1]) - total_bits(levels_[0]));
  }

  // `rows` rows of one bit times `bits` bits, added as a binary tree; the product of k rows has bits + k
  // bits, and below the upper half's first bit the lower half passes by. The AND gates are in the adders'
  // LUTs.
  void rows(unsigned rows_, unsigned bits) {
    if (rows_ < 2) return;
    rows(half(rows_), bits);
    rows(rows_ - half(rows_), bits);
    bill_.adder(Part::multiplier, rows_ - half(rows_) + bits);
  }

  void base_products(unsigned product) {
    const bool folded = timing_.ii > 1;
    for (const auto& [bits, count] : levels_.back()) {
      const unsigned digit = shape_.digit == 0 ? bits : std::min(shape_.digit, bits);
      for (std::uint64_t i = 0; i < count; ++i) {
        rows(digit, bits);
        if (!folded) continue;
        bill_.adder(Part::multiplier, bits + digit);
        bill_.logic(Part::multiplier,
                    bits);  // the operand, which shifts out as the product's low half shifts in
      }
      bill_.path("multiplier: " + std::to_string(digit) + " rows of " + std::to_string(bits) + " bits",
                 bill_.adder_ns(bits + digit, digit + folded));
    }
    // The registers hold 2 * bits each; of a single product only the bits that are wanted, unless the others
    // are needed to work.
    const std::uint64_t all = 2 * total_bits(levels_.back());
    const std::uint64_t kept = shape_.karatsuba > 0 ? all : std::min<std::uint64_t>(all, product);
    bill_.hold(Part::multiplier, kept);
    if (folded) bill_.state(Part::multiplier, all - kept);
  }

  // high : low + (middle - low - high) << half. Two subtractions of the middle product's length, one addition
  // above the low half.
  void join_stage(unsigned k, unsigned product) {
    for (const auto& [bits, count] : levels_[k]) {
      const unsigned middle = 2 * (half(bits) + 1), sum = 2 * bits - half(bits);
      for (std::uint64_t i = 0; i < count; ++i) {
        bill_.adder(Part::multiplier, middle, 3);
        bill_.adder(Part::multiplier, sum);
      }
      bill_.path("multiplier: recombination of " + std::to_string(sum) + " bits", bill_.adder_ns(sum, 4));
    }
    bill_.hold(Part::multiplier, k > 0 ? 2 * total_bits(levels_[k]) : product);
  }

  MultiplierTiming timing_;
  Multiplier shape_;
  Bill& bill_;
  std::vector<Operands> levels_;  // [0] the whole operand, the last one those of the base multipliers
};

unsigned bits_of(const Phase& phase) {
  unsigned bits = 0;
  for (const Phase::Value& value : phase.values) bits += value.bits;
  return bits;
}

}  // namespace

void bill_products(const Datapath& datapath, Bill& bill) {
  const Design& d = datapath.design();
  MultiplierBill multiplier(datapath, bill);
  bill.hold(Part::input, 2 * d.n);
  const auto& phases = datapath.phases();
  for (std::size_t k = 1; k < phases.size(); ++k) {
    const Phase& phase = phases[k];
    const unsigned made = phase.values.back().bits;
    if (phase.multiplies) {
      multiplier.multiply(bits_of(phases[k - 1]), bits_of(phase) - made, made);
      continue;
    }
    // Montgomery's sums are n bits longer: their low n bits are 0 and go.
    const unsigned bits = d.form == Form::montgomery ? made + d.n : made;
    bill.adder(Part::tree, bits);
    bill.path("tree: adder of " + std::to_string(bits) + " bits", bill.adder_ns(bits));
    if (k + 1 < phases.size()) bill.hold(Part::tree, made);
  }
  StepChain sum(bill, Part::tree, Part::post, datapath.sum_bits(), 0);
  sum.steps(datapath.post(), datapath.post_schedule(), Part::post);
  sum.finish(false);
  bill.stage_control(static_cast<unsigned>(datapath.stages().size()));
}

}  // namespace allmod
