// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The datapath stage by stage: every register against GMP integers, and the checks of the bounds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/allmod/function/evaluate.h"
#include "models/allmod/function/operands.h"
#include "sim/core/error.h"
#include "tests/unit/allmod/printing.h"

namespace allmod {
namespace {

mpz_class register_value(const Token& token, const RegisterView& view) {
  return to_mpz(token.registers.data() + view.offset, view.limbs());
}

mpz_class ones(unsigned bits) { return (mpz_class(1) << bits) - 1; }

// What a tree node must hold: table contributions of its groups, and R reduced by all steps before the join.
mpz_class node_value(const Datapath& datapath, const Node& node, const mpz_class& x, const mpz_class& m,
                     const mpz_class& r) {
  mpz_class sum = node.has_residue ? r : mpz_class(0);
  for (unsigned k = 0; k < node.leaves; ++k) {
    const Group& g = datapath.groups()[node.first_group + k];
    sum += (((x >> g.offset) & ones(g.width)) << g.offset) % m;
  }
  return sum;
}

mpz_class after_steps(mpz_class r, const std::vector<Step>& steps, std::size_t count, const mpz_class& m) {
  for (std::size_t s = 0; s < count; ++s)
    if (r >= (m << steps[s].j)) r -= m << steps[s].j;
  return r;
}

std::size_t steps_done(const std::vector<StepCycle>& schedule, int cycle, std::size_t all) {
  if (cycle < 0) return all;
  const StepCycle& c = schedule[static_cast<std::size_t>(cycle)];
  return c.first + (c.part + 1 == c.parts ? c.count : 0);
}

// The finished low bits of (value >> j) - M, and the borrow above them.
mpz_class difference(const mpz_class& value, const Step& step, const mpz_class& m, unsigned bits) {
  mpz_class d = ((value >> step.j) & ones(bits)) - (m & ones(bits));
  if (d < 0) d += mpz_class(1) << (bits + 1);
  return d;
}

void expect_all_registers(const Datapath& datapath, const Token& token, const mpz_class& x,
                          const mpz_class& m) {
  const unsigned stage = token.stage;
  const Stage& what = datapath.stages()[stage];
  const mpz_class low = x & ones(datapath.design().n + datapath.design().m);
  const mpz_class r = after_steps(low, datapath.pre(), datapath.pre().size(), m);
  const bool front = stage >= 1 && stage <= std::max(1 + datapath.design().e, datapath.pre_cycles());
  std::size_t at = datapath.first_register(stage);
  const auto next = [&] { return register_value(token, datapath.registers()[at++]); };
  const auto next_difference = [&](const mpz_class& value, const std::vector<Step>& steps,
                                   const StepCycle& cycle) {
    if (cycle.part + 1 == cycle.parts) return;
    const unsigned bits = (cycle.part + 1) * datapath.design().segment;
    EXPECT_EQ(next(), difference(value, steps[cycle.first], m, bits));
  };
  if (stage == 0) {
    EXPECT_EQ(next(), x);
  }
  if (what.level >= 0) {
    for (const Node& node : datapath.tree()[static_cast<std::size_t>(what.level)]) {
      if (front && node.is_residue) continue;
      EXPECT_EQ(next(), node_value(datapath, node, x, m, r)) << what.name;
    }
  }
  if (front) {
    const mpz_class now = after_steps(
        low, datapath.pre(), steps_done(datapath.pre_schedule(), what.pre, datapath.pre().size()), m);
    EXPECT_EQ(next(), now) << what.name;
    if (what.pre >= 0)
      next_difference(now, datapath.pre(), datapath.pre_schedule()[static_cast<std::size_t>(what.pre)]);
  } else if (stage > 0 && what.level < 0) {
    const mpz_class sum = node_value(datapath, datapath.tree().back().front(), x, m, r);
    const std::size_t done = what.post < 0 ? 0 : steps_done(datapath.post_schedule(), what.post, 0);
    const mpz_class now = after_steps(sum, datapath.post(), done, m);
    EXPECT_EQ(next(), now) << what.name;
    if (what.post >= 0)
      next_difference(now, datapath.post(), datapath.post_schedule()[static_cast<std::size_t>(what.post)]);
  }
  EXPECT_EQ(at, datapath.first_register(stage + 1)) << what.name;
}

class StagesOf : public testing::TestWithParam<Design> {};

TEST_P(StagesOf, EveryRegisterIsExactAndTheEndIsReduce) {
  const Datapath datapath(GetParam());
  for (const char* name : {"random", "pow2_plus1", "all_ones"}) {
    const Tables tables(datapath, Modulus::named(name, datapath.design().n, 6));
    Evaluator evaluator(datapath, tables, Checks::on), whole(datapath, tables, Checks::off);
    const AdversarialOperands source(tables, 3);
    Token token = evaluator.make_token();
    std::vector<Limb> x(datapath.x_limbs()), y(datapath.n_limbs()), reduced(datapath.n_limbs());
    const std::uint64_t step = datapath.registers().size() > 500 ? 13 : 1;
    std::uint64_t taken = 0;
    for (std::uint64_t i = 0; i < source.special() + 20; i += step, ++taken) {
      source.get(i, x.data());
      evaluator.load(token, x.data());
      const mpz_class value = to_mpz(x.data(), x.size());
      expect_all_registers(datapath, token, value, tables.modulus().value());
      for (unsigned s = 1; s < datapath.stages().size(); ++s) {
        evaluator.run_stage(s, token);
        expect_all_registers(datapath, token, value, tables.modulus().value());
      }
      evaluator.result(token, y.data());
      whole.reduce(x.data(), reduced.data());
      ASSERT_EQ(y, reduced);
      if (HasFailure()) FAIL() << name << " X=" << value.get_str(16);
    }
    EXPECT_EQ(evaluator.counters().reductions, taken);
    EXPECT_EQ(evaluator.counters().extra_adjustments, whole.counters().extra_adjustments);
  }
}

INSTANTIATE_TEST_SUITE_P(Designs, StagesOf,
                         testing::Values(Design{Form::pipelined, 128, 8, 1, 2, 1, 1, 2, 0},
                                         Design{Form::pipelined, 128, 8, 0, 0, 0, 1, 2, 0},
                                         Design{Form::pipelined, 64, 8, 1, 2, 1, 1, 2, 20},
                                         Design{Form::pipelined, 64, 6, 9, 5, 3, 2, 3, 0},
                                         Design{Form::pipelined, 64, 6, 9, 10, 0, 1, 2, 65},
                                         Design{Form::pipelined, 30, 4, 30, 31, 0, 2, 2, 0},
                                         Design{Form::pipelined, 30, 4, 30, 7, 0, 3, 2, 12},
                                         Design{Form::pipelined, 255, 8, 2, 1, 5, 1, 2, 0}));

class Tampered : public testing::Test {
 protected:
  Tampered()
      : datapath_(Design{}),
        tables_(datapath_, Modulus::named("random", 128, 3)),
        evaluator_(datapath_, tables_, Checks::on),
        token_(evaluator_.make_token()) {
    const RandomOperands source(128, 1);
    Limb x[4];
    source.get(0, x);
    evaluator_.load(token_, x);
  }

  std::string complaint(unsigned stage) {
    try {
      evaluator_.run_stage(stage, token_);
    } catch (const sim::Error& error) {
      EXPECT_EQ(error.exit_code(), sim::Exit::internal);
      return error.what();
    }
    return "no error";
  }

  Datapath datapath_;
  Tables tables_;
  Evaluator evaluator_;
  Token token_;
};

TEST_F(Tampered, ATableEntryAboveItsBoundIsFound) {
  evaluator_.run_stage(1, token_);
  token_.registers[0] = token_.registers[1] = ~Limb{0};  // t0 of the look-up stage
  EXPECT_THAT(complaint(2), testing::HasSubstr("register tree1.n0"));
}

TEST_F(Tampered, AResidueAboveItsBoundIsFound) {
  evaluator_.run_stage(1, token_);
  const RegisterView& r = datapath_.registers()[datapath_.first_register(2) - 1];
  ASSERT_EQ(r.name, "look_up.r");
  for (std::size_t i = 0; i < r.limbs(); ++i) token_.registers[r.offset + i] = ~Limb{0};
  EXPECT_THAT(complaint(2), testing::HasSubstr("register tree1.r (128 bits)"));
}

TEST_F(Tampered, AnOperandThatIsTooLongIsFound) {
  // n = 127 leaves two bits free in the operand's top limb.
  Design design;
  design.n = 127;
  const Datapath datapath(design);
  const Tables tables(datapath, Modulus::named("random", 127));
  Evaluator evaluator(datapath, tables, Checks::on);
  Token token = evaluator.make_token();
  const Limb x[4] = {0, 0, 0, ~Limb{0}};
  EXPECT_THROW(evaluator.load(token, x), sim::Error);
}

TEST_F(Tampered, StagesMustComeInOrder) {
  EXPECT_THAT(complaint(2), testing::HasSubstr("stage 2 was asked to take a token in stage 0"));
}

}  // namespace
}  // namespace allmod
