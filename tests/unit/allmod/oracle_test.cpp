// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/oracle.h"

#include <gtest/gtest.h>

#include "models/allmod/function/operands.h"
#include "tests/unit/allmod/printing.h"

namespace allmod {
namespace {

TEST(Oracle, IsGmpsRemainder) {
  for (unsigned n : {2u, 33u, 64u, 65u, 100u, 255u, 1024u}) {
    const Modulus m = Modulus::named("random", n, n);
    Oracle oracle(m);
    const RandomOperands source(n, 1);
    std::vector<Limb> x(source.x_limbs()), y(m.limbs().size());
    for (std::uint64_t i = 0; i < 50; ++i) {
      source.get(i, x.data());
      oracle.reduce(x.data(), y.data());
      const mpz_class expected = to_mpz(x.data(), x.size()) % m.value();
      EXPECT_EQ(to_mpz(y.data(), y.size()), expected);
      EXPECT_TRUE(oracle.agrees(x.data(), y.data()));
      y[0] ^= 1;
      EXPECT_FALSE(oracle.agrees(x.data(), y.data()));
    }
  }
}

// M = 9, k = 2, m = 1: X = 0b11111111. Low 5 bits 31 - 18 = 13; groups 11 at 2^5: 96 mod 9 = 6 and 1 at
// 2^7: 128 mod 9 = 2; sum 8; no overflow; fused 21 >= 2 M: 21 - 18 = 3 = 255 mod 9.
TEST(Oracle, DrawingByHand) {
  Design d;
  d.form = Form::template_literal, d.n = 4, d.w = 2, d.m = 1;
  mpz_class fused;
  EXPECT_EQ(drawing_answer(d, mpz_class(9), mpz_class(255), &fused), mpz_class(3));
  EXPECT_EQ(fused, mpz_class(21));
}

}  // namespace
}  // namespace allmod
