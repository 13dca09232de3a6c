// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/compare.h"

#include <sstream>

#include <gtest/gtest.h>

namespace sim::app {
namespace {

using Json = nlohmann::ordered_json;

std::vector<Difference> differences(const char* golden, const char* actual, CompareRules rules = {}) {
  return compare(Json::parse(golden), Json::parse(actual), rules);
}

TEST(Compare, EqualDocumentsHaveNoDifference) {
  const char* text = R"({"a": 1, "b": [1.5, null, true, "x"], "c": {"d": -3}})";
  EXPECT_TRUE(differences(text, text).empty());
}

TEST(Compare, IntegersAreExact) {
  // One part in 2^62: a double would not see it.
  const auto found = differences(R"({"n": 4611686018427387904})", R"({"n": 4611686018427387905})");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].path, "n");
  EXPECT_EQ(found[0].golden, "4611686018427387904");
  EXPECT_EQ(found[0].actual, "4611686018427387905");
}

TEST(Compare, IntegersIgnoreTheTolerance) {
  CompareRules rules;
  rules.rel_tol = 0.5;
  EXPECT_EQ(differences("[100]", "[101]", rules).size(), 1u);
}

TEST(Compare, DoublesUseTheRelativeTolerance) {
  CompareRules rules;
  rules.rel_tol = 0.01;
  EXPECT_TRUE(differences("[100.0]", "[100.9]", rules).empty());
  const auto found = differences("[100.0]", "[102.0]", rules);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].path, "[0]");
  EXPECT_EQ(found[0].change, "+2 %");
}

TEST(Compare, ANumberThatBecameAnIntegerIsStillTheSameNumber) {
  EXPECT_TRUE(differences("[2.0]", "[2]").empty());
  EXPECT_EQ(differences("[2.5]", "[2]").size(), 1u);
}

TEST(Compare, KeysAndElementsThatOnlyOneSideHas) {
  const auto found = differences(R"({"old": 1, "list": [1, 2]})", R"({"list": [1, 2, 3], "new": 1})");
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].path, "old");
  EXPECT_EQ(found[0].actual, "(absent)");
  EXPECT_EQ(found[1].path, "list[2]");
  EXPECT_EQ(found[1].golden, "(absent)");
  EXPECT_EQ(found[2].path, "new");
}

TEST(Compare, TypesMustAgree) {
  EXPECT_EQ(differences(R"({"a": null})", R"({"a": 0})").size(), 1u);
  EXPECT_EQ(differences(R"({"a": "1"})", R"({"a": 1})").size(), 1u);
  EXPECT_EQ(differences(R"({"a": true})", R"({"a": 1})").size(), 1u);
}

TEST(Compare, IgnoredKeysAreIgnoredAtEveryDepth) {
  CompareRules rules;
  rules.ignore = {"wall_s"};
  EXPECT_TRUE(differences(R"({"wall_s": 1, "a": {"wall_s": 2}})", R"({"a": {"wall_s": 3}})", rules).empty());
}

TEST(Compare, TheTableIsAligned) {
  std::ostringstream out;
  write_differences(out, differences(R"({"cycles": 1000, "x": "a"})", R"({"cycles": 1010, "x": "b"})"));
  EXPECT_EQ(out.str(),
            "  key     golden  this run  change\n"
            "  cycles    1000      1010  +1 %\n"
            "  x          \"a\"       \"b\"\n");
}

}  // namespace
}  // namespace sim::app
