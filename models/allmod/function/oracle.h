// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <vector>

#include <gmpxx.h>

#include "models/allmod/function/design.h"
#include "models/allmod/function/modulus.h"

namespace allmod {

// Y = X mod M by GMP's division: shares no code with the datapath. Owns scratch, so one object a thread.
class Oracle {
 public:
  explicit Oracle(const Modulus& modulus);

  // X of ceil(2n / 64) limbs to Y of ceil(n / 64) limbs.
  void reduce(const Limb* x, Limb* y);

  // Whether Y = X mod M.
  bool agrees(const Limb* x, const Limb* y);

 private:
  std::vector<Limb> modulus_, quotient_, remainder_;
  std::size_t x_limbs_;
};

// What the authors' drawing (Form::template_literal) answers, worked out with GMP integers from the drawing
// alone. Where it differs from X mod M the drawing is wrong; where the evaluator differs from it, we are.
// `fused`, when given, receives the sum before the adjustment.
mpz_class drawing_answer(const Design& design, const mpz_class& modulus, const mpz_class& x,
                         mpz_class* fused = nullptr);

}  // namespace allmod
