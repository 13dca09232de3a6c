// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Where each stage's registers lie in a token. Offsets are whole limbs and start at 0 in every stage: a token
// holds the registers of one stage only.
#include <algorithm>
#include <mutex>

#include "models/allmod/function/bounds.h"
#include "models/allmod/function/datapath.h"

namespace allmod {

// Made once, by the first who asks.
struct Datapath::Lazy {
  std::once_flag once;
  Views views;
};

void Datapath::measure_token() {
  views_ = std::make_shared<Lazy>();
  for (unsigned stage = 0; stage < stages_.size(); ++stage) {
    std::size_t limbs = 0;
    for (const Slot& slot : slots(stage)) limbs += limbs_for(slot.bits);
    token_limbs_ = std::max(token_limbs_, limbs);
  }
}

const Datapath::Views& Datapath::views() const {
  std::call_once(views_->once, [this] {
    Views& views = views_->views;
    for (unsigned stage = 0; stage < stages_.size(); ++stage) {
      views.first.push_back(views.registers.size());
      std::size_t offset = 0;
      for (const Slot& slot : slots(stage)) {
        std::string name = stages_[stage].name + "." + slot.letter;
        if (slot.number != Slot::kAlone) name += std::to_string(slot.number);
        views.registers.push_back({std::move(name), slot.bits, stage, offset});
        offset += views.registers.back().limbs();
      }
    }
    views.first.push_back(views.registers.size());
  });
  return views_->views;
}

// The value of a restoring chain after cycle `index` of its schedule (after its end: as the last step left
// it), and between the parts of a segmented subtraction its finished low bits with the borrow above them.
void Datapath::step_slots(const std::vector<Step>& steps, const std::vector<StepCycle>& schedule,
                          unsigned index, unsigned bits_before, const char* name, Slots& out) const {
  unsigned done = static_cast<unsigned>(steps.size());
  const StepCycle* cut = nullptr;
  if (index < schedule.size()) {
    const StepCycle& cycle = schedule[index];
    const bool whole = cycle.part + 1 == cycle.parts;
    done = cycle.first + (whole ? cycle.count : 0);
    if (!whole) cut = &cycle;
  }
  out.push_back({name, Slot::kAlone, done == 0 ? bits_before : steps[done - 1].register_bits});
  if (cut != nullptr) out.push_back({"difference", Slot::kAlone, (cut->part + 1) * design_.segment + 1});
}

void Datapath::front_slots(unsigned stage, Slots& out) const {
  if (stages_[stage].level >= 0) {
    const auto level = static_cast<std::size_t>(stages_[stage].level);
    const char* letter = level == 0 ? "t" : "n";
    unsigned i = 0;
    for (const Node& node : tree_[level])
      if (!node.is_residue) out.push_back({letter, i++, node.bits});
  }
  step_slots(pre_, pre_schedule_, stage - 1, design_.n + design_.m, "r", out);
}

// A core's registers are those that hold a value at its end: sum of the tables, the low part as it joined,
// the sum of both (the latter two in the one register that the conditional subtractions work on) and the
// result.
void Datapath::serial_slots(unsigned stage, Slots& out) const {
  const auto groups = static_cast<unsigned>(groups_.size());
  const std::string& name = stages_[stage].name;
  if (name == "look_up") {
    out.push_back({"x", Slot::kAlone, 2 * design_.n});
    for (unsigned i = 0; i < design_.t; ++i) out.push_back({"t", i, design_.n});
  } else if (name == "accumulate") {
    out.push_back({"s", Slot::kAlone, sum_bits_});
  } else if (name == "core" && design_.form == Form::serial) {
    out.push_back({"acc", Slot::kAlone, bounds::bit_length(bounds::any_sum(design_, groups, false))});
    out.push_back({"r", Slot::kAlone, residue_bits()});
    out.push_back({"s", Slot::kAlone, sum_bits_});
    out.push_back({"y", Slot::kAlone, design_.n});
  } else {
    out.push_back({"y", Slot::kAlone, design_.n});
  }
}

Datapath::Slots Datapath::slots(unsigned s) const {
  Slots out;
  const auto add = [&out](const char* name, unsigned bits) { out.push_back({name, Slot::kAlone, bits}); };
  const Stage& stage = stages_[s];
  if (s == 0) {
    add("x", 2 * design_.n);
  } else if (is_template(design_.form)) {
    const auto groups = static_cast<unsigned>(groups_.size());
    if (s == 1) add("acc", std::max(1u, bounds::bit_length(bounds::any_sum(design_, groups, false))));
    if (s == 2) add("low", design_.n);
    if (s == 2) add("t", design_.n);
    if (s <= 2) add("r", residue_bits());
    if (s == 3) add("x", sum_bits_);
    if (s == 4) add("y", design_.n);
  } else if (design_.form == Form::serial || design_.form == Form::iterative) {
    serial_slots(s, out);
  } else if (stage.phase >= 0) {
    for (const Phase::Value& value : phases_[static_cast<std::size_t>(stage.phase)].values)
      add(value.name, value.bits);
  } else if (stage.post >= 0) {
    step_slots(post_, post_schedule_, static_cast<unsigned>(stage.post), sum_bits_, "s", out);
  } else if (s <= std::max<std::size_t>(1 + design_.e, pre_schedule_.size())) {
    front_slots(s, out);
  } else if (stage.level >= 0) {
    const std::vector<Node>& nodes = tree_[static_cast<std::size_t>(stage.level)];
    for (unsigned i = 0; i < nodes.size(); ++i) out.push_back({"n", i, nodes[i].bits});
  } else {
    add("s", sum_bits_);
  }
  return out;
}

}  // namespace allmod
