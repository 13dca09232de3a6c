// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/bounds.h"

#include <algorithm>

namespace allmod::bounds {

namespace {

mpz_class ones(unsigned bits) { return (mpz_class(1) << bits) - 1; }

}  // namespace

unsigned bit_length(const mpz_class& value) {
  return value == 0 ? 0 : static_cast<unsigned>(mpz_sizeinbase(value.get_mpz_t(), 2));
}

mpz_class residue(const Design& design, unsigned leftover_bits, const mpz_class& largest_m) {
  const mpz_class reduced = (largest_m << leftover_bits) - 1;
  const mpz_class raw = ones(design.n + design.m);
  return reduced < raw ? reduced : raw;
}

mpz_class any_sum(const Design& design, unsigned leaves, bool with_residue) {
  mpz_class sum = (ones(design.n) - 1) * leaves;
  if (with_residue) sum += residue(design, design.m + 1 - design.p, ones(design.n));
  return sum;
}

mpz_class template_sum(const Design& design, const mpz_class& largest_m) {
  // The drawing leaves out the last of the m + 1 steps.
  const unsigned leftover = design.form == Form::template_literal ? 1 : 0;
  return ones(design.n) + (largest_m - 1) + residue(design, leftover, largest_m);
}

mpz_class any_template_sum(const Design& design) { return template_sum(design, ones(design.n)); }

}  // namespace allmod::bounds
