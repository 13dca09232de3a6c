// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/stage_steps.h"

#include <algorithm>

#include "models/allmod/function/bounds.h"
#include "models/allmod/function/evaluate.h"
#include "models/allmod/function/limbs.h"
#include "sim/core/error.h"

namespace allmod {

namespace {

mp_size_t size(std::size_t limbs) { return mp_size(limbs); }

void mask(Limb* value, std::size_t limbs, std::size_t bits) { mask_bits(value, limbs, bits); }

}  // namespace

StageSteps::StageSteps(const Datapath& datapath, const Tables& tables, bool checks)
    : datapath_(datapath), tables_(&tables), checks_(checks), products_(datapath) {
  const Design& d = datapath.design();
  // Widest value under a restoring step, and room for the n_limbs + 1 limbs that a step looks at.
  const std::size_t widest =
      std::max(datapath.sum_limbs(), limbs_for(d.n + std::max(d.m, datapath.post_steps())));
  value_.resize(widest + datapath.n_limbs() + 2);
  sum_.resize(value_.size());
  work_.resize(value_.size());
  spare_.resize(datapath.token_limbs());
  three_.resize(datapath.n_limbs() + 1);
  use(tables);
}

void StageSteps::use(const Tables& tables) {
  tables_ = &tables;
  if (!tables.built()) return;
  to_limbs(tables.modulus().value() * 3, three_.data(), three_.size());
  if (checks_) make_bounds();
}

void StageSteps::load(Token& token, const Limb* x) {
  token.stage = 0;
  store(view(0, 0), x, datapath_.x_limbs(), token.registers.data());
}

void StageSteps::run(unsigned stage, Token& token, Counters& counters) {
  if (stage == 0 || stage >= datapath_.stages().size() || token.stage + 1 != stage)
    throw sim::Error(sim::Exit::internal, "stage " + std::to_string(stage) +
                                              " was asked to take a token in stage " +
                                              std::to_string(token.stage));
  const Stage& what = datapath_.stages()[stage];
  const Limb* in = token.registers.data();
  Limb* out = spare_.data();
  const RegisterView& before = view(stage - 1, 0);
  const Form form = datapath_.design().form;
  const bool literal = form == Form::template_literal;
  const bool adjusts = what.post >= 0
                           ? datapath_.post_schedule()[static_cast<std::size_t>(what.post)].first == 0 &&
                                 datapath_.post_schedule()[static_cast<std::size_t>(what.post)].part == 0
                           : what.name == "adjustment";
  if (adjusts && three_moduli(in, before.limbs())) ++counters.extra_adjustments;

  if (form == Form::serial) {
    run_serial(stage, in, out, counters);
  } else if (form == Form::iterative) {
    run_iterative(stage, in, out);
  } else if (what.phase >= 0) {
    run_phase(stage, in, out);
  } else if (is_template(form) && !(what.name == "adjustment" && !literal)) {
    run_template(stage, in, out);
  } else if (what.name == "adjustment" || what.post >= 0) {
    std::fill(value_.begin(), value_.end(), Limb{0});
    std::copy(in, in + before.limbs(), value_.begin());
    const StepCycle whole{0, static_cast<unsigned>(datapath_.post().size())};
    run_steps(datapath_.post(),
              what.post >= 0 ? datapath_.post_schedule()[static_cast<std::size_t>(what.post)] : whole, stage,
              0, out);
  } else if (stage <= std::max(1 + datapath_.design().e, datapath_.pre_cycles())) {
    run_front(stage, in, out);
  } else if (what.level >= 0) {
    run_tree(stage, in, out);
  } else {  // the tree's skew: the sum waits for its last segment
    store(view(stage, 0), in, before.limbs(), out);
  }
  std::swap(token.registers, spare_);
  token.stage = stage;
  if (stage + 1 == datapath_.stages().size()) ++counters.reductions;
}

void StageSteps::run_front(unsigned stage, const Limb* in, Limb* out) {
  const Stage& what = datapath_.stages()[stage];
  std::size_t nodes = 0;
  if (what.level >= 0) {
    const auto level = static_cast<std::size_t>(what.level);
    for (const Node& node : datapath_.tree()[level]) {
      if (node.is_residue) continue;
      const RegisterView& target = view(stage, nodes);
      if (level + 1 < stage) {
        const RegisterView& waiting = view(stage - 1, nodes);
        store(target, in + waiting.offset, waiting.limbs(), out);
      } else if (level == 0) {
        const Group& group = datapath_.groups()[nodes];
        store(target, tables_->entry(group.index, address(in, group)), datapath_.n_limbs(), out);
      } else {
        sum_node(node, stage - 1, in);
        store(target, sum_.data(), sum_.size(), out);
      }
      ++nodes;
    }
  }
  if (stage == 1) {
    low_part(in);
  } else {
    std::size_t position = 0;  // of R in the stage before: behind its nodes
    if (const int level = datapath_.stages()[stage - 1].level; level >= 0) {
      const std::vector<Node>& all = datapath_.tree()[static_cast<std::size_t>(level)];
      position = all.size() - (all.back().is_residue ? 1 : 0);
    }
    const RegisterView& r = view(stage - 1, position);
    std::fill(value_.begin(), value_.end(), Limb{0});
    std::copy(in + r.offset, in + r.offset + r.limbs(), value_.begin());
  }
  if (what.pre >= 0)
    run_steps(datapath_.pre(), datapath_.pre_schedule()[static_cast<std::size_t>(what.pre)], stage, nodes,
              out);
  else
    store(view(stage, nodes), value_.data(), value_.size(), out);
}

void StageSteps::run_tree(unsigned stage, const Limb* in, Limb* out) {
  const std::vector<Node>& nodes =
      datapath_.tree()[static_cast<std::size_t>(datapath_.stages()[stage].level)];
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    sum_node(nodes[i], stage - 1, in);
    store(view(stage, i), sum_.data(), sum_.size(), out);
  }
}

void StageSteps::sum_node(const Node& node, unsigned from_stage, const Limb* in) {
  std::fill(sum_.begin(), sum_.end(), Limb{0});
  for (const unsigned operand : node.operands) {
    const RegisterView& from = view(from_stage, operand);
    mpn_add(sum_.data(), sum_.data(), size(sum_.size()), in + from.offset, size(from.limbs()));
  }
  if (datapath_.design().eager && node.operands.size() > 1) restore(sum_.data(), 0);
}

// One cycle of a restoring chain on value_; `position` is its register in the stage.
void StageSteps::run_steps(const std::vector<Step>& steps, const StepCycle& cycle, unsigned stage,
                           std::size_t position, Limb* out) {
  if (cycle.part + 1 == cycle.parts) {
    for (unsigned s = cycle.first; s < cycle.first + cycle.count; ++s) restore(value_.data(), steps[s].j);
    store(view(stage, position), value_.data(), value_.size(), out);
    return;
  }
  store(view(stage, position), value_.data(), value_.size(), out);
  // The low bits of (value >> j) - M that are done so far, and the borrow above them.
  const RegisterView& difference = view(stage, position + 1);
  const std::size_t done = difference.bits - 1, limbs = difference.limbs();
  shift_right(sum_.data(), limbs, value_.data(), value_.size(), steps[cycle.first].j);
  mask(sum_.data(), limbs, done);
  std::fill(work_.begin(), work_.end(), Limb{0});
  std::copy(tables_->modulus().limbs().begin(), tables_->modulus().limbs().end(), work_.begin());
  mask(work_.data(), work_.size(), done);
  mpn_sub_n(sum_.data(), sum_.data(), work_.data(), size(limbs));
  mask(sum_.data(), limbs, done + 1);
  store(difference, sum_.data(), limbs, out);
}

void StageSteps::run_template(unsigned stage, const Limb* in, Limb* out) {
  const std::size_t n = datapath_.design().n;
  if (stage == 1) {
    run_core(in, out);
  } else if (stage == 2) {
    const RegisterView& acc = view(1, 0);
    const RegisterView& r = view(1, 1);
    Limb v = 0;
    shift_right(&v, 1, in, acc.limbs(), n);
    std::copy(in, in + acc.limbs(), sum_.begin());
    mask(sum_.data(), acc.limbs(), n);
    store(view(2, 0), sum_.data(), acc.limbs(), out);
    store(view(2, 1), tables_->overflow(v), datapath_.n_limbs(), out);
    store(view(2, 2), in + r.offset, r.limbs(), out);
  } else if (stage == 3) {
    std::fill(sum_.begin(), sum_.end(), Limb{0});
    for (std::size_t i = 0; i < 3; ++i) {
      const RegisterView& from = view(2, i);
      mpn_add(sum_.data(), sum_.data(), size(sum_.size()), in + from.offset, size(from.limbs()));
    }
    store(view(3, 0), sum_.data(), sum_.size(), out);
  } else {
    adjust_as_drawn(in, out);
  }
}

void StageSteps::run_core(const Limb* x, Limb* out) {
  std::fill(sum_.begin(), sum_.end(), Limb{0});
  all_entries(x);
  store(view(1, 0), sum_.data(), sum_.size(), out);
  low_part(x);
  restore_all(datapath_.pre());
  store(view(1, 1), value_.data(), value_.size(), out);
}

void StageSteps::adjust_as_drawn(const Limb* x, Limb* out) {
  const RegisterView& from = view(3, 0);
  std::fill(value_.begin(), value_.end(), Limb{0});
  std::copy(x, x + from.limbs(), value_.begin());
  const std::size_t limbs = datapath_.n_limbs() + 1;
  const Limb* twice = tables_->shifted_modulus(1);
  const Limb* once = tables_->shifted_modulus(0);
  if (mpn_cmp(value_.data(), twice, size(limbs)) >= 0)
    mpn_sub_n(value_.data(), value_.data(), twice, size(limbs));
  else if (mpn_cmp(value_.data(), once, size(limbs)) >= 0)
    mpn_sub_n(value_.data(), value_.data(), once, size(limbs));
  mask(value_.data(), value_.size(), datapath_.design().n);  // the drawing's multiplexer has n bits
  store(view(4, 0), value_.data(), value_.size(), out);
}

void StageSteps::low_part(const Limb* x) {
  const std::size_t bits = datapath_.design().n + datapath_.design().m;
  std::fill(value_.begin(), value_.end(), Limb{0});
  std::copy(x, x + limbs_for(static_cast<unsigned>(bits)), value_.begin());
  mask(value_.data(), value_.size(), bits);
}

void StageSteps::restore(Limb* value, unsigned j) {
  Limb* window = value + j / kLimbBits;
  const std::size_t limbs = datapath_.n_limbs() + 1;
  const Limb* multiple = tables_->shifted_modulus(j % kLimbBits);
  if (mpn_sub_n(work_.data(), window, multiple, size(limbs)) == 0) std::copy_n(work_.data(), limbs, window);
}

bool StageSteps::three_moduli(const Limb* value, std::size_t limbs) const {
  for (std::size_t i = std::max(limbs, three_.size()); i-- > 0;) {
    const Limb a = i < limbs ? value[i] : 0, b = i < three_.size() ? three_[i] : 0;
    if (a != b) return a > b;
  }
  return true;
}

std::uint64_t StageSteps::address(const Limb* x, const Group& group) const {
  Limb v = 0;
  shift_right(&v, 1, x, datapath_.x_limbs(), group.offset);
  return v & ((Limb{1} << group.width) - 1);
}

void StageSteps::store(const RegisterView& target, const Limb* value, std::size_t limbs, Limb* out) const {
  if (checks_) check(target, value, limbs);
  const std::size_t count = target.limbs(), given = std::min(count, limbs);
  std::copy(value, value + given, out + target.offset);
  std::fill(out + target.offset + given, out + target.offset + count, Limb{0});
}

}  // namespace allmod
