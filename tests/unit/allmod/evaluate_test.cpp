// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/evaluate.h"

#include <memory>

#include <gtest/gtest.h>

#include "models/allmod/function/kernel.h"
#include "models/allmod/function/operands.h"
#include "models/allmod/function/oracle.h"
#include "sim/core/error.h"
#include "tests/unit/allmod/printing.h"

namespace allmod {
namespace {

constexpr std::size_t kRandom = 300;

std::vector<Design> designs(unsigned n) {
  std::vector<Design> all;
  const auto add = [&](unsigned w, unsigned m, unsigned p, unsigned e, unsigned r, unsigned rho,
                       unsigned segment) {
    all.push_back({Form::pipelined, n, w, m, p, e, r, rho, segment});
  };
  add(8, 0, 0, 0, 1, 2, 0);  // all look-up
  add(8, 1, 2, 1, 1, 2, 0);
  add(8, 1, 2, 1, 1, 2, 48);
  add(5, 7, 3, 2, 2, 3, 0);
  add(4, 9, 0, 1, 1, 5, 100);
  add(1, 2, 1, 2, 1, 8, 0);
  add(8, n, n + 1, 0, 1, 2, 0);  // all steps
  add(8, n, 0, 0, 4, 2, 0);      // all steps, behind the tree
  add(8, n - 3, n / 2, 0, 2, 2, 0);
  Design balanced{Form::pipelined, n, 6, balanced_m(n, 6), 0, 0, 1, 2, 0};
  balanced.p = fuse_p(n, 6, balanced.m);
  balanced.e = hide_e(balanced);
  all.push_back(balanced);
  return all;
}

class EvaluateOf : public testing::TestWithParam<unsigned> {
 protected:
  // Special and random operands, one after the other.
  static std::vector<Limb> operands(const Tables& tables, std::size_t random) {
    const AdversarialOperands source(tables, 17);
    const auto count = static_cast<std::size_t>(source.special()) + random;
    std::vector<Limb> xs(count * source.x_limbs());
    source.get_many(0, count, xs.data(), source.x_limbs());
    return xs;
  }
};

TEST_P(EvaluateOf, AgreesWithGmp) {
  const unsigned n = GetParam();
  for (const Design& design : designs(n)) {
    const Datapath datapath(design);
    const std::size_t in = datapath.x_limbs(), out = datapath.n_limbs();
    for (const std::string& name : modulus_names()) {
      if (modulus_bits(name) != 0 && modulus_bits(name) != n) continue;
      const Tables tables(datapath, Modulus::named(name, n, n));
      ASSERT_LE(tables.sum_bound(), datapath.largest_sum());    // B3
      ASSERT_LE(tables.steps_needed(), datapath.post_steps());  // B4
      Evaluator evaluator(datapath, tables, Checks::off);
      const std::vector<Limb> xs = operands(tables, kRandom);
      const std::size_t count = xs.size() / in;
      std::vector<Limb> ys(count * out);
      evaluator.reduce_many(xs.data(), count, in, ys.data(), out);
      EXPECT_EQ(evaluator.counters().reductions, count);
      Oracle oracle(tables.modulus());
      for (std::size_t k = 0; k < count; ++k)
        ASSERT_TRUE(oracle.agrees(&xs[k * in], &ys[k * out]))
            << name << " " << testing::PrintToString(design) << " X=" << to_mpz(&xs[k * in], in).get_str(16);
    }
  }
}

TEST_P(EvaluateOf, AnyWidthCodeAgreesWithFixedWidthCode) {
  const unsigned n = GetParam();
  for (Design design : designs(n)) {
    const Datapath datapath(design);
    const Tables tables(datapath, Modulus::named("random", n, 5));
    Program fixed(datapath, tables), any(datapath, tables);
    const Kernel fixed_kernel = choose_kernel(fixed), any_kernel = choose_kernel(any, true);
    const std::size_t in = datapath.x_limbs(), out = datapath.n_limbs();
    const std::vector<Limb> xs = operands(tables, 50);
    const std::size_t count = xs.size() / in;
    std::vector<Limb> a(count * out), b(count * out);
    Counters ca, cb;
    fixed_kernel(fixed, {xs.data(), count, in, a.data(), out}, ca);
    any_kernel(any, {xs.data(), count, in, b.data(), out}, cb);
    EXPECT_EQ(a, b);
    EXPECT_EQ(ca.extra_adjustments, cb.extra_adjustments);
  }
}

INSTANTIATE_TEST_SUITE_P(Bits, EvaluateOf,
                         testing::Values(60u, 64u, 127u, 128u, 192u, 255u, 256u, 320u, 381u, 448u, 512u,
                                         1024u));

TEST(Evaluate, OneByOneIsTheBatch) {
  const Datapath datapath(Design{});
  const Tables tables(datapath, Modulus::named("random", 128));
  Evaluator batch(datapath, tables), single(datapath, tables);
  const RandomOperands source(128, 1);
  std::vector<Limb> xs(64 * 7), ys(64 * 3, 99);
  source.get_many(0, 64, xs.data(), 7);
  batch.reduce_many(xs.data(), 64, 7, ys.data(), 3);
  for (std::size_t k = 0; k < 64; ++k) {
    Limb y[2];
    single.reduce(&xs[k * 7], y);
    EXPECT_EQ(y[0], ys[k * 3]);
    EXPECT_EQ(y[1], ys[k * 3 + 1]);
    EXPECT_EQ(ys[k * 3 + 2], 99u);  // between the results nothing is written
  }
  EXPECT_EQ(single.counters().reductions, 64u);
  EXPECT_EQ(single.counters().extra_adjustments, batch.counters().extra_adjustments);
}

TEST(Evaluate, ExtraAdjustmentsAreSumsOfThreeModuli) {
  const Datapath datapath(Design{});
  const Tables tables(datapath, Modulus::named("random", 128));
  Evaluator evaluator(datapath, tables);
  const RandomOperands source(128, 1);
  std::uint64_t expected = 0;
  for (std::uint64_t i = 0; i < 500; ++i) {
    Limb x[4], y[2];
    source.get(i, x);
    evaluator.reduce(x, y);
    const mpz_class all = to_mpz(x, 4), m = tables.modulus().value();
    mpz_class sum = (all & ((mpz_class(1) << 129) - 1)) % m;
    for (const Group& g : datapath.groups())
      sum += (((all >> g.offset) & ((mpz_class(1) << g.width) - 1)) << g.offset) % m;
    expected += sum >= 3 * m;
  }
  EXPECT_GT(expected, 0u);
  EXPECT_EQ(evaluator.counters().extra_adjustments, expected);
}

TEST(Evaluate, TablesOfAnotherModulusTakeOver) {
  const Datapath datapath(Design{});
  const Tables first(datapath, Modulus::named("random", 128, 1)),
      second(datapath, Modulus::named("random", 128, 2));
  Evaluator evaluator(datapath, first, Checks::on);
  const RandomOperands source(128, 1);
  Limb x[4], y[2];
  for (const Tables* tables : {&first, &second, &first}) {
    evaluator.use(*tables);
    EXPECT_EQ(&evaluator.tables(), tables);
    Oracle oracle(tables->modulus());
    source.get(7, x);
    evaluator.reduce(x, y);
    EXPECT_TRUE(oracle.agrees(x, y));
  }
  EXPECT_EQ(evaluator.counters().reductions, 3u);
  evaluator.reset_counters();
  EXPECT_EQ(evaluator.counters().reductions, 0u);
}

TEST(Evaluate, TablesOfAnotherDatapathAreRefused) {
  const Datapath a(Design{}), b(Design{});
  const Tables tables(b, Modulus::named("random", 128));
  EXPECT_THROW(Evaluator(a, tables), sim::Error);
}

}  // namespace
}  // namespace allmod
