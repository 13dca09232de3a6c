// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/datapath.h"

#include <algorithm>
#include <numeric>

#include "models/allmod/function/bounds.h"
#include "sim/core/error.h"

namespace allmod {

namespace {

std::string steps_text(const std::vector<Step>& steps, const StepCycle& cycle) {
  std::string text = "restoring step j = " + std::to_string(steps[cycle.first].j);
  if (cycle.count > 1) text += ".." + std::to_string(steps[cycle.first + cycle.count - 1].j);
  if (cycle.parts > 1)
    text += ", segment " + std::to_string(cycle.part + 1) + " of " + std::to_string(cycle.parts);
  return text;
}

}  // namespace

std::vector<Step> chain(unsigned n, unsigned bits, unsigned top_j, unsigned count) {
  std::vector<Step> steps;
  for (unsigned s = 0; s < count; ++s) {
    const unsigned j = top_j - s;
    const unsigned after = std::min(bits, n + j);  // B2: the value is now below 2^j M
    steps.push_back({j, std::max(bits, n + j) - j, after});
    bits = after;
  }
  return steps;
}

std::vector<Step> pre_steps(const Design& design) {
  return chain(design.n, design.n + design.m, design.m, design.p);
}

std::vector<StepCycle> schedule_steps(const std::vector<Step>& steps, unsigned r, unsigned segment) {
  std::vector<StepCycle> cycles;
  const auto parts_of = [&](const Step& step) {
    return segment == 0 ? 1u : (step.subtractor_bits + segment - 1) / segment;
  };
  for (unsigned first = 0; first < steps.size();) {
    const unsigned parts = parts_of(steps[first]);
    unsigned count = 1;
    if (parts == 1)
      while (count < r && first + count < steps.size() && parts_of(steps[first + count]) == 1) ++count;
    for (unsigned part = 0; part < parts; ++part) cycles.push_back({first, count, part, parts});
    first += count;
  }
  return cycles;
}

Datapath::Datapath(const Design& design, std::uint64_t table_limit_bytes) : design_(design) {
  std::string broken;
  for (const Violation& v : violations(design, table_limit_bytes))
    broken += (broken.empty() ? "" : "\n") + v.message;
  if (!broken.empty()) throw sim::Error(sim::Exit::usage, broken);

  n_limbs_ = limbs_for(design_.n);
  x_limbs_ = limbs_for(2 * design_.n);
  make_groups();
  switch (design_.form) {
    case Form::pipelined:
      make_pipelined();
      break;
    case Form::template_:
    case Form::template_literal:
      make_template();
      break;
    case Form::serial:
      make_serial();
      break;
    case Form::iterative:
      make_iterative();
      break;
    case Form::barrett:
    case Form::montgomery:
      make_products();
      break;
  }
  measure_token();
}

void Datapath::make_groups() {
  const unsigned count = group_count(design_);
  for (unsigned i = 0; i < count; ++i) {
    const unsigned from = i * design_.w;
    groups_.push_back({i, std::min(design_.w, design_.n - design_.m - from), design_.n + design_.m + from});
  }
}

void Datapath::make_pipelined() {
  const unsigned groups = static_cast<unsigned>(groups_.size());
  const auto adders_text = [this](unsigned level) {
    return std::string(design_.eager ? "adders and conditional subtractions" : "adders") + " of tree level " +
           std::to_string(level);
  };
  pre_ = pre_steps(design_);
  pre_schedule_ = schedule_steps(pre_, design_.r, design_.segment);
  f_ = design_.m + 1 - design_.p;
  make_tree();

  sum_bits_ = tree_.back().front().bits;
  sum_limbs_ = limbs_for(sum_bits_);
  largest_sum_ =
      design_.eager ? mpz_class((mpz_class(1) << design_.n) - 2) : bounds::any_sum(design_, groups, true);
  j_ = design_.eager ? 0 : steps_after(design_);
  if (j_ > 0) post_ = chain(design_.n, sum_bits_, j_ - 1, j_);
  post_schedule_ = schedule_steps(post_, design_.r, design_.segment);
  if (design_.segment > 0 && l_ > 0) skew_ = (sum_bits_ + design_.segment - 1) / design_.segment - 1;

  stages_.push_back({"in", 1, "operand register"});
  const unsigned front = std::max(1 + design_.e, pre_cycles());
  for (unsigned s = 1; s <= front; ++s) {
    Stage stage;
    const unsigned level = std::min(s - 1, design_.e);
    if (groups > 0) {
      stage.level = static_cast<int>(level);
      if (s == 1)
        stage.what = std::to_string(groups) + " table look-ups";
      else if (level == s - 1)
        stage.what = adders_text(level);
      else
        stage.what = "sums wait";
    }
    stage.name = groups > 0 && s == 1           ? "look_up"
                 : groups > 0 && level == s - 1 ? "tree" + std::to_string(level)
                                                : "pre" + std::to_string(s);
    if (!stage.what.empty()) stage.what += "; ";
    if (s <= pre_cycles()) {
      stage.pre = static_cast<int>(s - 1);
      stage.what += steps_text(pre_, pre_schedule_[s - 1]);
    } else {
      stage.what += "low part waits";
    }
    stages_.push_back(stage);
  }
  for (unsigned l = design_.e + 1; l <= l_; ++l) {
    Stage stage{"tree" + std::to_string(l), 1, adders_text(l)};
    if (l == design_.e + 1) stage.what += ", the low part joins";
    stage.level = static_cast<int>(l);
    stages_.push_back(stage);
  }
  for (unsigned k = 1; k <= skew_; ++k)
    stages_.push_back({"skew" + std::to_string(k), 1, "the tree's later segments arrive"});
  for (unsigned k = 0; k < post_cycles(); ++k) {
    Stage stage{"post" + std::to_string(k + 1), 1, steps_text(post_, post_schedule_[k])};
    stage.post = static_cast<int>(k);
    stages_.push_back(stage);
  }
}

void Datapath::make_tree() {
  std::vector<Node> level;
  for (const Group& group : groups_) {
    Node leaf;
    leaf.first_group = group.index;
    leaf.leaves = 1;
    level.push_back(leaf);
  }
  for (unsigned l = 0;; ++l) {
    if (l == design_.e) {
      Node residue;
      residue.has_residue = residue.is_residue = true;
      level.push_back(residue);
    }
    for (Node& node : level)  // B3
      node.bits = design_.eager ? design_.n
                                : bounds::bit_length(bounds::any_sum(design_, node.leaves, node.has_residue));
    tree_.push_back(level);
    if (l >= design_.e && level.size() == 1) break;
    std::vector<Node> next;
    for (unsigned i = 0; i < level.size(); ++i) {
      if (i % design_.rho == 0) {
        next.emplace_back();
        next.back().first_group = level[i].first_group;
      }
      next.back().operands.push_back(i);
      next.back().leaves += level[i].leaves;
      next.back().has_residue |= level[i].has_residue;
    }
    level = std::move(next);
  }
  l_ = static_cast<unsigned>(tree_.size()) - 1;
}

void Datapath::make_template() {
  const bool literal = design_.form == Form::template_literal;
  const unsigned d = static_cast<unsigned>(groups_.size());
  const unsigned steps = literal ? design_.m : design_.m + 1;
  pre_ = chain(design_.n, design_.n + design_.m, design_.m, steps);
  f_ = design_.m + 1 - steps;
  j_ = 2;
  largest_sum_ = bounds::any_template_sum(design_);
  sum_bits_ = bounds::bit_length(largest_sum_);
  sum_limbs_ = limbs_for(std::max(sum_bits_, bounds::bit_length(bounds::any_sum(design_, d, false))));
  if (!literal) post_ = chain(design_.n, sum_bits_, j_ - 1, j_);
  const unsigned core = std::max(1 + d, steps);
  stages_ = {{"in", 1, "operand register"},
             {"core", core,
              std::to_string(d) + " look-ups and one adder over them; beside it " + std::to_string(steps) +
                  " restoring steps on one subtractor"},
             {"overflow", 1, "look-up by the accumulator's top bits"},
             {"fusion", 1, "adder of three operands"},
             {"adjustment", 1, literal ? "x, x - M or x - 2M" : "x, x - M, x - 2M or x - 3M"}};
}

unsigned Datapath::residue_bits() const {
  return pre_.empty() ? design_.n + design_.m : pre_.back().register_bits;
}

unsigned Datapath::latency() const {
  return std::accumulate(stages_.begin(), stages_.end(), 0u,
                         [](unsigned sum, const Stage& stage) { return sum + stage.cycles; });
}

unsigned Datapath::ii() const {
  unsigned longest = 0;
  for (const Stage& stage : stages_) longest = std::max(longest, stage.cycles);
  return longest;
}

std::uint64_t Datapath::reload_words() const {
  std::uint64_t words = table_bytes(design_) / sizeof(Limb) + n_limbs_ + limbs_for(reciprocal_bits());
  if (design_.form == Form::montgomery) words += n_limbs_;  // 2^(2n) mod M
  return words;
}

}  // namespace allmod
