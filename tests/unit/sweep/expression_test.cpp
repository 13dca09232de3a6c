// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/expression.h"

#include <cmath>
#include <map>
#include <stdexcept>

#include <gmock/gmock.h>

namespace sim::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::optional<std::string> look(const std::string& name) {
  static const std::map<std::string, std::string> kNames = {
      {"design.n", "256"}, {"design.form", "pipelined"}, {"k", "0x10"},
      {"flag", "true"},    {"energy_j.total", "1.5e-3"}, {"gone", "null"},
      {"kv", "fp16"}};
  const auto found = kNames.find(name);
  if (found == kNames.end()) return std::nullopt;
  return found->second;
}

double value(const std::string& text) { return Expression(text).evaluate(look); }

TEST(Expression, computes) {
  EXPECT_EQ(value("design.n / 4 + k"), 80);
  EXPECT_EQ(value("ceil((design.n + 8) / 9)"), 30);
  EXPECT_EQ(value("mod(design.n, 7) + log2(design.n)"), 12);
  EXPECT_DOUBLE_EQ(value("energy_j.total * 1000"), 1.5);
  EXPECT_EQ(value("flag ? min(3, 2) : 7"), 2);
}

TEST(Expression, compares_words_with_settings) {
  EXPECT_TRUE(Expression("design.form == pipelined").holds(look));
  EXPECT_FALSE(Expression("design.form == serial").holds(look));
  EXPECT_TRUE(Expression("kv != pq && !(kv == pq) && flag").holds(look));
  EXPECT_TRUE(Expression("design.n >= 256 || design.form == serial").holds(look));
}

TEST(Expression, has_no_value_where_a_name_has_none) {
  EXPECT_TRUE(std::isnan(value("design.missing + 1")));
  EXPECT_TRUE(std::isnan(value("gone + 1")));
  EXPECT_FALSE(Expression("design.missing < 3").holds(look));
  EXPECT_FALSE(Expression("0 / 0").holds(look));
}

TEST(Expression, names_its_names) {
  EXPECT_THAT(Expression("design.n + min(k, design.n) == b").names(), ElementsAre("b", "design.n", "k"));
}

TEST(Expression, says_what_is_wrong) {
  for (const char* text : {"", "1 +", "(1", "1 2", "a = 3 +", "f(1)", "1,2", "design.n =", "\"x"}) {
    EXPECT_THROW(Expression{text}, std::invalid_argument) << text;
  }
  try {
    Expression("design.n + (2");
    FAIL();
  } catch (const std::invalid_argument& e) {
    EXPECT_THAT(e.what(), HasSubstr("design.n + (2"));
  }
}

TEST(NumberText, is_what_a_setting_takes) {
  EXPECT_EQ(number_text(37), "37");
  EXPECT_EQ(number_text(-2), "-2");
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(std::stod(number_text(1.0 / 3)), 1.0 / 3);
}

}  // namespace
}  // namespace sim::sweep
