// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/rtl/restoring.h"

#include <algorithm>

#include "models/allmod/rtl/verilog.h"

namespace allmod {

using namespace verilog;  // NOLINT: this file writes nothing else

namespace {

// The choice by the sign of the difference, and the bits below the step, which pass by.
std::string choice(const Step& step, const std::string& from, unsigned bits, const std::string& borrow,
                   const std::string& difference) {
  const unsigned kept = step.register_bits - step.j;
  std::string result = borrow + " ? " + slice(from, bits, step.j, kept) + " : " + difference;
  if (step.j == 0) return result;
  return "{" + result + ", " + slice(from, bits, 0, step.j) + "}";
}

}  // namespace

std::string restoring_step(const Step& step, unsigned n, const std::string& name, const std::string& from,
                           unsigned bits, std::string& text, std::vector<std::string>& unused) {
  const unsigned width = step.subtractor_bits, kept = step.register_bits - step.j;
  const std::string window = slice(from, bits, step.j, bits - step.j), difference = name + "_difference";
  text += "  // j = " + std::to_string(step.j) + "\n";
  text += wire(difference, width + 1,
               extend(window, bits - step.j, width + 1) + " - " + extend("MODULUS", n, width + 1));
  if (width > kept) unused.push_back(slice(difference, width + 1, kept, width - kept));
  return choice(step, from, bits, slice(difference, width + 1, width, 1),
                slice(difference, width + 1, 0, kept));
}

void RestoringChain::run(unsigned index, unsigned stage, const std::string& name) {
  const StepCycle& cycle = schedule_[index];
  if (cycle.parts > 1)
    part(cycle, stage, name);
  else
    whole(cycle, stage, name);
}

void RestoringChain::whole(const StepCycle& cycle, unsigned stage, const std::string& name) {
  std::string text, from = pipe_.at(value_, stage - 1);
  std::vector<std::string> unused;
  unsigned bits = pipe_.bits(value_);
  for (unsigned s = cycle.first; s < cycle.first + cycle.count; ++s) {
    const bool last = s + 1 == cycle.first + cycle.count;
    const std::string step_name = cycle.count == 1 ? name : name + "_step" + std::to_string(s - cycle.first);
    const std::string result =
        restoring_step(steps_[s], datapath_.design().n, step_name, from, bits, text, unused);
    bits = steps_[s].register_bits;
    if (last) {
      pipe_.before(stage, text);
      value_ = pipe_.value(stage, name, bits, result);
    } else {
      text += wire(step_name, bits, result);
      from = step_name;
    }
  }
  for (const std::string& u : unused) pipe_.unused(u);
}

// Segment `part` of the difference; in the last cycle its sign decides.
void RestoringChain::part(const StepCycle& cycle, unsigned stage, const std::string& name) {
  const Step& step = steps_[cycle.first];
  const unsigned n = datapath_.design().n, segment = datapath_.design().segment;
  const unsigned low = cycle.part * segment;
  const bool last = cycle.part + 1 == cycle.parts;
  const unsigned width = last ? step.subtractor_bits - low : segment;
  const unsigned bits = pipe_.bits(value_), above = bits - step.j;
  const std::string from = pipe_.at(value_, stage - 1);

  const auto piece = [&](const std::string& of, unsigned of_bits, unsigned first, unsigned present) {
    const unsigned there = present > low ? std::min(width, present - low) : 0;
    if (there == 0) return zeros(width + 1);
    return extend(slice(of, of_bits, first + low, there), there, width + 1);
  };
  std::string expression = piece(from, bits, step.j, above) + " - " + piece("MODULUS", n, 0, n);
  if (cycle.part > 0) expression += " - " + extend(pipe_.at(borrow_, stage - 1), 1, width + 1);
  const std::string difference = name + "_difference";
  pipe_.before(stage, "  // j = " + std::to_string(step.j) + ", segment " + std::to_string(cycle.part + 1) +
                          " of " + std::to_string(cycle.parts) + "\n" +
                          wire(difference, width + 1, expression));
  if (!last) {
    differences_.push_back(pipe_.value(stage, name + "_low", width, slice(difference, width + 1, 0, width)));
    borrow_ = pipe_.value(stage, name + "_borrow", 1, slice(difference, width + 1, width, 1));
    return;
  }
  const unsigned kept = step.register_bits - step.j;
  std::vector<std::string> parts;
  if (kept > low) parts.push_back(slice(difference, width + 1, 0, kept - low));
  if (low + width > std::max(kept, low)) {
    const unsigned first = kept > low ? kept - low : 0;
    pipe_.unused(slice(difference, width + 1, first, width - first));
  }
  for (std::size_t i = differences_.size(); i-- > 0;) {
    const unsigned start = static_cast<unsigned>(i) * segment;
    const unsigned used = kept > start ? std::min(segment, kept - start) : 0;
    if (used > 0) parts.push_back(slice(pipe_.at(differences_[i], stage - 1), segment, 0, used));
  }
  differences_.clear();
  value_ = pipe_.value(stage, name, step.register_bits,
                       choice(step, from, bits, slice(difference, width + 1, width, 1), concat(parts)));
}

}  // namespace allmod
