// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/document.h"

#include "machine.h"

using config_test::contains;
using config_test::Folder;
using sim::config::Diagnostics;
using sim::config::Document;
using sim::config::Node;

namespace {

std::string errors(const std::string& yaml) {
  Diagnostics d;
  Document::parse(yaml, "f.yaml", d);
  return d.text();
}

TEST(Document, TreeWithMarks) {
  Diagnostics d;
  const auto doc = Document::parse("a: 1\nb:\n  c: [x, 'y']\n  d: {value: 3}\n", "f.yaml", d);
  ASSERT_TRUE(d.ok()) << d.text();
  EXPECT_TRUE(doc.has("a"));
  EXPECT_TRUE(doc.has("b.c[1]"));
  EXPECT_FALSE(doc.has("b.c[2]"));
  EXPECT_FALSE(doc.has("b.x"));
  EXPECT_FALSE(doc.has("a.b"));
  EXPECT_FALSE(doc.has("a[0]"));
  for (const char* bad : {".", "a.", ".a", "b.c[", "b.c[]", "b.c[x]", "b..c", "b.c[99999999999999999999]"}) {
    EXPECT_FALSE(doc.has(bad)) << bad;
  }
  EXPECT_EQ(doc.scalar("a"), "1");
  EXPECT_EQ(doc.scalar("b.c[1]"), "y");
  EXPECT_TRUE(doc.find("b.c[1]")->quoted);
  EXPECT_FALSE(doc.find("b.c[0]")->quoted);
  EXPECT_EQ(doc.scalar("b.d"), "3");  // looked through
  EXPECT_EQ(doc.scalar("b"), "");
  EXPECT_EQ(doc.mark("a").text(), "f.yaml:1:4");
  EXPECT_EQ(doc.mark("b.c[1]").text(), "f.yaml:3:10");
  EXPECT_EQ(doc.mark("b.c[7].x").text(), "f.yaml:3:6");  // nearest there is
  EXPECT_EQ(doc.mark("zzz").text(), "f.yaml");
  EXPECT_EQ(doc.name(), "f.yaml");
}

TEST(Document, EmptyIsAnEmptyMap) {
  for (const char* text :
       {"", "\n", "# only a comment\n", "---\n", "~", "null", "{}", "\xEF\xBB\xBF", "   "}) {
    Diagnostics d;
    const auto doc = Document::parse(text, "f", d);
    EXPECT_TRUE(d.ok()) << text << d.text();
    EXPECT_TRUE(doc.root().is_map()) << text;
  }
}

TEST(Document, TopMustBeAMap) {
  EXPECT_EQ(errors("- 1\n- 2\n"),
            "f.yaml:1:1: error: a configuration is `key: value` lines, but this is a list\n"
            "    1 | - 1\n      | ^\n");
  EXPECT_TRUE(contains(errors("hello"), "but this is a single value\n"));
  EXPECT_TRUE(contains(errors("w:8"), "is a space missing after ':'?"));
}

TEST(Document, DuplicateKeysAtAnyDepth) {
  EXPECT_EQ(errors("a: 1\nb:\n  - c: {d: 1, d: 2}\na: 2\n"),
            "f.yaml:3:15: error: b[0].c.d: given twice, first in line 3: remove one\n"
            "    3 |   - c: {d: 1, d: 2}\n      |               ^\n"
            "f.yaml:4:1: error: a: given twice, first in line 1: remove one\n"
            "    4 | a: 2\n      | ^\n");
  // The second value is skipped whatever it is; what follows is read.
  Diagnostics d;
  const auto doc = Document::parse("a: 1\na: {x: [1, {y: 2}]}\nb: 3\n", "f", d);
  EXPECT_EQ(d.errors(), 1u);
  EXPECT_EQ(doc.scalar("a"), "1");
  EXPECT_EQ(doc.scalar("b"), "3");
}

TEST(Document, KeysAreWords) {
  EXPECT_TRUE(contains(errors("[a, b]: 1"), "a key must be a word"));
  EXPECT_TRUE(contains(errors("? {a: b}\n: 1"), "a key must be a word"));
  EXPECT_TRUE(contains(errors("x: {~: 1}"), "a key is missing before ':'"));
  EXPECT_TRUE(contains(errors("a: &k b\n*k : 1"), "an alias cannot be a key"));
  EXPECT_TRUE(
      contains(errors("b: &x {k: 1}\na:\n  <<: *x\n"), "f.yaml:3:3: error: a.<<: merge keys are not used"));
}

TEST(Document, TagsAreRefused) {
  EXPECT_TRUE(
      contains(errors("a: !!int 3"), "1:4: error: a: YAML tags are not used here: remove 'tag:yaml.org"));
  EXPECT_TRUE(contains(errors("a: !evil {b: 1}"), "remove '!evil'"));
  EXPECT_TRUE(contains(errors("!!map {a: 1}"), "YAML tags are not used"));
}

TEST(Document, OneDocument) {
  EXPECT_EQ(errors("---\na: 1\n...\n"), "");
  EXPECT_TRUE(contains(errors("a: 1\n---\nb: 2\n"), "3:1: error: a second YAML document"));
}

TEST(Document, Aliases) {
  Diagnostics d;
  const auto doc = Document::parse("a: &x {b: [1, &y 2]}\nc: *x\nd: *y\n", "f", d);
  ASSERT_TRUE(d.ok()) << d.text();
  EXPECT_EQ(doc.scalar("c.b[1]"), "2");
  EXPECT_EQ(doc.scalar("d"), "2");
  EXPECT_TRUE(contains(errors("a: *nowhere"), "f.yaml:1:"));
  EXPECT_TRUE(contains(errors("a: &x [1, *x]"), "a[1]: the alias stands inside the value it repeats"));
}

TEST(Document, SyntaxErrorsHavePositions) {
  EXPECT_TRUE(
      contains(errors("a: [1, 2\nb: 3"),
               "f.yaml:2:2: error: not valid YAML: end of sequence flow not found (a ']' is missing)"));
  EXPECT_TRUE(contains(errors("a: [[1, 2\nb: 3"), "is a closing ']' or '}' missing?"));
  EXPECT_TRUE(contains(errors("a: @x"), "needs quotes"));
  EXPECT_TRUE(contains(errors("a: 1\n  b: 2\n"), "not valid YAML: "));
  EXPECT_TRUE(
      contains(errors("a: \"open"), "not valid YAML: illegal EOF in scalar (a quote is never closed)"));
  EXPECT_TRUE(contains(errors("a: 'x' y"), "not valid YAML: "));
  EXPECT_TRUE(contains(errors("a:\n\tb: 1\n"), "tab")) << errors("a:\n\tb: 1\n");
}

TEST(Document, QuotesThatAreNeverClosed) {
  EXPECT_EQ(errors("b:\n  a: \"open\nc: 1\n"),
            "f.yaml:2:6: error: b.a: the quote opened here is never closed\n"
            "    2 |   a: \"open\n      |      ^\n");
  EXPECT_TRUE(contains(errors("a: 'it''s\n"), "1:4: error: a: the quote opened here is never closed"));
  EXPECT_TRUE(contains(errors("a: &x 'open\n"), "a: the quote opened here is never closed"));
  EXPECT_TRUE(contains(errors("a: \"x\\\"\n"), "never closed"));
  EXPECT_EQ(
      errors("a: \"x\\\\\"\nb: 'it''s'\nc: &x \"two\n  lines\"\nd: \"'\"\ne: '\"'\nf: ''\n\"g\": \"\"\n"),
      "");
  EXPECT_EQ(errors("a: |\n  \"not a quote\nb: >-\n  'nor this\n"), "");
}

TEST(Document, ByteOrderMarkDoesNotShiftColumns) {
  EXPECT_TRUE(contains(errors("\xEF\xBB\xBF"
                              "a: 1\na: 2"),
                       "f.yaml:2:1: "));
  Diagnostics d;
  EXPECT_EQ(Document::parse("\xEF\xBB\xBF"
                            "a: 'x'",
                            "f", d)
                .mark("a")
                .text(),
            "f:1:4");
}

TEST(Document, LineEndsOfWindows) {
  Diagnostics d;
  const auto doc = Document::parse("a: 1\r\nb: [x,\r\n  y]\r\n", "f", d);
  EXPECT_TRUE(d.ok()) << d.text();
  EXPECT_EQ(doc.mark("b[1]").text(), "f:3:3");
  EXPECT_EQ(doc.scalar("b[1]"), "y");
}

TEST(Document, FilesThatCannotBeRead) {
  const Folder folder;
  Diagnostics d;
  Document::load(folder.file("none.yaml"), d);
  EXPECT_EQ(d.text(),
            "error: " + folder.file("none.yaml") + " cannot be opened: No such file or directory\n");
  Diagnostics e;
  Document::load(folder.file(""), e);
  EXPECT_TRUE(contains(e.text(), "is a folder, not a file")) << e.text();
}

TEST(Document, LoadsAFile) {
  const Folder folder;
  const auto file = folder.write("a.yaml", "a: 1\n");
  Diagnostics d;
  const auto doc = Document::load(file, d);
  EXPECT_TRUE(d.ok());
  EXPECT_EQ(doc.mark("a").text(), file + ":1:4");
}

}  // namespace
