// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "machine.h"

using config_test::contains;
using config_test::Folder;
using config_test::Machine;
using sim::config::Diagnostics;
using sim::config::Document;

namespace {

TEST(Include, OwnKeysOverrideAndMapsMerge) {
  const Folder folder;
  folder.write("base.yaml", "x: 1\ny: 2\nmap: {a: 1, b: {c: 1, d: 2}}\nlist: [1, 2, 3]\n");
  const auto file =
      folder.write("top.yaml", "y: 20\ninclude: base.yaml\nmap: {b: {d: 20, e: 30}}\nlist: [9]\n");
  Diagnostics d;
  const auto doc = Document::load(file, d);
  ASSERT_TRUE(d.ok()) << d.text();
  EXPECT_EQ(doc.scalar("x"), "1");
  EXPECT_EQ(doc.scalar("y"), "20");
  EXPECT_EQ(doc.scalar("map.a"), "1");
  EXPECT_EQ(doc.scalar("map.b.c"), "1");
  EXPECT_EQ(doc.scalar("map.b.d"), "20");
  EXPECT_EQ(doc.scalar("map.b.e"), "30");
  EXPECT_EQ(doc.find("list")->items.size(), 1u);
  EXPECT_FALSE(doc.has("include"));
  // Every value keeps its own place.
  EXPECT_EQ(doc.mark("x").text(), folder.file("base.yaml") + ":1:4");
  EXPECT_EQ(doc.mark("map.b.c").text(), folder.file("base.yaml") + ":3:20");
  EXPECT_EQ(doc.mark("map.b.d").text(), file + ":3:14");
}

TEST(Include, LaterFilesOverrideEarlierOnes) {
  const Folder folder;
  folder.write("a.yaml", "x: 1\ny: 1\n");
  folder.write("b.yaml", "y: 2\nz: 2\n");
  const auto file = folder.write("top.yaml", "include: [a.yaml, b.yaml]\n");
  Diagnostics d;
  const auto doc = Document::load(file, d);
  ASSERT_TRUE(d.ok()) << d.text();
  EXPECT_EQ(doc.scalar("x") + doc.scalar("y") + doc.scalar("z"), "122");
}

TEST(Include, InAnyMapRelativeToItsFile) {
  const Folder folder;
  folder.write("parts/w.yaml", "w: 5\ninclude: more/m.yaml\n");
  folder.write("parts/more/m.yaml", "m: 7\nw: 6\n");
  const auto file = folder.write("top.yaml", "list:\n  - include: parts/w.yaml\n    n: 1\n");
  Diagnostics d;
  const auto doc = Document::load(file, d);
  ASSERT_TRUE(d.ok()) << d.text();
  EXPECT_EQ(doc.scalar("list[0].w") + doc.scalar("list[0].m") + doc.scalar("list[0].n"), "571");
}

TEST(Include, ErrorsInTheIncludedFileNameItAndTheWholePath) {
  const Folder folder;
  folder.write("design.yaml", "w: 300\nform: pipelind\nw: 2\n");
  const auto file = folder.write("top.yaml", "design:\n  include: design.yaml\n");
  Diagnostics d;
  const auto doc = Document::load(file, d);
  Machine machine;
  sim::config::read(doc, machine, d);
  const std::string text = d.text();
  EXPECT_TRUE(contains(text, folder.file("design.yaml") +
                                 ":1:4: error: design.w: 300 is outside [1, 20] bit\n" +
                                 "    1 | w: 300\n      |    ^\n"))
      << text;
  EXPECT_TRUE(contains(text, "design.yaml:2:7: error: design.form: cannot read 'pipelind'")) << text;
  EXPECT_TRUE(contains(text, "design.yaml:3:1: error: design.w: given twice")) << text;
}

TEST(Include, EmptyPartsKeepWhatIsBelow) {
  const Folder folder;
  folder.write("empty.yaml", "# nothing\n");
  folder.write("base.yaml", "design: {w: 5}\n");
  const auto file = folder.write("top.yaml", "include: [base.yaml, empty.yaml]\ndesign:\n");
  Diagnostics d;
  EXPECT_EQ(Document::load(file, d).scalar("design.w"), "5");
  EXPECT_TRUE(d.ok()) << d.text();
}

TEST(Include, AnAnnotatedValueIsReplacedWhole) {
  const Folder folder;
  folder.write("base.yaml",
               "w: {value: 3, provenance: measured, source: lab}\nv: {value: 3, provenance: assumed}\n");
  const auto file = folder.write("top.yaml", "include: base.yaml\nw: {value: 4}\nv: 4\n");
  Diagnostics d;
  const auto doc = Document::load(file, d);
  EXPECT_EQ(doc.scalar("w"), "4");
  EXPECT_FALSE(doc.has("w.provenance"));
  EXPECT_FALSE(doc.has("v.provenance"));
}

TEST(Include, ASectionMayHaveASettingCalledValue) {
  const Folder folder;
  folder.write("base.yaml", "modulus: {value: 17, source: prime, bits: 5}\n");
  const auto file = folder.write("top.yaml", "include: base.yaml\nmodulus: {value: 19}\n");
  Diagnostics d;
  const auto doc = Document::load(file, d);
  EXPECT_EQ(doc.scalar("modulus.value"), "19");
  EXPECT_EQ(doc.scalar("modulus.source"), "prime");
  EXPECT_EQ(doc.scalar("modulus.bits"), "5");
}

TEST(Include, Circles) {
  const Folder folder;
  folder.write("a.yaml", "include: sub/../b.yaml\n");
  folder.write("b.yaml", "x:\n  include: a.yaml\n");
  folder.write("sub/c.yaml", "");
  folder.write("self.yaml", "include: self.yaml\n");
  Diagnostics d;
  Document::load(folder.file("a.yaml"), d);
  EXPECT_TRUE(contains(d.text(), "b.yaml:2:12: error: files include each other in a circle: ")) << d.text();
  EXPECT_TRUE(contains(d.text(), "a.yaml -> " + folder.file("b.yaml") + " -> " + folder.file("a.yaml")))
      << d.text();
  Diagnostics e;
  Document::load(folder.file("self.yaml"), e);
  EXPECT_EQ(e.errors(), 1u) << e.text();
}

TEST(Include, TheSameFileTwiceIsNoCircle) {
  const Folder folder;
  folder.write("leaf.yaml", "v: 1\n");
  const auto file = folder.write("top.yaml", "a: {include: leaf.yaml}\nb: {include: leaf.yaml}\n");
  Diagnostics d;
  EXPECT_EQ(Document::load(file, d).scalar("b.v"), "1");
  EXPECT_TRUE(d.ok()) << d.text();
}

TEST(Include, WhatCannotBeIncluded) {
  const Folder folder;
  folder.write("list.yaml", "[1, 2]\n");
  const auto file = folder.write("top.yaml",
                                 "include: none.yaml\na: {include: {x: 1}}\nb: {include: [[x]]}\nc: "
                                 "{include: list.yaml}\nd: {include: ''}\n"
                                 "e: {include: }\n");
  Diagnostics d;
  Document::load(file, d);
  const std::string text = d.text();
  EXPECT_EQ(d.errors(), 6u) << text;
  EXPECT_TRUE(
      contains(text, "top.yaml:1:10: error: " + folder.file("none.yaml") + " cannot be opened: No such"));
  EXPECT_TRUE(contains(text, "top.yaml:2:14: error: a.include: a file name or a list of them is wanted"));
  EXPECT_TRUE(contains(text, "top.yaml:3:15: error: b.include: a file name is wanted"));
  EXPECT_TRUE(contains(text, "list.yaml:1:1: error: a configuration is"));
}

TEST(Include, FansOutNoFurtherThanTheLimit) {
  // 2^30 files when followed; the limit of files ends it.
  const Folder folder;
  for (int i = 0; i < 30; ++i) {
    const std::string next = std::to_string(i + 1) + ".yaml";
    folder.write(std::to_string(i) + ".yaml", "a: {include: " + next + "}\nb: {include: " + next + "}\n");
  }
  folder.write("30.yaml", "x: 1\n");
  Diagnostics d;
  Document::load(folder.file("0.yaml"), d);
  EXPECT_TRUE(contains(d.text(), "too many included files (at most 1000"));
}

TEST(Include, ChainIsLimited) {
  const Folder folder;
  for (int i = 0; i < 60; ++i) {
    folder.write(std::to_string(i) + ".yaml", "include: " + std::to_string(i + 1) + ".yaml\n");
  }
  Diagnostics d;
  Document::load(folder.file("0.yaml"), d);
  EXPECT_TRUE(contains(d.text(), "32 inside each other")) << d.text();
}

}  // namespace
