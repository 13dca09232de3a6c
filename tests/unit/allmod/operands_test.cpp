// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/operands.h"

#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "models/allmod/function/evaluate.h"
#include "tests/unit/allmod/printing.h"

namespace allmod {
namespace {

mpz_class operand(const Operands& source, std::uint64_t index) {
  std::vector<Limb> x(source.x_limbs());
  source.get(index, x.data());
  return to_mpz(x.data(), x.size());
}

TEST(RandomOperands, DependOnSeedAndIndexAlone) {
  const RandomOperands a(128, 1), again(128, 1), other(128, 2);
  std::vector<Limb> many(100 * 6, 0);
  a.get_many(1000, 100, many.data(), 6);  // strides leave the limbs between alone
  for (std::size_t i = 100; i-- > 0;) {
    const mpz_class x = operand(again, 1000 + i);
    EXPECT_EQ(to_mpz(many.data() + i * 6, 4), x);
    EXPECT_EQ(many[i * 6 + 4], 0u);
    EXPECT_NE(operand(other, 1000 + i), x);
  }
}

TEST(RandomOperands, StayBelowTwoToTwoNAndFillIt) {
  for (unsigned n : {2u, 31u, 32u, 33u, 64u, 255u}) {
    const RandomOperands source(n, 3);
    const mpz_class end = mpz_class(1) << (2 * n);
    mpz_class largest = 0;
    for (std::uint64_t i = 0; i < 300; ++i) {
      const mpz_class x = operand(source, i);
      ASSERT_LT(x, end);
      if (x > largest) largest = x;
    }
    EXPECT_GT(mpz_class(largest * 100), mpz_class(end * 90)) << n;
  }
}

TEST(RandomOperands, EveryBitIsAFairCoin) {
  const RandomOperands source(100, 9);
  constexpr int kDraws = 4000;
  std::vector<int> ones(200);
  for (int i = 0; i < kDraws; ++i) {
    const mpz_class x = operand(source, static_cast<std::uint64_t>(i));
    for (std::size_t bit = 0; bit < ones.size(); ++bit) ones[bit] += mpz_tstbit(x.get_mpz_t(), bit);
  }
  for (const int count : ones) EXPECT_NEAR(count, kDraws / 2, 5 * std::sqrt(kDraws / 4.0));
}

TEST(AdversarialOperands, HoldTheListedValues) {
  const Datapath datapath(Design{});
  const Tables tables(datapath, Modulus::named("random", 128, 4));
  const AdversarialOperands source(tables, 1);
  std::set<mpz_class> all;
  for (std::uint64_t i = 0; i < source.special(); ++i) all.insert(operand(source, i));
  const mpz_class m = tables.modulus().value(), one = 1;
  std::vector<mpz_class> wanted = {0, 1, m - 1, m, m + 1, one << 128, (one << 256) - 1, (m - 1) * (m - 1)};
  for (unsigned j = 0; j <= 127; ++j)
    for (int d = -1; d <= 1; ++d) wanted.push_back((m << j) + d);
  for (const mpz_class& x : wanted) EXPECT_EQ(all.count(x), 1u) << x.get_str(16);
  const mpz_class end = mpz_class(1) << 256;
  for (const mpz_class& x : all) EXPECT_LT(x, end);
  EXPECT_EQ(operand(source, source.special() + 5), operand(RandomOperands(128, 1), 5));
}

// B4's bound is reached: some operand of the list has every table at its largest entry and R at its largest.
TEST(AdversarialOperands, DriveTheSumToItsBound) {
  for (const Design& design :
       {Design{Form::pipelined, 128, 8, 1, 2, 1, 1, 2, 0}, Design{Form::pipelined, 64, 6, 10, 5, 2, 1, 2, 0},
        Design{Form::pipelined, 255, 8, 0, 0, 0, 1, 2, 0}}) {
    const Datapath datapath(design);
    for (const char* name : {"random", "pow2_plus1", "all_ones"}) {
      const Tables tables(datapath, Modulus::named(name, design.n, 2));
      const AdversarialOperands source(tables, 1);
      Evaluator evaluator(datapath, tables, Checks::on);
      Token token = evaluator.make_token();
      unsigned last_tree = 0;
      for (unsigned s = 0; s < datapath.stages().size(); ++s)
        if (datapath.stages()[s].level == static_cast<int>(datapath.levels())) last_tree = s;
      mpz_class largest = 0;
      for (std::uint64_t i = 0; i < source.special(); ++i) {
        std::vector<Limb> x(source.x_limbs());
        source.get(i, x.data());
        evaluator.load(token, x.data());
        for (unsigned s = 1; s <= last_tree; ++s) evaluator.run_stage(s, token);
        const mpz_class sum = to_mpz(token.registers.data(), datapath.sum_limbs());
        if (sum > largest) largest = sum;
      }
      EXPECT_EQ(largest, tables.sum_bound()) << name << " n=" << design.n;
    }
  }
}

}  // namespace
}  // namespace allmod
