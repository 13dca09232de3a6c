// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Restoring steps as a pipeline has them (StepChain) and as a reused unit has them (StepUnit).
#pragma once

#include <vector>

#include "models/allmod/function/cost.h"

namespace allmod {

// A value on its way through restoring steps. A step works on the bits from j up; the bits below that no
// step has reached yet are only delayed, and several cycles of that are a shift register.
class StepChain {
 public:
  // The value lies in one register, paid for by `origin`, which is not billed yet.
  StepChain(Bill& bill, Part origin, Part waiting, unsigned bits, unsigned segment)
      : bill_(bill),
        raw_part_(origin),
        part_(origin),
        waiting_(waiting),
        bits_(bits),
        raw_(bits),
        segment_(segment) {}

  void steps(const std::vector<Step>& steps, const std::vector<StepCycle>& schedule, Part part);
  void wait(unsigned cycles) { run_ += cycles, raw_run_ += cycles; }
  // The value goes into adders; with segments, each segment one cycle after the one below it.
  void finish(bool skewed);

 private:
  void touch(unsigned j);
  void computed(const Step& step, Part part, unsigned cycles);
  void cut_step(const Step& step, unsigned parts, Part part);

  Bill& bill_;
  Part raw_part_, part_, waiting_;
  unsigned bits_, raw_;             // bits below raw_ are as they came
  unsigned run_ = 1, raw_run_ = 1;  // registers in a row that hold the same
  unsigned segment_;
};

// `u` conditional subtractors in a row over the top of a register that shifts left by u bits a cycle. Where
// the last cycle has steps to spare, the spare ones come first: above the value they change nothing.
class StepUnit {
 public:
  explicit StepUnit(unsigned u) : widths_(u) {}

  // Steps that run on this unit, largest j first; several chains may share it.
  void serve(const std::vector<Step>& steps);
  void bill(Bill& bill, Part part) const;

  unsigned cycles(const std::vector<Step>& steps) const;
  // Bits of a value in its register after the first cycle: what the unit's register must hold.
  unsigned first_bits(const std::vector<Step>& steps) const;

 private:
  std::vector<unsigned> widths_;  // by position in the row; 0 = never used
};

}  // namespace allmod
