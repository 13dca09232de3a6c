// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Stages that work on one operand for several cycles: their control, and a row of conditional subtractions
// over a register that shifts.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/allmod/rtl/verilog.h"

namespace allmod {

// Text of a stage that works `cycles` cycles on an operand, called <name>. It starts on the operand of stage
// `from` in the cycle in which that moves in (<name>_start), counts the cycles of work done in <name>_step
// (1 after that cycle) and is done when it reads `cycles`. The words: <name>_source.
class SlowStageText {
 public:
  SlowStageText(bool elastic, std::string name, unsigned cycles, std::string from, std::string to)
      : elastic_(elastic),
        name_(std::move(name)),
        from_(std::move(from)),
        to_(std::move(to)),
        cycles_(cycles) {}

  // Where operands come from and when the stage starts; `bits` of the operand, `data` its name before.
  std::string control(unsigned bits, const std::string& data) const;

  std::string start() const { return name_ + "_start"; }
  std::string source() const { return name_ + "_source"; }
  std::string busy() const { return name_ + "_busy"; }
  std::string waits() const { return name_ + "_waits"; }  // elastic: the source is the waiting operand
  // The count is `value`, is below it, is above it; only while busy.
  std::string step_is(unsigned value) const { return compare("==", value); }
  std::string step_below(unsigned value) const { return compare("<", value); }
  std::string step_above(unsigned value) const { return compare(">", value); }
  unsigned step_bits() const;
  std::string step() const { return name_ + "_step"; }
  // In front of what an always block does: a lane with one clock enable has it everywhere.
  std::string enabled() const { return elastic_ ? "" : "if (enable) "; }

 private:
  std::string compare(const char* how, unsigned value) const;

  bool elastic_;
  std::string name_, from_, to_;
  unsigned cycles_;
};

// The operand register of a lane with slow stages, `x` of `bits` bits behind it (valid_0, ready_0).
std::string slow_entry(bool elastic, unsigned bits);
// A stage of one cycle behind them, with its valid and ready.
std::string register_stage(bool elastic, const std::string& name, unsigned bits, const std::string& from,
                           const std::string& to, const std::string& in, const std::string& out);
// The last stage's handshake; `slow` is the last slow one.
std::string slow_exit(bool elastic, const std::string& last, const std::string& slow);
// Bits that are computed and not used, for the linter.
std::string unused_text(const std::vector<std::string>& names);

// u conditional subtractions of M in a row, restoring division: {value, next bit of low} - M, u times.
struct RowText {
  std::string name;         // of the row: <name>_0 .. <name>_<u>
  unsigned n, u, low_bits;  // low_bits >= u: of the register, from whose top the bits are taken

  // `value`: n bits below M; `low`: the name of low_bits bits. The result is <name>_<u>, n bits.
  std::string text(const std::string& value, const std::string& low) const;
  std::string result() const { return name + "_" + std::to_string(u); }
  // The low part after that: what is left of it, zeros behind.
  std::string shifted(const std::string& low) const;
  void unused(std::vector<std::string>& names) const;  // of the differences
};

// How the value of a restoring unit is laid out: `steps` steps in whole cycles of `u`, the last of them at
// bit `leftover`. The `taken` = u * cycles + leftover lowest bits are the low part, what is above starts in
// the value's register; it is always below M.
struct UnitLayout {
  UnitLayout(unsigned bits, unsigned steps, unsigned u, unsigned leftover);
  unsigned cycles, low, high;  // bits of the low part, and above it (0: none)
  // The parts of `name`, which has `bits` bits; the low one with zeros in front where it is longer.
  std::string high_part(const std::string& name, unsigned n) const;
  std::string low_part(const std::string& name) const;
  unsigned bits;
};

unsigned counter_bits(unsigned largest);

}  // namespace allmod
