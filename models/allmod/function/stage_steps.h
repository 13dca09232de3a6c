// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The slow path of the evaluator: one stage of one token at a time, every register stored.
#pragma once

#include <cstddef>
#include <vector>

#include "models/allmod/function/datapath.h"
#include "models/allmod/function/products.h"
#include "models/allmod/function/tables.h"

namespace allmod {

struct Counters;
struct Token;

class StageSteps {
 public:
  // With `checks`, every stored register is compared with its width and its bound for this modulus.
  StageSteps(const Datapath& datapath, const Tables& tables, bool checks);
  void use(const Tables& tables);

  void load(Token& token, const Limb* x);
  void run(unsigned stage, Token& token, Counters& counters);

 private:
  void run_front(unsigned stage, const Limb* in, Limb* out);
  void run_tree(unsigned stage, const Limb* in, Limb* out);
  void run_steps(const std::vector<Step>& steps, const StepCycle& cycle, unsigned stage, std::size_t value,
                 Limb* out);
  void run_template(unsigned stage, const Limb* in, Limb* out);
  void run_core(const Limb* x, Limb* out);
  void run_serial(unsigned stage, const Limb* in, Limb* out, Counters& counters);
  void run_iterative(unsigned stage, const Limb* in, Limb* out);
  void run_phase(unsigned stage, const Limb* in, Limb* out);
  void copy_stage(unsigned from, unsigned to, const Limb* in, Limb* out);
  void all_entries(const Limb* x);  // added to sum_
  void restore_all(const std::vector<Step>& steps);
  void adjust_as_drawn(const Limb* x, Limb* out);

  void sum_node(const Node& node, unsigned from_stage, const Limb* in);  // into sum_
  void low_part(const Limb* x);                                          // into value_
  void restore(Limb* value, unsigned j);
  bool three_moduli(const Limb* value, std::size_t limbs) const;  // value >= 3M
  std::uint64_t address(const Limb* x, const Group& group) const;

  const RegisterView& view(unsigned stage, std::size_t index) const {
    return datapath_.registers()[datapath_.first_register(stage) + index];
  }
  // The register's limbs out of a value of `limbs` limbs.
  void store(const RegisterView& target, const Limb* value, std::size_t limbs, Limb* out) const;
  void check(const RegisterView& target, const Limb* value, std::size_t limbs) const;
  void make_bounds();
  mpz_class bound(unsigned stage, std::size_t index) const;
  mpz_class form_bound(unsigned stage, std::size_t index) const;
  mpz_class step_bound(const std::vector<Step>& steps, const std::vector<StepCycle>& schedule, int index,
                       const mpz_class& before) const;

  const Datapath& datapath_;
  const Tables* tables_;
  bool checks_;
  Products products_;
  std::vector<Limb> spare_, value_, sum_, work_, three_;
  std::vector<std::vector<Limb>> bounds_;  // by register
};

}  // namespace allmod
