// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/datapath.h"

#include <set>

#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "tests/unit/allmod/printing.h"

namespace allmod {
namespace {

Design design(unsigned n, unsigned w, unsigned m, unsigned p, unsigned e, unsigned r = 1, unsigned rho = 2,
              unsigned segment = 0) {
  return {Form::pipelined, n, w, m, p, e, r, rho, segment};
}

unsigned latency(const Design& d) { return Datapath(d).latency(); }

TEST(Datapath, GroupsCoverTheHighBits) {
  const Datapath datapath(design(128, 8, 1, 2, 1));
  ASSERT_EQ(datapath.groups().size(), 16u);
  EXPECT_EQ(datapath.groups()[0].offset, 129u);
  EXPECT_EQ(datapath.groups()[15].offset, 249u);
  EXPECT_EQ(datapath.groups()[15].width, 7u);
}

TEST(Datapath, LatencyByHand) {
  // 16 groups; R joins 8 nodes: 9, 5, 3, 2, 1. J = bitlen(1 + 16 - 1) = 5.
  EXPECT_EQ(latency(design(128, 8, 1, 2, 1)), 1u + 2 + 4 + 5);
  EXPECT_EQ(latency(design(128, 8, 0, 0, 0)), 1u + 1 + 5 + 5);  // 17 operands; bitlen(2 + 16 - 1)
  EXPECT_EQ(latency(design(64, 8, 64, 65, 0)), 1u + 65);        // pure iterative
  EXPECT_EQ(latency(design(64, 8, 64, 65, 0, 4)), 1u + 17);
  EXPECT_EQ(latency(design(128, 8, 1, 2, 1, 1, 3)), 1u + 2 + 2 + 5);  // 16 -> 6 + R -> 3 -> 1
  EXPECT_EQ(latency(design(64, 8, 0, 0, 3)), 1u + 4 + 1 + 4);  // joins the finished tree: bitlen(2 + 7)
}

// The formula of the specification, over many designs.
TEST(Datapath, LatencyIsTheFormula) {
  for (unsigned n : {5u, 64u, 100u, 255u})
    for (unsigned w : {1u, 3u, 8u})
      for (unsigned m : {0u, 1u, 4u, n / 2, n})
        for (unsigned p : {0u, 1u, m, m + 1})
          for (unsigned rho : {2u, 3u, 8u})
            for (unsigned r : {1u, 3u}) {
              if (m > n || p > m + 1) continue;
              Design d = design(n, w, m, p, 0, r, rho);
              const unsigned groups = group_count(d);
              for (d.e = 0; d.e <= tree_levels(groups, rho); ++d.e) {
                unsigned at_join = groups;
                for (unsigned l = 0; l < d.e; ++l) at_join = (at_join + rho - 1) / rho;
                const unsigned levels = d.e + tree_levels(at_join + 1, rho);
                const mpz_class ratio = (mpz_class(1) << (m + 1 - p)) + groups - 1;
                const unsigned j =
                    ratio == 0 ? 0 : static_cast<unsigned>(mpz_sizeinbase(ratio.get_mpz_t(), 2));
                const Datapath datapath(d);
                ASSERT_EQ(datapath.post_steps(), j);
                ASSERT_EQ(datapath.levels(), levels);
                ASSERT_EQ(datapath.latency(),
                          1 + std::max(1 + d.e, (p + r - 1) / r) + (levels - d.e) + (j + r - 1) / r);
                ASSERT_EQ(datapath.stages().size(), datapath.latency());
                ASSERT_EQ(datapath.ii(), 1u);
              }
            }
}

TEST(Datapath, SegmentsByHand) {
  // Sum of 133 bits: 3 segments of 48. Each 128- or 129-bit subtraction takes 3 cycles.
  const Datapath cut(design(128, 8, 1, 2, 1, 1, 2, 48));
  EXPECT_EQ(cut.sum_bits(), 133u);
  EXPECT_EQ(cut.pre_cycles(), 6u);
  EXPECT_EQ(cut.tree_skew(), 2u);
  EXPECT_EQ(cut.post_cycles(), 15u);
  EXPECT_EQ(cut.latency(), 1u + 6 + 4 + 2 + 15);
  EXPECT_EQ(cut.ii(), 1u);

  // All subtractions fit 129 bits, the sum does not.
  EXPECT_EQ(latency(design(128, 8, 1, 2, 1, 1, 2, 129)), 1u + 2 + 4 + 1 + 5);
  EXPECT_EQ(latency(design(128, 8, 1, 2, 1, 2, 2, 129)), 1u + 2 + 4 + 1 + 3);

  // 128 bits: the first step fits, the second does not and stands alone.
  const Datapath mixed(design(128, 8, 1, 2, 1, 2, 2, 128));
  EXPECT_EQ(mixed.pre_cycles(), 1u + 2);
  EXPECT_EQ(mixed.post_cycles(), 5u * 2);

  // No adder, no skew; a segment longer than everything changes nothing.
  EXPECT_EQ(Datapath(design(64, 8, 64, 65, 0, 1, 2, 32)).tree_skew(), 0u);
  EXPECT_EQ(latency(design(128, 8, 1, 2, 1, 1, 2, 1000)), latency(design(128, 8, 1, 2, 1)));
}

TEST(Datapath, StepWidths) {
  const Datapath datapath(design(128, 8, 3, 2, 1));
  ASSERT_EQ(datapath.pre().size(), 2u);
  EXPECT_EQ(datapath.pre()[0].j, 3u);
  EXPECT_EQ(datapath.pre()[0].subtractor_bits, 128u);  // 131 bits, the low 3 pass by
  EXPECT_EQ(datapath.pre()[0].register_bits, 131u);    // B2: R < 2^3 M
  EXPECT_EQ(datapath.pre()[1].subtractor_bits, 129u);
  EXPECT_EQ(datapath.pre()[1].register_bits, 130u);
  EXPECT_EQ(datapath.leftover_bits(), 2u);
  EXPECT_EQ(datapath.residue_bits(), 130u);
  EXPECT_EQ(datapath.post().back().register_bits, 128u);
}

TEST(Datapath, NodeWidthsAreTheSumsOfTheirLeaves) {
  const Datapath datapath(design(4, 1, 0, 0, 1));  // leaves <= 14, R <= 15
  const auto& tree = datapath.tree();
  ASSERT_EQ(tree.size(), 4u);  // 4 -> 2 + R -> 2 -> 1
  EXPECT_EQ(tree[0][0].bits, 4u);
  EXPECT_EQ(tree[1][0].bits, 5u);  // 28
  EXPECT_TRUE(tree[1][2].is_residue);
  EXPECT_EQ(tree[1][2].bits, 4u);  // 15
  EXPECT_EQ(tree[2][0].bits, 6u);  // 56
  EXPECT_EQ(tree[3][0].bits, 7u);  // 71
  EXPECT_EQ(datapath.largest_sum(), mpz_class(71));
  EXPECT_EQ(datapath.sum_bits(), 7u);
}

TEST(Datapath, TemplateTakesTheLongerOfItsBranches) {
  Design d = design(256, 6, 37, 0, 0);
  d.form = Form::template_;  // 37 tables, 38 steps
  EXPECT_EQ(Datapath(d).ii(), 38u);
  EXPECT_EQ(Datapath(d).latency(), 42u);
  d.form = Form::template_literal;  // 37 steps beside 1 + 37 cycles
  EXPECT_EQ(Datapath(d).latency(), 42u);
  d.m = 60;  // 33 tables
  EXPECT_EQ(Datapath(d).ii(), 60u);
  d.form = Form::template_;
  EXPECT_EQ(Datapath(d).latency(), 61u + 4);
  EXPECT_EQ(Datapath(d).stages().size(), 5u);
}

TEST(Datapath, RegistersHaveUniqueNamesAndDoNotOverlap) {
  for (const Design& d :
       {design(128, 8, 1, 2, 1), design(64, 5, 20, 9, 2, 1, 3, 17), design(64, 8, 64, 65, 0, 2)}) {
    const Datapath datapath(d);
    std::set<std::string> names;
    std::size_t end = 0;
    for (std::size_t i = 0; i < datapath.registers().size(); ++i) {
      const RegisterView& r = datapath.registers()[i];
      EXPECT_TRUE(names.insert(r.name).second) << r.name;
      EXPECT_GT(r.bits, 0u) << r.name;
      if (i == datapath.first_register(r.stage)) end = 0;
      EXPECT_EQ(r.offset, end) << r.name;
      end = r.offset + r.limbs();
      EXPECT_LE(end, datapath.token_limbs());
    }
    EXPECT_EQ(datapath.registers().back().bits, d.n);
  }
}

TEST(Datapath, ReloadWritesModulusAndTables) {
  EXPECT_EQ(Datapath(design(128, 8, 0, 0, 0)).reload_words(), 16u * 256 * 2 + 2);
}

TEST(Datapath, BrokenDesignsAreRefusedWithEveryReason) {
  try {
    Datapath datapath(design(64, 8, 3, 9, 0, 0));
    FAIL();
  } catch (const sim::Error& error) {
    EXPECT_EQ(error.exit_code(), sim::Exit::usage);
    EXPECT_NE(std::string(error.what()).find("p = 9"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("r = 0"), std::string::npos);
  }
}

}  // namespace
}  // namespace allmod
