// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/diagnostics.h"

#include <memory>

#include <gtest/gtest.h>

#include "sim/core/error.h"

using sim::config::Diagnostics;
using sim::config::Mark;
using sim::config::Source;

namespace {

std::shared_ptr<const Source> source(const std::string& name, std::vector<std::string> lines) {
  auto s = std::make_shared<Source>();
  s->name = name;
  s->lines = std::move(lines);
  return s;
}

TEST(Diagnostics, NothingToSay) {
  Diagnostics d;
  EXPECT_TRUE(d.ok());
  EXPECT_EQ(d.text(), "");
  EXPECT_NO_THROW(d.throw_if_any());
}

TEST(Diagnostics, SortedByFileLineColumnWithCaret) {
  const auto a = source("a.yaml", {"lanes: 300", "  \tw: x"});
  Diagnostics d;
  d.error(Mark("b.yaml"), "whole file");
  d.error(Mark(a, 2, 7), "second");
  d.error(Mark(a, 1, 8), "lanes: 300 is outside [1, 256]");
  d.warning(Mark(a, 1, 1), "look");
  EXPECT_EQ(d.text(),
            "a.yaml:1:1: warning: look\n"
            "    1 | lanes: 300\n"
            "      | ^\n"
            "a.yaml:1:8: error: lanes: 300 is outside [1, 256]\n"
            "    1 | lanes: 300\n"
            "      |        ^\n"
            "a.yaml:2:7: error: second\n"
            "    2 |   \tw: x\n"
            "      |   \t   ^\n"
            "b.yaml: error: whole file\n");
  EXPECT_EQ(d.errors(), 3u);
  EXPECT_EQ(d.warnings(), 1u);
}

TEST(Diagnostics, LinesSortAsNumbers) {
  Diagnostics d;
  d.error(Mark("a", 10, 1), "ten");
  d.error(Mark("a", 9, 1), "nine");
  EXPECT_EQ(d.text(), "a:9:1: error: nine\na:10:1: error: ten\n");
}

TEST(Diagnostics, CaretCountsCharactersNotBytes) {
  Diagnostics d;
  d.error(Mark(source("a", {"n\xC3\xA9\xC3\xA9: 1"}), 1, 8), "x");  // byte column of '1'
  EXPECT_EQ(d.text(), "a:1:8: error: x\n    1 | n\xC3\xA9\xC3\xA9: 1\n      |      ^\n");
}

TEST(Diagnostics, LongLinesAreShownAroundTheColumn) {
  Diagnostics d;
  d.error(Mark(source("a", {std::string(5000, 'x') + "HERE" + std::string(5000, 'y')}), 1, 5001), "x");
  const std::string text = d.text();
  EXPECT_LT(text.size(), 400u);
  const auto lines_at = text.find("...x");
  const auto caret = text.rfind('^');
  ASSERT_NE(lines_at, std::string::npos);
  const auto line_start = text.rfind('\n', lines_at) + 1;
  const auto caret_start = text.rfind('\n', caret) + 1;
  EXPECT_EQ(text[line_start + (caret - caret_start)], 'H');
}

TEST(Diagnostics, ControlCharactersDoNotReachTheTerminal) {
  Diagnostics d;
  d.error(Mark(source("a", {"w: \x1b[31m"}), 1, 4), "x");
  EXPECT_EQ(d.text().find('\x1b'), std::string::npos);
}

TEST(Diagnostics, ColumnBeyondTheLineIsHarmless) {
  Diagnostics d;
  d.error(Mark(source("a", {"w"}), 1, 400), "x");
  d.error(Mark(source("a", {"w"}), 7, 1), "y");
  EXPECT_EQ(d.text(), "a:1:400: error: x\n    1 | w\n      |  ^\na:7:1: error: y\n");
}

TEST(Diagnostics, EqualOnesOnceAndManyCut) {
  Diagnostics d;
  for (int i = 0; i < 3; ++i) d.error(Mark("a", 1, 1), "same");
  EXPECT_EQ(d.text(), "a:1:1: error: same\n");
  for (unsigned i = 0; i < 1000; ++i) d.error(Mark("b", i + 1, 1), "x");
  EXPECT_NE(d.text().find("and 901 more of these\n"), std::string::npos);
}

TEST(Diagnostics, ThrowsWithUsageExit) {
  Diagnostics d;
  d.warning(Mark("a"), "only a warning");
  EXPECT_NO_THROW(d.throw_if_any());
  d.error(Mark("a"), "bad");
  try {
    d.throw_if_any();
    FAIL() << "did not throw";
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::usage);
    EXPECT_EQ(std::string(e.what()), "a: warning: only a warning\na: error: bad\n");
  }
}

TEST(Mark, Text) {
  EXPECT_EQ(Mark().text(), "");
  EXPECT_FALSE(Mark().known());
  EXPECT_EQ(Mark("f").text(), "f");
  EXPECT_EQ(Mark("f", 3).text(), "f:3");
  EXPECT_EQ(Mark("f", 3, 4).text(), "f:3:4");
}

}  // namespace
