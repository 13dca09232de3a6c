// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The forms beside the pipeline and the template: every operand of every modulus of few bits, GMP at large n,
// and the cycle formulas.
#include <gtest/gtest.h>

#include "models/allmod/function/evaluate.h"
#include "models/allmod/function/operands.h"
#include "models/allmod/function/oracle.h"
#include "sim/core/error.h"
#include "tests/unit/allmod/printing.h"

namespace allmod {
namespace {

Design form(Form form, unsigned n) {
  Design d;
  d.form = form, d.n = n, d.w = std::min(n, 8u);
  d.m = form == Form::iterative ? n : 0;
  d.p = d.e = 0;
  return d;
}

// Visits every design of a form with few bits.
template <class Visit>
void each_serial(unsigned n, Visit&& visit) {
  Design d = form(Form::serial, n);
  for (d.w = 1; d.w <= 3; ++d.w)
    for (d.m = 0; d.m < n; ++d.m)
      for (d.p = 0; d.p <= d.m + 1; ++d.p)
        for (d.t = 1; d.t <= group_count(d); ++d.t)
          for (d.u = 1; d.u <= 3; ++d.u) visit(d);
}

template <class Visit>
void each_eager(unsigned n, Visit&& visit) {
  Design d = form(Form::pipelined, n);
  d.eager = true;
  for (d.w = 1; d.w <= 3; ++d.w)
    for (d.m = 0; d.m <= n; ++d.m) {
      d.p = d.m + 1;
      for (d.r = 1; d.r <= 2; ++d.r)
        for (d.e = 0; d.e <= tree_levels(group_count(d), 2); ++d.e) visit(d);
    }
}

template <class Visit>
void each_other(unsigned n, Visit&& visit) {
  Design d = form(Form::iterative, n);
  for (d.u = 1; d.u <= n + 1; ++d.u) visit(d);
  for (Form multiplying : {Form::barrett, Form::montgomery}) {
    d = form(multiplying, n);
    for (d.r = 1; d.r <= 2; ++d.r)
      for (d.multiplier.digit = 0; d.multiplier.digit <= 2; ++d.multiplier.digit)
        for (d.multiplier.registers = 0; d.multiplier.registers <= 1; ++d.multiplier.registers) visit(d);
  }
}

class FormsOfFewBits : public testing::TestWithParam<unsigned> {
 protected:
  FormsOfFewBits() : n_(GetParam()), xs_(std::size_t{1} << (2 * n_)), ys_(xs_.size()) {
    for (std::size_t x = 0; x < xs_.size(); ++x) xs_[x] = x;
  }

  // Every register of every stage is checked against its bound on the way, and the fast path against the
  // stages.
  void exhaust(const Design& design) {
    SCOPED_TRACE(testing::PrintToString(design));
    ASSERT_TRUE(violations(design).empty());
    const Datapath datapath(design);
    for (Limb m = Limb{1} << (n_ - 1); m < Limb{1} << n_; ++m) {
      if (!refusal(design, mpz_class(m)).empty()) continue;
      const Tables tables(datapath, Modulus(mpz_class(m), n_)),
          none(datapath, tables.modulus(), Contents::none);
      if (has_tables(design.form)) {
        ASSERT_LE(tables.steps_needed(), datapath.post_steps());
        ASSERT_LE(tables.sum_bound(), datapath.largest_sum());
      }
      for (const Tables* contents : {&tables, &none}) {
        Evaluator evaluator(datapath, *contents, n_ <= 4 ? Checks::on : Checks::off);
        evaluator.reduce_many(xs_.data(), xs_.size(), 1, ys_.data(), 1);
        for (Limb x = 0; x < xs_.size(); ++x) ASSERT_EQ(ys_[x], x % m) << "M=" << m << " X=" << x;
        ASSERT_EQ(evaluator.counters().reductions, xs_.size());
      }
    }
  }

  unsigned n_;
  std::vector<Limb> xs_, ys_;
};

TEST_P(FormsOfFewBits, SerialIsXModM) {
  each_serial(n_, [this](const Design& d) { exhaust(d); });
}
TEST_P(FormsOfFewBits, EagerIsXModM) {
  each_eager(n_, [this](const Design& d) { exhaust(d); });
}
TEST_P(FormsOfFewBits, IterativeBarrettAndMontgomeryAreXModM) {
  each_other(n_, [this](const Design& d) { exhaust(d); });
}

INSTANTIATE_TEST_SUITE_P(Bits, FormsOfFewBits, testing::Range(2u, 6u));

std::vector<Design> designs(unsigned n) {
  std::vector<Design> all;
  Design d = form(Form::serial, n);
  d.w = n > 2048 ? 5 : 6;
  all.push_back(d);  // the corrector overlaps
  d.t = 3, d.u = 2, all.push_back(d);
  d.m = balanced_serial_m(n, d.w, d.t, d.u), d.p = serial_p(d), all.push_back(d);
  d.p = 0, all.push_back(d);
  d.m = n - 5, d.p = n / 2, d.t = 1, d.u = 7, all.push_back(d);
  d = form(Form::iterative, n), all.push_back(d);
  d.u = 3, all.push_back(d);
  if (n > 1024) {  // smaller ones have tests of their own
    d = form(Form::pipelined, n), d.w = 5, d.m = 1, d.p = 2, d.e = 1, all.push_back(d);
    d = form(Form::template_, n), d.w = 5, d.m = balanced_m(n, 5), all.push_back(d);
  }
  d = form(Form::pipelined, n), d.w = 5, d.eager = true, d.p = 1, all.push_back(d);
  d.m = 3, d.p = 4, d.e = 2, all.push_back(d);
  for (Form multiplying : {Form::barrett, Form::montgomery}) {
    d = form(multiplying, n), all.push_back(d);
    d.multiplier = {5, 3, 1}, d.r = 2, all.push_back(d);
  }
  return all;
}

class FormsOfManyBits : public testing::TestWithParam<unsigned> {};

TEST_P(FormsOfManyBits, AgreeWithGmp) {
  const unsigned n = GetParam();
  const std::size_t random = n > 2048 ? 20 : 200;
  for (const Design& design : designs(n)) {
    SCOPED_TRACE(testing::PrintToString(design));
    const Datapath datapath(design);
    const std::size_t in = datapath.x_limbs(), out = datapath.n_limbs();
    for (const std::string& name : modulus_names()) {
      if (modulus_bits(name) != 0 && modulus_bits(name) != n) continue;
      const Modulus modulus = Modulus::named(name, n, n);
      if (!refusal(design, modulus.value()).empty()) continue;
      if (n > 2048 && name != "pow2_plus1" && name != "all_ones" && name != "random") continue;
      const Tables tables(datapath, modulus);
      const AdversarialOperands source(tables, 17);
      // At many bits, a stride through the long list of multiples of M.
      const std::uint64_t step = n > 2048 ? 997 : n > 512 ? 37 : 1;
      std::vector<Limb> xs;
      std::size_t count = 0;
      const auto add = [&](std::uint64_t i) {
        xs.resize(++count * in);
        source.get(i, &xs[(count - 1) * in]);
      };
      for (std::uint64_t i = 0; i < source.special(); i += step) add(i);
      for (std::uint64_t i = 1; i <= 6; ++i) add(source.special() - i);
      for (std::uint64_t i = 0; i < random; ++i) add(source.special() + i);
      std::vector<Limb> ys(count * out);
      Evaluator evaluator(datapath, tables, Checks::off);
      evaluator.reduce_many(xs.data(), count, in, ys.data(), out);
      Oracle oracle(modulus);
      for (std::size_t k = 0; k < count; ++k)
        ASSERT_TRUE(oracle.agrees(&xs[k * in], &ys[k * out]))
            << name << " X=" << to_mpz(&xs[k * in], in).get_str(16);
      // Stage by stage, every register against its bound.
      Evaluator staged(datapath, tables, Checks::on);
      const std::size_t stride = n > 512 ? count / 8 + 1 : 5;
      for (std::size_t k = 0; k < count; k += stride) {
        std::vector<Limb> y(out);
        ASSERT_NO_THROW(staged.reduce(&xs[k * in], y.data()));
        ASSERT_TRUE(std::equal(y.begin(), y.end(), &ys[k * out]));
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Bits, FormsOfManyBits,
                         testing::Values(64u, 127u, 128u, 255u, 256u, 381u, 448u, 512u, 1024u, 2048u, 4096u,
                                         8192u));

unsigned up(unsigned a, unsigned b) { return (a + b - 1) / b; }

TEST(FormCycles, SerialFormula) {
  unsigned overlapped = 0;
  for (unsigned n : {8u, 64u, 255u, 1024u})
    for (unsigned w : {3u, 8u})
      for (unsigned m : {0u, 1u, 7u})
        for (unsigned p = 0; p <= m + 1; p += 2)
          for (unsigned t : {1u, 2u})
            for (unsigned u : {1u, 2u, 5u}) {
              Design d = form(Form::serial, n);
              d.w = w, d.m = m, d.p = p, d.t = t, d.u = u;
              if (!violations(d).empty()) continue;
              const Datapath datapath(d);
              const unsigned groups = up(n - m, w), cc = up(groups, t);
              unsigned j = 0;
              for (mpz_class sum = (mpz_class(1) << (m + 1 - p)) + groups - 1; sum > 0; sum >>= 1) ++j;
              EXPECT_EQ(datapath.read_cycles(), cc);
              if (m == 0 && p == 0) {
                EXPECT_EQ(datapath.ii(), std::max(cc, up(j, u))) << testing::PrintToString(d);
                EXPECT_EQ(datapath.latency(), 3 + cc + up(j, u)) << testing::PrintToString(d);
                ++overlapped;
              } else {
                const unsigned c = std::max(cc + 1, up(p, u)) + 1 + up(j, u);
                EXPECT_EQ(datapath.ii(), c) << testing::PrintToString(d);
                EXPECT_EQ(datapath.latency(), c + 2) << testing::PrintToString(d);
              }
            }
  EXPECT_GT(overlapped, 20u);
}

TEST(FormCycles, StepsAfterTheFusionAreOneMoreThanFWhereTheTablesAreFew) {
  Design d = form(Form::serial, 1024);
  d.m = 40;
  for (d.p = 0; d.p <= d.m + 1; ++d.p) {
    const unsigned f = d.m + 1 - d.p;
    if ((std::uint64_t{1} << f) >= group_count(d)) {
      EXPECT_EQ(steps_after(d), f + 1);
    } else {
      EXPECT_GT(steps_after(d), f + 1);
    }
  }
}

TEST(FormCycles, SerialPHasTheFewestCycles) {
  Design d = form(Form::serial, 512);
  for (d.m = 1; d.m < 200; d.m += 13)
    for (d.u = 1; d.u < 4; ++d.u) {
      d.p = serial_p(d);
      const unsigned best = core_cycles(d);
      for (d.p = 0; d.p <= d.m + 1; ++d.p) EXPECT_GE(core_cycles(d), best);
    }
  EXPECT_EQ(balanced_serial_m(256, 6, 1, 1), balanced_m(256, 6));
  // Twice as many tables a cycle shift the balance to the tables, more subtractors to the steps.
  EXPECT_LT(balanced_serial_m(256, 6, 2, 1), balanced_m(256, 6));
  EXPECT_GT(balanced_serial_m(256, 6, 1, 2), balanced_m(256, 6));
}

TEST(FormCycles, Iterative) {
  for (unsigned n : {5u, 64u, 128u})
    for (unsigned u : {1u, 2u, 3u, 5u}) {
      Design d = form(Form::iterative, n);
      d.u = u;
      const Datapath datapath(d);
      EXPECT_EQ(datapath.ii(), up(n + 1, u));
      EXPECT_EQ(datapath.latency(), 2 + up(n + 1, u));
    }
}

TEST(FormCycles, EagerNeedsNoStepsAfterTheTree) {
  Design d = form(Form::pipelined, 128);
  d.eager = true, d.p = 1;
  const Datapath datapath(d);
  EXPECT_EQ(datapath.latency(), 1u + 1 + 5);  // operand, look-up, 17 values in 5 levels
  EXPECT_EQ(datapath.ii(), 1u);
  EXPECT_EQ(datapath.post_steps(), 0u);
}

TEST(FormCycles, MultiplierTiming) {
  EXPECT_EQ(multiplier_timing({0, 0, 0}, 130).latency(), 1u);
  EXPECT_EQ(multiplier_timing({16, 0, 0}, 130).ii, 9u);
  const MultiplierTiming deep = multiplier_timing({16, 2, 3}, 130);  // 130, 66, 34
  EXPECT_EQ(deep.base_bits, 34u);
  EXPECT_EQ(deep.ii, 3u);
  EXPECT_EQ(deep.latency(), 2u + 3 + 2 + 3);
}

TEST(FormCycles, BarrettAndMontgomery) {
  for (const Multiplier& multiplier : {Multiplier{0, 0, 0}, Multiplier{16, 0, 2}, Multiplier{9, 2, 1}}) {
    Design d = form(Form::barrett, 128);
    d.multiplier = multiplier;
    MultiplierTiming t = multiplier_timing(multiplier, 130);
    EXPECT_EQ(Datapath(d).latency(), 1 + 2 * t.latency() + 1 + 2);
    EXPECT_EQ(Datapath(d).ii(), t.ii);
    d.r = 2;
    EXPECT_EQ(Datapath(d).latency(), 1 + 2 * t.latency() + 1 + 1);
    d.form = Form::montgomery;
    t = multiplier_timing(multiplier, 129);
    EXPECT_EQ(Datapath(d).latency(), 1 + 5 * t.latency() + 2 + 1);
    EXPECT_EQ(Datapath(d).ii(), t.ii);
  }
}

// The reduction above 3M that the three-way adjustment misses is counted alike by all forms that sum lazily.
TEST(FormCounters, SerialCountsWhatThePipelineCounts) {
  Design pipelined, serial = form(Form::serial, 128);
  pipelined.m = serial.m = 1, pipelined.p = serial.p = 2, pipelined.e = 0;
  serial.t = 3;
  std::uint64_t counted[2];
  for (int i = 0; i < 2; ++i) {
    const Datapath datapath(i == 0 ? pipelined : serial);
    const Tables tables(datapath, Modulus::named("random", 128));
    Evaluator evaluator(datapath, tables, Checks::on);
    const RandomOperands source(128, 3);
    for (std::uint64_t k = 0; k < 300; ++k) {
      Limb x[4], y[2];
      source.get(k, x);
      evaluator.reduce(x, y);
    }
    counted[i] = evaluator.counters().extra_adjustments;
  }
  EXPECT_GT(counted[0], 0u);
  EXPECT_EQ(counted[0], counted[1]);
}

TEST(Lazy, TheStagesOfATokenGiveTheSameResult) {
  for (const Design& design : {Design{}, form(Form::serial, 128), form(Form::barrett, 128)}) {
    const Datapath datapath(design);
    const Tables none(datapath, Modulus::named("random", 128), Contents::none);
    EXPECT_EQ(none.bytes(), 0u);
    Evaluator evaluator(datapath, none, Checks::on);
    Oracle oracle(none.modulus());
    const RandomOperands source(128, 3);
    Token token = evaluator.make_token();
    Limb x[4], y[2];
    source.get(5, x);
    evaluator.load(token, x);
    for (unsigned s = 1; s < datapath.stages().size(); ++s) evaluator.run_stage(s, token);
    evaluator.result(token, y);
    EXPECT_TRUE(oracle.agrees(x, y));
    EXPECT_EQ(evaluator.counters().reductions, 1u);
  }
}

TEST(Lazy, LargestAddressesAreThoseOfTheTables) {
  const Datapath datapath(Design{});
  const Tables tables(datapath, Modulus::named("random", 128)),
      none(datapath, tables.modulus(), Contents::none);
  for (unsigned g = 0; g < group_count(datapath.design()); ++g)
    EXPECT_EQ(tables.largest_address(g), none.largest_address(g));
  Evaluator evaluator(datapath, tables);
  EXPECT_THROW(evaluator.use(none), sim::Error);
}

TEST(Lazy, CannotGiveTheDrawingsErrors) {
  Design d = form(Form::template_literal, 64);
  const Datapath datapath(d);
  EXPECT_THROW(Tables(datapath, Modulus::named("goldilocks", 64), Contents::none), sim::Error);
}

// Thousands of stages with hundreds of waiting sums each: described without their registers being listed.
TEST(Size, LongAndWidePipelinesAreCheapUntilTheirRegistersAreWanted) {
  Design d = form(Form::pipelined, 8192);
  d.w = 8, d.m = 4096, d.p = 4097, d.e = 0;
  const Datapath datapath(d);
  EXPECT_EQ(datapath.latency(), 1u + 4097 + 10 + datapath.post_steps());
  EXPECT_GT(datapath.token_limbs(), 512u * 128);
  d = form(Form::iterative, 8192);
  EXPECT_EQ(Datapath(d).latency(), 8195u);
}

TEST(Size, RegistersMadeOnDemandCoverEveryStage) {
  for (const Design& design : designs(64)) {
    const Datapath datapath(design);
    std::size_t at = 0;
    for (unsigned s = 0; s < datapath.stages().size(); ++s) {
      EXPECT_EQ(datapath.first_register(s), at);
      std::size_t limbs = 0;
      for (; at < datapath.registers().size() && datapath.registers()[at].stage == s; ++at) {
        EXPECT_EQ(datapath.registers()[at].offset, limbs);
        limbs += datapath.registers()[at].limbs();
      }
      EXPECT_LE(limbs, datapath.token_limbs());
    }
    EXPECT_EQ(at, datapath.registers().size());
    EXPECT_EQ(datapath.registers().back().bits, 64u);
    EXPECT_EQ(datapath.stages().back().cycles, 1u);
  }
}

struct Broken {
  const char* field;
  const char* rule;
  const char* remedy;
  Design design;
};

Design changed(Form f, void (*change)(Design&)) {
  Design d = form(f, 64);
  change(d);
  return d;
}

TEST(FormRules, EachIsReportedWithItsRemedy) {
  const Broken cases[] = {
      {"t", "outside [1, 8]", "there are 8", changed(Form::serial, [](Design& d) { d.t = 9; })},
      {"t", "at least one table", "[1, 8]", changed(Form::serial, [](Design& d) { d.t = 0; })},
      {"u", "outside [1, 65]", "choose u", changed(Form::serial, [](Design& d) { d.u = 66; })},
      {"u", "outside [1, 65]", "choose u", changed(Form::iterative, [](Design& d) { d.u = 0; })},
      {"m", "no bit to the tables", "iterative", changed(Form::serial, [](Design& d) { d.m = 64; })},
      {"p", "exceeds m + 1", "lower p", changed(Form::serial, [](Design& d) { d.p = 3; })},
      {"m", "no tables", "set m to n", changed(Form::iterative, [](Design& d) { d.m = 3; })},
      {"segment", "whole adders", "set segment to 0",
       changed(Form::serial, [](Design& d) { d.segment = 8; })},
      {"rho", "two operands", "set rho to 2",
       changed(Form::pipelined, [](Design& d) { d.eager = true, d.p = 1, d.rho = 3; })},
      {"p", "R >= M", "m + 1 = 1", changed(Form::pipelined, [](Design& d) { d.eager = true; })},
      {"segment", "not cut", "segment to 0",
       changed(Form::pipelined, [](Design& d) { d.eager = true, d.p = 1, d.segment = 8; })},
      {"r", "r = 0", "r >= 1", changed(Form::barrett, [](Design& d) { d.r = 0; })},
      {"multiplier.karatsuba", "outside [0, 8]", "depth",
       changed(Form::barrett, [](Design& d) { d.multiplier.karatsuba = 9; })},
      {"multiplier.karatsuba", "none shorter", "lower it",
       changed(Form::montgomery, [](Design& d) { d.multiplier.karatsuba = 8; })},
      {"multiplier.digit", "longer than the 66 bits", "lower it",
       changed(Form::barrett, [](Design& d) { d.multiplier.digit = 67; })},
      {"multiplier.registers", "outside [0, 64]", "choose",
       changed(Form::barrett, [](Design& d) { d.multiplier.registers = 65; })},
  };
  for (const Broken& c : cases) {
    const std::vector<Violation> found = violations(c.design);
    ASSERT_EQ(found.size(), 1u) << c.field << " " << c.rule;
    EXPECT_EQ(found[0].field, c.field);
    EXPECT_NE(found[0].message.find(c.rule), std::string::npos) << found[0].message;
    EXPECT_NE(found[0].message.find(c.remedy), std::string::npos) << found[0].message;
    EXPECT_THROW(Datapath{c.design}, sim::Error);
  }
}

TEST(FormRules, MontgomeryWantsAnOddModulus) {
  const Design d = form(Form::montgomery, 64);
  const Datapath datapath(d);
  EXPECT_TRUE(refusal(d, mpz_class(1) << 63).find("odd modulus") != std::string::npos);
  EXPECT_TRUE(refusal(d, (mpz_class(1) << 63) + 1).empty());
  EXPECT_FALSE(refusal(d, 0).empty());
  EXPECT_THROW(Tables(datapath, Modulus::named("pow2", 64)), sim::Error);
}

}  // namespace
}  // namespace allmod
