// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "models/allmod/function/design.h"
#include "models/allmod/function/rom.h"

namespace allmod {

// LUT sites, halves of a RAMB36, and both as LUTs.
struct Memory {
  double luts = 0, halves = 0, scalar = 0;
  Memory& add(const Memory& other, double times = 1) {
    luts += times * other.luts, halves += times * other.halves, scalar += times * other.scalar;
    return *this;
  }
};

// Figure by figure.
Memory least_of(const Memory& a, const Memory& b);
Memory memory_of(const RomCost& cost, const Device& device);

// What form serial's deep memories take at the least: words of n bits, several look-up tables of 2^w words
// one behind the other. With RomStyle::automatic a memory goes to LUTs and to block RAM by turns as it gets
// deeper, so that the least over a range of depths is looked up, not computed. Every figure by itself is the
// least one.
class DeepMemories {
 public:
  DeepMemories(unsigned n, RomStyle style, const Device& device) : n_(n), style_(style), device_(device) {}

  // Of a memory of low to high tables, 1 <= low <= high <= ceil(n / w).
  Memory whole(unsigned w, unsigned low, unsigned high) const { return of(w).whole.least(low, high); }
  // Likewise; the last table has any number of words from 2 to 2^w.
  Memory with_last(unsigned w, unsigned low, unsigned high) const { return of(w).with_last.least(low, high); }

 private:
  // The least of any range of a row of numbers: rows_[j][i] is that of the 2^j ones from i on.
  class Ranges {
   public:
    void push_back(const Memory& memory) { rows_[0].push_back(memory); }
    void finish();
    Memory least(unsigned low, unsigned high) const;

   private:
    std::vector<std::vector<Memory>> rows_ = {{}};
  };
  struct Tables {
    Ranges whole, with_last;  // by the number of tables; 0 is there, too
  };
  const Tables& of(unsigned w) const;

  unsigned n_;
  RomStyle style_;
  Device device_;
  mutable std::array<std::optional<Tables>, kMaxGroupBits + 1> tables_;  // as they are needed
};

}  // namespace allmod
