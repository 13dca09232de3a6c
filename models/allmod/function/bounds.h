// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>

#include <gmpxx.h>

#include "models/allmod/function/design.h"

namespace allmod {

inline std::size_t limbs_for(unsigned bits) { return (bits + kLimbBits - 1) / kLimbBits; }

// Largest values that registers can hold. "any_": over all M of n bits; the others for one M.
namespace bounds {

// Bits of the binary number; 0 for 0.
unsigned bit_length(const mpz_class& value);

// Largest R after the design's steps: R < 2^f M (B2) and R < 2^(n+m), for M <= largest_m.
mpz_class residue(const Design& design, unsigned leftover_bits, const mpz_class& largest_m);

// Largest sum of `leaves` table entries, plus the iterative result where asked (B3).
mpz_class any_sum(const Design& design, unsigned leaves, bool with_residue);

// Largest fused sum of the template forms: low n bits of the accumulator + overflow entry + R.
mpz_class template_sum(const Design& design, const mpz_class& largest_m);
mpz_class any_template_sum(const Design& design);

}  // namespace bounds
}  // namespace allmod
