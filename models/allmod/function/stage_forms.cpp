// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Stages of the serial, iterative and multiplying forms, and the bounds of their registers.
#include <algorithm>

#include "models/allmod/function/bounds.h"
#include "models/allmod/function/evaluate.h"
#include "models/allmod/function/limbs.h"
#include "models/allmod/function/stage_steps.h"

namespace allmod {

void StageSteps::all_entries(const Limb* x) {
  for (const Group& group : datapath_.groups())
    mpn_add(sum_.data(), sum_.data(), mp_size(sum_.size()), tables_->entry(group.index, address(x, group)),
            mp_size(datapath_.n_limbs()));
}

void StageSteps::restore_all(const std::vector<Step>& steps) {
  for (const Step& step : steps) restore(value_.data(), step.j);
}

void StageSteps::copy_stage(unsigned from, unsigned to, const Limb* in, Limb* out) {
  const std::size_t count = datapath_.first_register(from + 1) - datapath_.first_register(from);
  for (std::size_t i = 0; i < count; ++i) {
    const RegisterView& source = view(from, i);
    store(view(to, i), in + source.offset, source.limbs(), out);
  }
}

void StageSteps::run_serial(unsigned stage, const Limb* in, Limb* out, Counters& counters) {
  const std::string& name = datapath_.stages()[stage].name;
  if (name == "look_up") {
    store(view(stage, 0), in, datapath_.x_limbs(), out);
    for (unsigned i = 0; i < datapath_.design().t; ++i) {
      const Group& group = datapath_.groups()[i];
      store(view(stage, 1 + i), tables_->entry(group.index, address(in, group)), datapath_.n_limbs(), out);
    }
  } else if (name == "accumulate") {
    low_part(in);
    std::copy(value_.begin(), value_.end(), sum_.begin());
    all_entries(in);
    store(view(stage, 0), sum_.data(), sum_.size(), out);
    if (three_moduli(sum_.data(), sum_.size())) ++counters.extra_adjustments;
  } else if (name == "correct") {
    const std::size_t limbs = view(stage - 1, 0).limbs();
    std::fill(value_.begin(), value_.end(), Limb{0});
    std::copy(in, in + limbs, value_.begin());
    restore_all(datapath_.post());
    store(view(stage, 0), value_.data(), value_.size(), out);
  } else if (name == "core") {
    std::fill(sum_.begin(), sum_.end(), Limb{0});
    all_entries(in);
    store(view(stage, 0), sum_.data(), sum_.size(), out);
    low_part(in);
    restore_all(datapath_.pre());
    store(view(stage, 1), value_.data(), value_.size(), out);
    mpn_add_n(value_.data(), value_.data(), sum_.data(), mp_size(value_.size()));
    store(view(stage, 2), value_.data(), value_.size(), out);
    if (three_moduli(value_.data(), value_.size())) ++counters.extra_adjustments;
    restore_all(datapath_.post());
    store(view(stage, 3), value_.data(), value_.size(), out);
  } else {  // the result register, from the last value of the stage before
    const std::size_t last = datapath_.first_register(stage) - datapath_.first_register(stage - 1) - 1;
    const RegisterView& y = view(stage - 1, last);
    store(view(stage, 0), in + y.offset, y.limbs(), out);
  }
}

void StageSteps::run_iterative(unsigned stage, const Limb* in, Limb* out) {
  if (stage > 1) return copy_stage(stage - 1, stage, in, out);
  low_part(in);  // all of it: m = n
  restore_all(datapath_.pre());
  store(view(stage, 0), value_.data(), value_.size(), out);
}

void StageSteps::run_phase(unsigned stage, const Limb* in, Limb* out) {
  const auto phase = static_cast<std::size_t>(datapath_.stages()[stage].phase);
  if (datapath_.stages()[stage - 1].phase == datapath_.stages()[stage].phase)
    return copy_stage(stage - 1, stage, in, out);
  products_.run(phase, *tables_, in, out);
  if (!checks_) return;
  for (std::size_t i = 0; i < datapath_.phases()[phase].values.size(); ++i) {
    const RegisterView& target = view(stage, i);
    check(target, out + target.offset, target.limbs());
  }
}

mpz_class StageSteps::form_bound(unsigned stage, std::size_t index) const {
  const Design& d = datapath_.design();
  const Stage& what = datapath_.stages()[stage];
  const mpz_class& m = tables_->modulus().value();
  const mpz_class widest = (mpz_class(1) << view(stage, index).bits) - 1;
  if (what.post >= 0)
    return step_bound(datapath_.post(), datapath_.post_schedule(), what.post, mpz_class(3 * m - 1));
  if (what.phase >= 0) {
    const bool reduced = what.phase + 1 == static_cast<int>(datapath_.phases().size());
    if (reduced) return 3 * m - 1;
    const bool converted = what.name == "add";
    return converted ? mpz_class((mpz_class(1) << d.n) + m - 1) : widest;
  }
  if (what.name == "look_up")
    return index == 0 ? widest : tables_->largest_entry(static_cast<unsigned>(index - 1));
  if (what.name == "accumulate") return tables_->sum_bound();
  if (what.name == "core" && d.form == Form::serial) {
    if (index == 0) return tables_->sum_bound() - tables_->residue_bound();
    if (index == 1) return tables_->residue_bound();
    if (index == 2) return tables_->sum_bound();
  }
  return m - 1;
}

}  // namespace allmod
