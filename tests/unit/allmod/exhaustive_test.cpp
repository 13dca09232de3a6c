// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Every operand of every modulus of 2..6 bits, through every design of these sizes.
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "models/allmod/function/evaluate.h"
#include "models/allmod/function/oracle.h"
#include "tests/unit/allmod/printing.h"

namespace allmod {
namespace {

// Calls `visit` with every pipelined design of n bits, w = 1..3, rho = 2..3, r = 1..2, all m, p, e.
template <class Visit>
void each_design(unsigned n, unsigned segment, Visit&& visit) {
  Design d;
  d.n = n, d.segment = segment;
  for (d.w = 1; d.w <= 3; ++d.w)
    for (d.rho = 2; d.rho <= 3; ++d.rho)
      for (d.r = 1; d.r <= 2; ++d.r)
        for (d.m = 0; d.m <= n; ++d.m)
          for (d.p = 0; d.p <= d.m + 1; ++d.p)
            for (d.e = 0; d.e <= tree_levels(group_count(d), d.rho); ++d.e) visit(d);
}

// Operands of up to 6 bits of modulus fit one limb: X is its own limb array.
class Exhaustive : public testing::TestWithParam<unsigned> {
 protected:
  Exhaustive() : n_(GetParam()), xs_(std::size_t{1} << (2 * n_)), ys_(xs_.size()) {
    for (std::size_t x = 0; x < xs_.size(); ++x) xs_[x] = x;
  }

  Limb first_modulus() const { return Limb{1} << (n_ - 1); }
  Limb end_modulus() const { return Limb{1} << n_; }

  unsigned n_;
  std::vector<Limb> xs_, ys_;
};

TEST_P(Exhaustive, PipelinedIsXModM) {
  each_design(n_, 0, [&](const Design& design) {
    const Datapath datapath(design);
    for (Limb m = first_modulus(); m < end_modulus(); ++m) {
      const Tables tables(datapath, Modulus(mpz_class(m), n_));
      ASSERT_LE(tables.steps_needed(), datapath.post_steps())
          << testing::PrintToString(design) << " M=" << m;  // B4
      ASSERT_LE(tables.sum_bound(), datapath.largest_sum()) << testing::PrintToString(design) << " M=" << m;
      Evaluator evaluator(datapath, tables, Checks::off);
      evaluator.reduce_many(xs_.data(), xs_.size(), 1, ys_.data(), 1);
      for (Limb x = 0; x < xs_.size(); ++x)
        ASSERT_EQ(ys_[x], x % m) << testing::PrintToString(design) << " M=" << m << " X=" << x;
    }
  });
}

// The stages, with all bounds checked; from n = 5 on with a stride through the operands that meets all
// residues over the designs.
TEST_P(Exhaustive, StagesKeepTheirBoundsAndAgree) {
  std::size_t start = 0;
  const std::size_t stride = n_ <= 4 ? 1 : n_ == 5 ? 7 : 61;
  for (const unsigned segment : {0u, 2u}) {
    each_design(n_, segment, [&](const Design& design) {
      const Datapath datapath(design);
      for (Limb m = first_modulus(); m < end_modulus(); m += n_ <= 4 ? 1 : 1 + start % 5) {
        const Tables tables(datapath, Modulus(mpz_class(m), n_));
        Evaluator evaluator(datapath, tables, Checks::on);
        for (Limb x = start++ % stride; x < xs_.size(); x += stride) {
          Limb y;
          evaluator.reduce(&xs_[x], &y);
          ASSERT_EQ(y, x % m) << testing::PrintToString(design) << " M=" << m << " X=" << x;
        }
      }
    });
  }
}

TEST_P(Exhaustive, TemplateIsXModM) {
  for (unsigned w = 1; w <= 3; ++w)
    for (unsigned m = 0; m <= n_; ++m) {
      Design design;
      design.form = Form::template_, design.n = n_, design.w = w, design.m = m;
      const Datapath datapath(design);
      for (Limb modulus = first_modulus(); modulus < end_modulus(); ++modulus) {
        const Tables tables(datapath, Modulus(mpz_class(modulus), n_));
        Evaluator evaluator(datapath, tables, n_ <= 4 ? Checks::on : Checks::off);
        evaluator.reduce_many(xs_.data(), xs_.size(), 1, ys_.data(), 1);
        for (Limb x = 0; x < xs_.size(); ++x)
          ASSERT_EQ(ys_[x], x % modulus) << testing::PrintToString(design) << " M=" << modulus << " X=" << x;
      }
    }
}

TEST_P(Exhaustive, LiteralTemplateIsTheDrawing) {
  std::uint64_t wrong = 0;
  for (unsigned w = 1; w <= 3; ++w)
    for (unsigned m = 0; m <= n_; ++m) {
      Design design;
      design.form = Form::template_literal, design.n = n_, design.w = w, design.m = m;
      const Datapath datapath(design);
      for (Limb modulus = first_modulus(); modulus < end_modulus(); modulus += n_ < 5    ? 1
                                                                               : n_ == 5 ? 3
                                                                                         : 11) {
        const Tables tables(datapath, Modulus(mpz_class(modulus), n_));
        Evaluator evaluator(datapath, tables, Checks::on);
        evaluator.reduce_many(xs_.data(), xs_.size(), 1, ys_.data(), 1);
        for (Limb x = 0; x < xs_.size(); ++x) {
          const mpz_class drawn = drawing_answer(design, mpz_class(modulus), mpz_class(x));
          ASSERT_EQ(drawn, ys_[x]) << testing::PrintToString(design) << " M=" << modulus << " X=" << x;
          wrong += drawn != x % modulus;
        }
      }
    }
  if (n_ >= 4) {
    EXPECT_GT(wrong, 0u) << "the drawing is not right for every X";
  }
}

INSTANTIATE_TEST_SUITE_P(Bits, Exhaustive, testing::Range(2u, 7u));

}  // namespace
}  // namespace allmod
