// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <gtest/gtest.h>

#include "models/allmod/function/evaluate.h"
#include "models/allmod/function/operands.h"
#include "models/allmod/function/oracle.h"
#include "tests/unit/allmod/printing.h"

namespace allmod {
namespace {

Design design(Form form, unsigned n, unsigned w, unsigned m) {
  Design d;
  d.form = form, d.n = n, d.w = w, d.m = m;
  return d;
}

class TemplateOf : public testing::TestWithParam<unsigned> {};

TEST_P(TemplateOf, IsRightForEveryModulusAndOperand) {
  const unsigned n = GetParam();
  for (const auto& [w, m] : {std::pair{8u, balanced_m(n, 8)}, {6u, balanced_m(n, 6)}, {8u, 0u}, {5u, n}}) {
    const Datapath datapath(design(Form::template_, n, w, m));
    for (const std::string& name : modulus_names()) {
      if (modulus_bits(name) != 0 && modulus_bits(name) != n) continue;
      const Tables tables(datapath, Modulus::named(name, n, n));
      Oracle oracle(tables.modulus());
      Evaluator fast(datapath, tables, Checks::off), checked(datapath, tables, Checks::on);
      const AdversarialOperands source(tables, 5);
      std::vector<Limb> x(datapath.x_limbs()), y(datapath.n_limbs());
      for (std::uint64_t i = 0; i < source.special() + 200; ++i) {
        source.get(i, x.data());
        (i % 8 == 0 ? checked : fast).reduce(x.data(), y.data());
        ASSERT_TRUE(oracle.agrees(x.data(), y.data()))
            << name << " w=" << w << " m=" << m << " operand " << i;
      }
    }
  }
}

TEST_P(TemplateOf, LiteralIsTheDrawingAndCountsThreeModuli) {
  const unsigned n = GetParam();
  const Datapath datapath(design(Form::template_literal, n, 6, balanced_m(n, 6)));
  for (const char* name : {"random", "pow2_plus1", "all_ones"}) {
    const Tables tables(datapath, Modulus::named(name, n, 9));
    Evaluator evaluator(datapath, tables, Checks::on);
    const AdversarialOperands source(tables, 5);
    std::vector<Limb> x(datapath.x_limbs()), y(datapath.n_limbs());
    std::uint64_t extra = 0;
    for (std::uint64_t i = 0; i < source.special() + 100; ++i) {
      source.get(i, x.data());
      evaluator.reduce(x.data(), y.data());
      mpz_class fused;
      const mpz_class drawn =
          drawing_answer(datapath.design(), tables.modulus().value(), to_mpz(x.data(), x.size()), &fused);
      ASSERT_EQ(to_mpz(y.data(), y.size()), drawn) << name << " operand " << i;
      extra += fused >= 3 * tables.modulus().value();
    }
    EXPECT_EQ(evaluator.counters().extra_adjustments, extra) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Bits, TemplateOf, testing::Values(60u, 64u, 128u, 255u, 256u, 381u, 512u, 1024u));

struct Shares {
  double wrong;   // answers that are not X mod M
  double thrice;  // fused sums of 3M and more
};

Shares measure(Form form, const Modulus& modulus, std::uint64_t draws) {
  const unsigned n = modulus.bits();
  const Datapath datapath(design(form, n, 6, balanced_m(n, 6)));
  const Tables tables(datapath, modulus);
  Evaluator evaluator(datapath, tables);
  Oracle oracle(modulus);
  const RandomOperands source(n, 5);
  std::vector<Limb> x(datapath.x_limbs()), y(datapath.n_limbs());
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < draws; ++i) {
    source.get(i, x.data());
    evaluator.reduce(x.data(), y.data());
    wrong += !oracle.agrees(x.data(), y.data());
  }
  const auto share = [&](std::uint64_t count) {
    return static_cast<double>(count) / static_cast<double>(draws);
  };
  return {share(wrong), share(evaluator.counters().extra_adjustments)};
}

// The drawing leaves R < 2M, and its answer is wrong exactly where the fused sum reaches 3M: half of the
// operands when M lies just above 2^(n-1).
TEST(Template, TheDrawingFailsOnHalfOfTheOperandsOfASmallModulus) {
  const Shares drawn = measure(Form::template_literal, Modulus::named("pow2_plus1", 256), 20000);
  EXPECT_EQ(drawn.wrong, drawn.thrice);
  EXPECT_NEAR(drawn.wrong, 0.5, 0.05);
}

// With all m + 1 steps (R < M), the three-way adjustment alone would still fail: on a quarter of the operands
// of a modulus just above 2^(n-1), on 1..2 % with random moduli. The fourth choice repairs it.
TEST(Template, TheFourthChoiceIsNeeded) {
  const mpz_class half = mpz_class(1) << 255;
  const Shares small = measure(Form::template_, Modulus(half + (half >> 100) + 12345, 256), 20000);
  EXPECT_EQ(small.wrong, 0.0);
  EXPECT_NEAR(small.thrice, 0.25, 0.05);

  constexpr unsigned kModuli = 60;
  double sum = 0;
  for (unsigned seed = 0; seed < kModuli; ++seed) {
    const Shares random = measure(Form::template_, Modulus::named("random", 256, 100 + seed), 1000);
    EXPECT_EQ(random.wrong, 0.0);
    sum += random.thrice;
  }
  EXPECT_NEAR(sum / kModuli, 0.0155, 0.008);
}

}  // namespace
}  // namespace allmod
