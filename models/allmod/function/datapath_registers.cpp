// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Where each stage's registers lie in a token. Offsets are whole limbs and start at 0 in every stage: a token
// holds the registers of one stage only.
#include <algorithm>

#include "models/allmod/function/bounds.h"
#include "models/allmod/function/datapath.h"

namespace allmod {

void Datapath::add_register(const std::string& name, unsigned bits, std::size_t& offset) {
  const unsigned stage = static_cast<unsigned>(first_register_.size()) - 1;
  registers_.push_back({stages_[stage].name + "." + name, bits, stage, offset});
  offset += registers_.back().limbs();
  token_limbs_ = std::max(token_limbs_, offset);
}

// The value of a restoring chain after cycle `index` of its schedule (after its end: as the last step left
// it), and between the parts of a segmented subtraction its finished low bits with the borrow above them.
void Datapath::add_step_registers(const std::vector<Step>& steps, const std::vector<StepCycle>& schedule,
                                  unsigned index, unsigned bits_before, const char* name,
                                  std::size_t& offset) {
  unsigned done = static_cast<unsigned>(steps.size());
  const StepCycle* cut = nullptr;
  if (index < schedule.size()) {
    const StepCycle& cycle = schedule[index];
    const bool whole = cycle.part + 1 == cycle.parts;
    done = cycle.first + (whole ? cycle.count : 0);
    if (!whole) cut = &cycle;
  }
  add_register(name, done == 0 ? bits_before : steps[done - 1].register_bits, offset);
  if (cut != nullptr) add_register("difference", (cut->part + 1) * design_.segment + 1, offset);
}

void Datapath::make_front_registers(unsigned stage, std::size_t& offset) {
  if (stages_[stage].level >= 0) {
    const auto level = static_cast<std::size_t>(stages_[stage].level);
    const char* letter = level == 0 ? "t" : "n";
    unsigned i = 0;
    for (const Node& node : tree_[level])
      if (!node.is_residue) add_register(letter + std::to_string(i++), node.bits, offset);
  }
  add_step_registers(pre_, pre_schedule_, stage - 1, design_.n + design_.m, "r", offset);
}

void Datapath::make_registers() {
  const auto front = static_cast<unsigned>(std::max<std::size_t>(1 + design_.e, pre_schedule_.size()));
  const auto groups = static_cast<unsigned>(groups_.size());
  for (unsigned s = 0; s < stages_.size(); ++s) {
    first_register_.push_back(registers_.size());
    std::size_t offset = 0;
    if (s == 0) {
      add_register("x", 2 * design_.n, offset);
    } else if (design_.form != Form::pipelined) {
      if (s == 1)
        add_register("acc", std::max(1u, bounds::bit_length(bounds::any_sum(design_, groups, false))),
                     offset);
      if (s == 2) add_register("low", design_.n, offset);
      if (s == 2) add_register("t", design_.n, offset);
      if (s <= 2) add_register("r", residue_bits(), offset);
      if (s == 3) add_register("x", sum_bits_, offset);
      if (s == 4) add_register("y", design_.n, offset);
    } else if (s <= front) {
      make_front_registers(s, offset);
    } else if (stages_[s].level >= 0) {
      const std::vector<Node>& nodes = tree_[static_cast<std::size_t>(stages_[s].level)];
      for (unsigned i = 0; i < nodes.size(); ++i)
        add_register("n" + std::to_string(i), nodes[i].bits, offset);
    } else if (stages_[s].post >= 0) {
      add_step_registers(post_, post_schedule_, static_cast<unsigned>(stages_[s].post), sum_bits_, "s",
                         offset);
    } else {
      add_register("s", sum_bits_, offset);
    }
  }
  first_register_.push_back(registers_.size());
}

}  // namespace allmod
