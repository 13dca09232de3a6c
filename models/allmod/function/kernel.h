// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The fast path of the evaluator: whole reductions, one operand after the other, without tokens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/allmod/function/datapath.h"
#include "models/allmod/function/tables.h"

namespace allmod {

struct Counters;

// What a kernel needs, in plain numbers, and its scratch memory.
struct Program {
  Program(const Datapath& datapath, const Tables& tables);
  void use(const Tables& tables);

  const Datapath* path;
  const Tables* tables;
  Form form;
  bool eager, overlapped;
  std::size_t n, w, rho, e, groups, levels, pre_first_j, pre_steps, post_steps;
  std::size_t low_bits;  // n + m: R starts as X mod 2^low_bits
  std::size_t n_limbs, sum_limbs, x_limbs, low_limbs, high_limbs;
  const Limb* block;
  const Limb* overflow;
  const Limb* shifted;  // M << s, n_limbs + 1 limbs each; null without tables
  bool ahead;           // tables too large for the near caches: fetch ahead

  std::vector<Limb> high;  // X >> low_bits, of this operand and of the next one, padded
  std::vector<Limb> residue;
  std::vector<Limb> nodes;  // one tree level, sum_limbs apart; each level overwrites the one below
  std::vector<Limb> work;
  std::vector<Limb> quotient;  // of run_division
};

struct Batch {
  const Limb* xs;
  std::size_t count;
  std::size_t x_stride;
  Limb* ys;
  std::size_t y_stride;
};

using Kernel = void (*)(Program&, const Batch&, Counters&);

// Form::barrett and Form::montgomery.
void run_products(Program& program, const Batch& batch, Counters& counters);

// Division by GMP: Y without any register, whatever the form. Y = X mod M.
void run_division(Program& program, const Batch& batch, Counters& counters);

// Code for these widths: straight-line carry chains for common limb counts, GMP's loops otherwise.
// `any_width` forces the latter. Sets the program's sum_limbs to what that code wants.
Kernel choose_kernel(Program& program, bool any_width = false);

}  // namespace allmod
