// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

namespace allmod {

// An integer multiplier, as far as its timing goes. The operands are split `karatsuba` times into halves
// (three products each time, all side by side); what is left is multiplied digit by digit, one row of `digit`
// bits of one operand times the whole other operand a cycle (schoolbook).
struct Multiplier {
  unsigned digit = 0;      // bits of a row; 0 = the whole operand, one cycle
  unsigned karatsuba = 0;  // depth of Karatsuba splits; 0 = schoolbook
  unsigned registers = 0;  // further pipeline registers behind it, a cycle each
};

constexpr unsigned kMaxKaratsuba = 8;
constexpr unsigned kMaxMultiplierRegisters = 64;

struct MultiplierTiming {
  unsigned base_bits;  // operands of the base multipliers: one split makes ceil(bits / 2) + 1 of `bits`
  unsigned before;     // cycles of additions before the base products, one a split
  unsigned ii;     // cycles of the base products: ceil(base_bits / digit); the next operands wait for them
  unsigned after;  // cycles of recombination, one a split, and registers
  unsigned latency() const { return before + ii + after; }
};

// Timing for operands of `bits` bits.
MultiplierTiming multiplier_timing(const Multiplier& multiplier, unsigned bits);

}  // namespace allmod
