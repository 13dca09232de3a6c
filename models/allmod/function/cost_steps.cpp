// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/cost_steps.h"

#include <algorithm>
#include <string>

namespace allmod {

void StepChain::steps(const std::vector<Step>& steps, const std::vector<StepCycle>& schedule, Part part) {
  for (const StepCycle& cycle : schedule) {
    if (cycle.parts > 1) {
      if (cycle.part == 0) cut_step(steps[cycle.first], cycle.parts, part);
      continue;
    }
    const Step& last = steps[cycle.first + cycle.count - 1];
    double ns = 0;
    for (unsigned i = cycle.first; i < cycle.first + cycle.count; ++i) {
      bill_.conditional_subtraction(part, steps[i].subtractor_bits);
      // Where M has a 0, the carry chain's LUT is the choice itself.
      if (i == cycle.first) bill_.choice_in_carry(steps[i].subtractor_bits / 2);
      ns += bill_.subtraction_ns(steps[i].subtractor_bits);
    }
    bill_.path(std::string(part_word(part)) + ": " +
                   (cycle.count > 1 ? std::to_string(cycle.count) + " conditional subtractions of "
                                    : "conditional subtraction of ") +
                   std::to_string(steps[cycle.first].subtractor_bits) + " bits",
               ns);
    touch(last.j);
    computed(last, part, 1);
  }
}

void StepChain::finish(bool skewed) {
  for (unsigned low = 0, k = 0; low < bits_; ++k) {
    const unsigned high = skewed ? std::min(bits_, low + segment_) : bits_;
    const unsigned later = skewed ? k : 0;
    const unsigned raw = std::min(raw_, high) - std::min(raw_, low);
    bill_.hold(raw_part_, waiting_, raw, raw_run_ + later);
    bill_.hold(part_, waiting_, high - low - raw, run_ + later);
    low = high;
  }
}

// A step that takes the bits from j up, in this cycle.
void StepChain::touch(unsigned j) {
  bill_.hold(part_, part_, bits_ - raw_, run_);
  if (raw_ > j) bill_.hold(raw_part_, part_, raw_ - j, raw_run_);
}

void StepChain::computed(const Step& step, Part part, unsigned cycles) {
  raw_ = std::min(raw_, step.j);
  raw_run_ += cycles;
  bits_ = step.register_bits;
  run_ = 1;
  part_ = part;
}

// Segment k of the value is read in cycle k and again with the choice in the last one, its difference
// waits for the choice.
void StepChain::cut_step(const Step& step, unsigned parts, Part part) {
  const unsigned above = bits_ > step.j ? bits_ - step.j : 0;  // the value's bits that the step sees
  const unsigned fresh = raw_ > step.j ? raw_ - step.j : 0;    // those of them that no step has seen yet
  for (unsigned k = 0; k < parts; ++k) {
    const unsigned low = std::min(above, k * segment_);
    const unsigned bits = std::min(above, (k + 1) * segment_) - low;
    const unsigned raw = std::min(fresh, low + bits) - std::min(fresh, low);
    bill_.hold(raw_part_, part, raw, raw_run_ + k);
    bill_.hold(part_, part, bits - raw, run_ + k);
    bill_.hold(part, bits, parts - 1 - k);
    if (k + 1 == parts) break;
    bill_.hold(part, segment_, parts - 1 - k);  // of the difference
    bill_.hold(part, 1);                        // its borrow
  }
  bill_.conditional_subtraction(part, step.subtractor_bits);
  bill_.path(std::string(part_word(part)) + ": segment of " + std::to_string(segment_) + " bits",
             bill_.adder_ns(segment_));
  const unsigned top = step.subtractor_bits - (parts - 1) * segment_;
  bill_.path(
      std::string(part_word(part)) + ": last segment of " + std::to_string(top) + " bits and the choice",
      bill_.subtraction_ns(top));
  computed(step, part, parts);
}

unsigned StepUnit::cycles(const std::vector<Step>& steps) const {
  return static_cast<unsigned>((steps.size() + widths_.size() - 1) / widths_.size());
}

void StepUnit::serve(const std::vector<Step>& steps) {
  const std::size_t spare = cycles(steps) * widths_.size() - steps.size();
  for (std::size_t i = 0; i < steps.size(); ++i) {
    unsigned& width = widths_[(spare + i) % widths_.size()];
    width = std::max(width, steps[i].subtractor_bits);
  }
}

unsigned StepUnit::first_bits(const std::vector<Step>& steps) const {
  const std::size_t spare = cycles(steps) * widths_.size() - steps.size();
  return steps[widths_.size() - spare - 1].register_bits;
}

void StepUnit::bill(Bill& bill, Part part) const {
  unsigned used = 0, widest = 0;
  double ns = 0;
  for (const unsigned width : widths_) {
    if (width == 0) continue;
    bill.conditional_subtraction(part, width);
    ns += bill.subtraction_ns(width);
    widest = std::max(widest, width);
    ++used;
  }
  bill.path(std::string(part_word(part)) + ": " +
                (used > 1 ? std::to_string(used) + " conditional subtractions of "
                          : std::string("conditional subtraction of ")) +
                std::to_string(widest) + " bits",
            ns);
}

}  // namespace allmod
