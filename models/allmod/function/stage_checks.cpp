// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Bounds B1..B4 of every register for one modulus, and the comparison with them.
#include <algorithm>

#include "models/allmod/function/bounds.h"
#include "models/allmod/function/stage_steps.h"
#include "sim/core/error.h"

namespace allmod {

void StageSteps::check(const RegisterView& target, const Limb* value, std::size_t limbs) const {
  const std::vector<Limb>& limit = bounds_[static_cast<std::size_t>(&target - datapath_.registers().data())];
  for (std::size_t i = std::max(limbs, limit.size()); i-- > 0;) {
    const Limb a = i < limbs ? value[i] : 0, b = i < limit.size() ? limit[i] : 0;
    if (a < b) return;
    if (a > b)
      throw sim::Error(sim::Exit::internal, "register " + target.name + " (" + std::to_string(target.bits) +
                                                " bits) holds " + to_mpz(value, limbs).get_str(16) +
                                                ", above its bound " +
                                                to_mpz(limit.data(), limit.size()).get_str(16) +
                                                " (hexadecimal) for modulus " + tables_->modulus().hex() +
                                                "; the operand or a table is corrupt, or the model is wrong");
  }
}

// Never above what the register's width can hold, so one comparison checks both.
void StageSteps::make_bounds() {
  bounds_.clear();
  for (unsigned stage = 0; stage < datapath_.stages().size(); ++stage) {
    const std::size_t count = datapath_.first_register(stage + 1) - datapath_.first_register(stage);
    for (std::size_t i = 0; i < count; ++i) {
      const RegisterView& target = view(stage, i);
      const mpz_class widest = (mpz_class(1) << target.bits) - 1;
      const mpz_class tight = bound(stage, i);
      bounds_.emplace_back(target.limbs());
      to_limbs(tight < widest ? tight : widest, bounds_.back().data(), target.limbs());
    }
  }
}

mpz_class StageSteps::step_bound(const std::vector<Step>& steps, const std::vector<StepCycle>& schedule,
                                 int index, const mpz_class& before) const {
  unsigned done = index < 0 || static_cast<std::size_t>(index) >= schedule.size()
                      ? static_cast<unsigned>(steps.size())
                      : 0;
  if (index >= 0 && static_cast<std::size_t>(index) < schedule.size()) {
    const StepCycle& cycle = schedule[static_cast<std::size_t>(index)];
    done = cycle.first + (cycle.part + 1 == cycle.parts ? cycle.count : 0);
  }
  if (done == 0) return before;
  const mpz_class reduced = (tables_->modulus().value() << steps[done - 1].j) - 1;  // B2
  return reduced < before ? reduced : before;
}

mpz_class StageSteps::bound(unsigned stage, std::size_t index) const {
  const Design& d = datapath_.design();
  const Stage& what = datapath_.stages()[stage];
  const RegisterView& target = view(stage, index);
  const mpz_class& m = tables_->modulus().value();
  const mpz_class widest = (mpz_class(1) << target.bits) - 1;
  const mpz_class low = (mpz_class(1) << (d.n + d.m)) - 1;
  if (stage == 0) return widest;
  if (d.form == Form::serial || d.form == Form::iterative || has_multiplier(d.form))
    return form_bound(stage, index);
  if (is_template(d.form)) {
    const bool is_r = (stage == 1 && index == 1) || (stage == 2 && index == 2);
    if (is_r) return step_bound(datapath_.pre(), {}, -1, low);
    if (stage == 1) return tables_->sum_bound() - tables_->residue_bound();
    if (stage == 2) return index == 0 ? widest : mpz_class(m - 1);
    if (stage == 3) return bounds::template_sum(d, m);
    return d.form == Form::template_ ? mpz_class(m - 1) : widest;
  }
  if (what.post >= 0)
    return index == 0
               ? step_bound(datapath_.post(), datapath_.post_schedule(), what.post, tables_->sum_bound())
               : widest;
  const bool front = stage <= std::max(1 + d.e, datapath_.pre_cycles());
  std::size_t nodes = 0;
  if (what.level >= 0) {  // B3
    const std::vector<Node>& level = datapath_.tree()[static_cast<std::size_t>(what.level)];
    nodes = level.size() - (front && level.back().is_residue ? 1 : 0);
    if (index < nodes) {
      if (d.eager) return m - 1;
      mpz_class sum = level[index].has_residue ? tables_->residue_bound() : mpz_class(0);
      for (unsigned k = 0; k < level[index].leaves; ++k)
        sum += tables_->largest_entry(level[index].first_group + k);
      return sum;
    }
  }
  if (front)
    return index == nodes ? step_bound(datapath_.pre(), datapath_.pre_schedule(), what.pre, low) : widest;
  return tables_->sum_bound();  // skew
}

}  // namespace allmod
