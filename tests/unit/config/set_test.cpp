// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "machine.h"

using config_test::contains;
using config_test::Folder;
using config_test::read_text;
using sim::config::Diagnostics;
using sim::config::Document;

namespace {

TEST(Set, ValuesOfEveryKind) {
  const auto r =
      read_text("design: {w: 3}\nstages: [{}, {latency: 2}]\n",
                {"design.w=5", "clock_mhz=1e3", "trace=a b", "design.taps=[4, 5]", "stages[1].latency=9",
                 "design={form: serial}", "strict=on", "seed=0x10", "design.m=balanced"});
  ASSERT_TRUE(r.diagnostics.ok()) << r.text;
  EXPECT_EQ(r.machine.design.w, 5u);
  EXPECT_EQ(r.machine.clock_mhz, 1000);
  EXPECT_EQ(r.machine.trace, "a b");
  EXPECT_EQ(r.machine.design.taps, (std::vector<std::int64_t>{4, 5}));
  EXPECT_EQ(r.machine.stages[1].latency, 9u);
  EXPECT_EQ(r.machine.design.form, config_test::Form::serial);
  EXPECT_TRUE(r.machine.strict);
  EXPECT_EQ(r.machine.seed, 16u);
}

TEST(Set, LastOneWinsAndEqualsSignsInTheValueStay) {
  const auto r = read_text("", {"design.w=1", "design.w=2", "trace=a=b"});
  ASSERT_TRUE(r.diagnostics.ok()) << r.text;
  EXPECT_EQ(r.machine.design.w, 2u);
  EXPECT_EQ(r.machine.trace, "a=b");
}

TEST(Set, ErrorsAreShownAtTheArgument) {
  const auto r =
      read_text("seed: 1\n", {"design.w=300", "desing.w=3", "design.form=seriel", "clock_mhz.x=1"});
  EXPECT_EQ(
      r.text,
      "--set clock_mhz.x=1: error: clock_mhz: this is a single setting, not a section: write `VALUE` or "
      "`{value: VALUE, provenance: WORD, source: TEXT}`\n"
      "--set design.form=seriel: error: design.form: cannot read 'seriel' as one of pipelined, serial, "
      "template_literal, did you mean 'serial'?\n"
      "--set design.w=300: error: design.w: 300 is outside [1, 20] bit\n"
      "--set desing.w=3: error: desing: unknown key, did you mean 'design'?\n");
}

TEST(Set, BadSyntax) {
  for (const char* bad : {"", "=", "=3", "w", "a..b=1", ".a=1", "a.=1", "a[=1", "a[]=1", "a[x]=1", "a[-1]=1",
                          "[0]=1", "a b=1", "a[0]b=1", "a[99999999999999999999]=1"}) {
    Diagnostics d;
    auto doc = Document::parse("a: [1]", "f", d);
    doc.set(bad, d);
    EXPECT_TRUE(contains(d.text(), "PATH=VALUE is wanted")) << bad << "\n" << d.text();
  }
  for (const char* bad :
       {"x=[1", "x={a: 1", "x='open", "x=a: b: c", "x=\x01", "x={a: 1, a: 2}", "x=1\n---\n2"}) {
    Diagnostics d;
    auto doc = Document::parse("", "f", d);
    doc.set(bad, d);
    EXPECT_EQ(d.errors(), 1u) << bad << d.text();
    EXPECT_EQ(d.text().substr(0, 6), "--set ") << d.text();
    EXPECT_FALSE(doc.has("x"));
  }
}

TEST(Set, WhatIsNotThere) {
  const auto r =
      read_text("seed: 1\nstages: [{}]\n", {"stages[1].latency=2", "design.taps[0]=1", "seed.x=1"});
  EXPECT_TRUE(contains(r.text,
                       "--set stages[1].latency=2: error: stages: has no element [1]: the list has 1 (the "
                       "first is [0])"))
      << r.text;
  EXPECT_TRUE(contains(r.text,
                       "design.taps: has no element [0]: no such list is written in the configuration; set "
                       "the whole list"))
      << r.text;
  EXPECT_TRUE(contains(r.text, "seed: is a single value (f.yaml:1:7), so 'x' cannot be set in it")) << r.text;
}

TEST(Set, EmptyValueIsRefusedWithTheWayToWriteIt) {
  EXPECT_EQ(read_text("", {"trace="}).text,
            "--set trace=: error: trace: no value given: write \"\" for an empty text\n");
  EXPECT_EQ(read_text("", {"trace=''"}).text, "");
}

TEST(Set, AClaimDoesNotSurviveANewValue) {
  const std::string yaml = "design:\n  w: {value: 3, provenance: measured, source: lab}\n";
  for (const char* set : {"design.w=4", "design.w.value=4", "design={w: 4}", "design.w={value: 4}"}) {
    const auto r = read_text(yaml, {set});
    EXPECT_EQ(r.machine.design.w, 4u) << set << r.text;
    EXPECT_EQ(r.resolved.find("design.w")->provenance, sim::config::Provenance::user) << set;
  }
  const auto kept = read_text(yaml, {"design.w.source=other lab"});
  EXPECT_EQ(kept.resolved.find("design.w")->source, "other lab");
}

TEST(Set, Include) {
  const Folder folder;
  const auto file = folder.write("d.yaml", "w: 7\n");
  const auto r = read_text("design: {form: serial}\n", {"design={include: " + file + "}"});
  EXPECT_TRUE(r.diagnostics.ok()) << r.text;
  EXPECT_EQ(r.machine.design.w, 7u);
  EXPECT_EQ(r.machine.design.form, config_test::Form::serial);
  EXPECT_TRUE(contains(read_text("", {"include=x.yaml"}).text, "include is not a setting"));
}

TEST(Set, DeepPathsAreLimited) {
  std::string path = "a";
  for (int i = 0; i < 100; ++i) path += ".a";
  EXPECT_TRUE(contains(read_text("", {path + "=1"}).text, "nested deeper than 64 levels"));
}

TEST(Set, ArgumentIsShownShortAndClean) {
  const auto r = read_text("", {"design.w=" + std::string(100000, '9') + "\x1b"});
  EXPECT_LT(r.text.size(), 500u);
  EXPECT_EQ(r.text.find('\x1b'), std::string::npos);
}

}  // namespace
