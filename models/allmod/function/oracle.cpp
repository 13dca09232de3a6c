// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/oracle.h"

#include "models/allmod/function/bounds.h"

namespace allmod {

Oracle::Oracle(const Modulus& modulus) : modulus_(modulus.limbs()), x_limbs_(limbs_for(2 * modulus.bits())) {
  quotient_.resize(x_limbs_ - modulus_.size() + 1);
  remainder_.resize(modulus_.size());
}

void Oracle::reduce(const Limb* x, Limb* y) {
  mpn_tdiv_qr(quotient_.data(), y, 0, x, static_cast<mp_size_t>(x_limbs_), modulus_.data(),
              static_cast<mp_size_t>(modulus_.size()));
}

bool Oracle::agrees(const Limb* x, const Limb* y) {
  reduce(x, remainder_.data());
  return mpn_cmp(remainder_.data(), y, static_cast<mp_size_t>(remainder_.size())) == 0;
}

mpz_class drawing_answer(const Design& design, const mpz_class& modulus, const mpz_class& x,
                         mpz_class* fused) {
  const unsigned low_bits = design.n + design.m;
  const auto low = [](const mpz_class& value, unsigned bits) -> mpz_class {
    return value & ((mpz_class(1) << bits) - 1);
  };
  // 1, 2: the look-ups of k-bit groups, and their sum.
  mpz_class accumulator = 0, high = x >> low_bits;
  for (unsigned weight = low_bits; high != 0; weight += design.w, high >>= design.w)
    accumulator += (low(high, design.w) << weight) % modulus;
  // 3: m subtractions beside it.
  mpz_class rest = low(x, low_bits);
  for (unsigned t = design.m; t >= 1; --t)
    if (rest >= (modulus << t)) rest -= modulus << t;
  // 4: the accumulator's bits above n look up once more.
  const mpz_class overflow = ((accumulator >> design.n) << design.n) % modulus;
  const mpz_class sum = low(accumulator, design.n) + overflow + rest;
  if (fused != nullptr) *fused = sum;
  // 5: two subtractors and a three-way choice of n bits.
  if (sum >= 2 * modulus) return low(sum - 2 * modulus, design.n);
  if (sum >= modulus) return low(sum - modulus, design.n);
  return low(sum, design.n);
}

}  // namespace allmod
