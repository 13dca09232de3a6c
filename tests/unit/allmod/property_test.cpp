// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Any design that can be built reduces any operand rightly, in one go and stage by stage. RapidCheck draws
// designs, moduli and operands, and shrinks what fails.
#include <algorithm>

#include <gmpxx.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "models/allmod/function/evaluate.h"
#include "models/allmod/function/operands.h"

namespace allmod {
namespace {

Design any_design() {
  Design d;
  d.form = *rc::gen::element(Form::pipelined, Form::template_);
  d.n = *rc::gen::inRange(2u, 300u);
  d.w = *rc::gen::inRange(1u, 9u);
  d.m = *rc::gen::inRange(0u, std::min(d.n, 24u) + 1);
  if (d.form == Form::template_) return d;
  d.p = *rc::gen::inRange(0u, d.m + 2);
  d.e = *rc::gen::inRange(0u, 6u);
  d.r = *rc::gen::inRange(1u, 5u);
  d.rho = *rc::gen::inRange(2u, 5u);
  d.segment = *rc::gen::element(0u, 1u, 17u, 64u);
  return d;
}

RC_GTEST_PROP(Property, EveryDesignReducesEveryOperand, ()) {
  const Design d = any_design();
  RC_PRE(violations(d).empty());
  const Datapath datapath(d);
  const Tables tables(datapath, Modulus::named("random", d.n, *rc::gen::arbitrary<std::uint16_t>()));
  Evaluator evaluator(datapath, tables, Checks::on);
  const AdversarialOperands operands(tables, *rc::gen::arbitrary<std::uint16_t>());
  std::vector<Limb> x(datapath.x_limbs());
  std::vector<Limb> y(datapath.n_limbs());
  std::vector<Limb> staged(datapath.n_limbs());
  Token token = evaluator.make_token();
  for (unsigned i = 0; i < 20; ++i) {
    operands.get(*rc::gen::inRange<std::uint64_t>(0, 1000), x.data());
    const mpz_class want = to_mpz(x.data(), x.size()) % tables.modulus().value();
    evaluator.reduce(x.data(), y.data());
    RC_ASSERT(to_mpz(y.data(), y.size()) == want);
    evaluator.load(token, x.data());
    for (unsigned s = 1; s < datapath.stages().size(); ++s) evaluator.run_stage(s, token);
    evaluator.result(token, staged.data());
    RC_ASSERT(staged == y);
  }
}

RC_GTEST_PROP(Property, LatencyIsTheSumOfItsParts, ()) {
  Design d = any_design();
  d.form = Form::pipelined;
  d.segment = 0;
  RC_PRE(violations(d).empty());
  const Datapath datapath(d);
  const auto cycles = [&d](unsigned steps) { return (steps + d.r - 1) / d.r; };
  const unsigned front = std::max(1 + d.e, cycles(d.p));
  RC_ASSERT(datapath.latency() == 1 + front + (datapath.levels() - d.e) + cycles(datapath.post_steps()));
  RC_ASSERT(datapath.ii() == 1u);
}

}  // namespace
}  // namespace allmod
