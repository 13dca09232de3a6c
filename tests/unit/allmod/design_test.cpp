// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/design.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace allmod {
namespace {

using testing::HasSubstr;

Design design(unsigned n, unsigned w, unsigned m) {
  Design d;
  d.n = n, d.w = w, d.m = m, d.p = 0, d.e = 0;
  return d;
}

// The one violation of a design that breaks one rule.
Violation only(const Design& d) {
  const std::vector<Violation> found = violations(d);
  EXPECT_EQ(found.size(), 1u);
  return found.empty() ? Violation{} : found.front();
}

TEST(Design, BalancedMIsTheRoundedQuotient) {
  EXPECT_EQ(balanced_m(256, 6), 37u);    // 262 / 7 = 37.4
  EXPECT_EQ(balanced_m(128, 8), 15u);    // 136 / 9 = 15.1
  EXPECT_EQ(balanced_m(1024, 8), 115u);  // 1032 / 9 = 114.7
  EXPECT_EQ(balanced_m(3, 1), 2u);
  EXPECT_EQ(balanced_m(2, 1), 2u);  // 1.5 rounds up, and stays within n
}

TEST(Design, GroupsAndLevels) {
  EXPECT_EQ(group_count(design(128, 8, 1)), 16u);
  EXPECT_EQ(group_count(design(128, 8, 0)), 16u);
  EXPECT_EQ(group_count(design(128, 8, 128)), 0u);
  EXPECT_EQ(tree_levels(0, 2), 0u);
  EXPECT_EQ(tree_levels(1, 2), 0u);
  EXPECT_EQ(tree_levels(16, 2), 4u);
  EXPECT_EQ(tree_levels(17, 2), 5u);
  EXPECT_EQ(tree_levels(9, 3), 2u);
  EXPECT_EQ(tree_levels(10, 3), 3u);
}

TEST(Design, FusePLeavesJustEnoughSlack) {
  EXPECT_EQ(fuse_p(256, 6, 37), 32u);  // 37 groups: f = 6
  EXPECT_EQ(fuse_p(128, 8, 1), 0u);    // 16 groups want f = 4, there is only 2
  EXPECT_EQ(fuse_p(64, 8, 64), 65u);   // no groups: all steps
  EXPECT_EQ(fuse_p(64, 8, 56), 57u);   // one group: 2^0 >= 1
}

TEST(Design, HideECoversTheStepsBesideTheTree) {
  Design d = design(128, 8, 1);
  d.p = 2;
  EXPECT_EQ(hide_e(d), 1u);
  d.r = 2;
  EXPECT_EQ(hide_e(d), 0u);
  d = design(128, 8, 15);
  d.p = 16;
  EXPECT_EQ(hide_e(d), 4u);  // 15 groups have four levels, less than the 15 wanted
  d.r = 4;
  EXPECT_EQ(hide_e(d), 3u);
  d.segment = 64;  // 2 cycles for the first, 128-bit subtraction, 3 for each 129-bit one
  EXPECT_EQ(hide_e(d), 4u);
}

TEST(Design, TableBytesCountEveryEntry) {
  EXPECT_EQ(table_bytes(design(128, 8, 0)), 16u * 256 * 16);
  EXPECT_EQ(table_bytes(design(128, 8, 1)), (15u * 256 + 128) * 16);
  Design d = design(256, 6, 37);
  d.form = Form::template_;
  EXPECT_EQ(table_bytes(d), (36u * 64 + 8 + 37) * 32);
}

TEST(Design, GoodDesignsBreakNoRule) {
  EXPECT_TRUE(violations(Design{}).empty());
  Design d = design(64, 8, 64);
  d.p = 65;
  EXPECT_TRUE(violations(d).empty());
  d.form = Form::template_;
  d.p = 500, d.e = 99, d.r = 0, d.rho = 77;  // not looked at
  EXPECT_TRUE(violations(d).empty());
}

TEST(Design, EveryRuleNamesItsFieldAndRemedy) {
  Design d = design(1, 8, 0);
  EXPECT_EQ(only(d).field, "n");
  EXPECT_THAT(only(d).message, HasSubstr("n = 1 is outside [2, 8192]"));

  EXPECT_EQ(only(design(64, 0, 0)).field, "w");
  EXPECT_EQ(only(design(64, 21, 0)).field, "w");

  EXPECT_EQ(only(design(64, 8, 65)).field, "m");
  EXPECT_THAT(only(design(64, 8, 65)).message, HasSubstr("choose m <= n"));

  d = design(64, 8, 3);
  d.p = 5;
  EXPECT_EQ(only(d).field, "p");
  EXPECT_THAT(only(d).message, HasSubstr("p = 5 exceeds m + 1 = 4"));

  d = design(64, 8, 0);
  d.e = 4;
  EXPECT_EQ(only(d).field, "e");
  EXPECT_THAT(only(d).message, HasSubstr("8 look-up groups has only 3 levels"));
  d = design(64, 8, 64);
  d.e = 1;
  EXPECT_THAT(only(d).message, HasSubstr("choose e in [0, 0]"));

  d = design(64, 8, 0);
  d.r = 0;
  EXPECT_EQ(only(d).field, "r");
  d.r = 1, d.rho = 1;
  EXPECT_EQ(only(d).field, "rho");
  d.rho = 9;
  EXPECT_EQ(only(d).field, "rho");

  d = design(8192, 8, 8192);
  d.p = 8193, d.segment = 1;
  EXPECT_EQ(only(d).field, "segment");
  d = design(64, 8, 0);
  d.form = Form::template_, d.segment = 16;
  EXPECT_EQ(only(d).field, "segment");
}

TEST(Design, TableMemoryIsLimited) {
  const Design d = design(1024, 20, 0);  // 52 tables of a million 128-byte entries
  EXPECT_EQ(only(d).field, "w");
  EXPECT_THAT(only(d).message, HasSubstr("lower w, raise m, raise the limit"));
  EXPECT_TRUE(violations(d, std::uint64_t{1} << 40).empty());
}

TEST(Design, IndependentRulesAreReportedTogether) {
  Design d = design(64, 8, 3);
  d.p = 9, d.r = 0, d.rho = 1;
  EXPECT_EQ(violations(d).size(), 3u);
}

}  // namespace
}  // namespace allmod
