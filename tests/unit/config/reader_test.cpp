// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/reader.h"

#include <limits>

#include "machine.h"

using config_test::contains;
using config_test::Form;
using config_test::read_text;

namespace {

TEST(Reader, NothingGivenKeepsDefaults) {
  const auto r = read_text("");
  EXPECT_TRUE(r.diagnostics.ok()) << r.text;
  EXPECT_EQ(r.machine.design.w, 8u);
  EXPECT_EQ(r.machine.stages.size(), 2u);
  ASSERT_NE(r.resolved.find("stages[1].latency"), nullptr);
  EXPECT_EQ(r.resolved.find("stages[1].latency")->value, "3");
  EXPECT_FALSE(r.resolved.find("design.w")->explicit_);
  EXPECT_EQ(r.resolved.find("design.w")->unit, "bit");
  EXPECT_EQ(r.resolved.find("nothing"), nullptr);
}

TEST(Reader, EveryKind) {
  const auto r = read_text(
      "model: other\nclock_mhz: 1410.5\nstrict: true\noffset: -7\nlow: -9223372036854775808\n"
      "seed: 18446744073709551615\ntrace: \"a: b\"\nratio: auto\n"
      "design:\n  form: template_literal\n  w: 0x8\n  m: 4\n  taps: []\n  forms: [serial, pipelined]\n  "
      "mask: [no, yes, on]\n"
      "stages:\n  - {name: a, latency: 5, weights: [0.5]}\n  -\n  - latency: 1e2\n");
  ASSERT_TRUE(r.diagnostics.ok()) << r.text;
  EXPECT_EQ(r.machine.model, "other");
  EXPECT_EQ(r.machine.clock_mhz, 1410.5);
  EXPECT_TRUE(r.machine.strict);
  EXPECT_EQ(r.machine.offset, -7);
  EXPECT_EQ(r.machine.low, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(r.machine.seed, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(r.machine.trace, "a: b");
  EXPECT_TRUE(r.machine.ratio.is_auto());
  EXPECT_EQ(r.machine.design.form, Form::template_literal);
  EXPECT_EQ(r.machine.design.w, 8u);
  EXPECT_EQ(r.machine.design.m.value, 4u);
  EXPECT_TRUE(r.machine.design.taps.empty());
  EXPECT_EQ(r.machine.design.forms, (std::vector<Form>{Form::serial, Form::pipelined}));
  EXPECT_EQ(r.machine.design.mask, (std::vector<bool>{false, true, true}));
  ASSERT_EQ(r.machine.stages.size(), 3u);
  EXPECT_EQ(r.machine.stages[0].weights, std::vector<double>{0.5});
  EXPECT_EQ(r.machine.stages[1].name, "stage");  // an element starts from its own default, not from "second"
  EXPECT_EQ(r.machine.stages[2].latency, 100u);
}

TEST(Reader, EverythingWrongAtOnce) {
  const auto r = read_text(
      "lanes: 3\n"
      "clok_mhz: 1000\n"
      "clock_mhz: -1\n"
      "design:\n"
      "  w: three\n"
      "  form: seriall\n"
      "  latency: 5\n"
      "  taps: [1, x, 99]\n"
      "stages:\n"
      "  - latency: 0\n"
      "    nmae: x\n"
      "offset: 1\n"
      "offset: 2\n");
  EXPECT_EQ(r.text,
            "f.yaml:1:1: error: lanes: unknown key, known here: model, clock_mhz, strict, offset, low, seed, "
            "trace, "
            "ratio, design, stages\n"
            "    1 | lanes: 3\n      | ^\n"
            "f.yaml:2:1: error: clok_mhz: unknown key, did you mean 'clock_mhz'?\n"
            "    2 | clok_mhz: 1000\n      | ^\n"
            "f.yaml:3:12: error: clock_mhz: -1 is outside (0, 100000] MHz\n"
            "    3 | clock_mhz: -1\n      |            ^\n"
            "f.yaml:5:6: error: design.w: cannot read 'three' as a whole number\n"
            "    5 |   w: three\n      |      ^\n"
            "f.yaml:6:9: error: design.form: cannot read 'seriall' as one of pipelined, serial, "
            "template_literal, did "
            "you mean 'serial'?\n"
            "    6 |   form: seriall\n      |         ^\n"
            "f.yaml:7:3: error: design.latency: unknown key, did you mean 'stages[].latency'?\n"
            "    7 |   latency: 5\n      |   ^\n"
            "f.yaml:8:13: error: design.taps[1]: cannot read 'x' as a whole number\n"
            "    8 |   taps: [1, x, 99]\n      |             ^\n"
            "f.yaml:8:16: error: design.taps[2]: 99 is outside [-10, 10]\n"
            "    8 |   taps: [1, x, 99]\n      |                ^\n"
            "f.yaml:10:14: error: stages[0].latency: 0 is outside [1, 100] cycle\n"
            "   10 |   - latency: 0\n      |              ^\n"
            "f.yaml:11:5: error: stages[0].nmae: unknown key, did you mean 'name'?\n"
            "   11 |     nmae: x\n      |     ^\n"
            "f.yaml:13:1: error: offset: given twice, first in line 12: remove one\n"
            "   13 | offset: 2\n      | ^\n");
  // What cannot be read keeps its default.
  EXPECT_EQ(r.machine.design.w, 8u);
  EXPECT_EQ(r.machine.design.taps.size(), 3u);
}

TEST(Reader, KeysInTheWrongPlace) {
  EXPECT_TRUE(contains(read_text("w: 3").text, "w: unknown key, did you mean 'design.w'?"));
  EXPECT_TRUE(contains(read_text("design: {clock_mhz: 3}").text, "did you mean 'clock_mhz'?"));
  EXPECT_TRUE(
      contains(read_text("design.w: 3").text, "design.w: unknown key, write it nested: `design: {w: ...}`"));
  EXPECT_TRUE(contains(read_text("zzz: 3").text, "known here: model"));
}

TEST(Reader, WrongShapes) {
  EXPECT_EQ(read_text("design: 3").text,
            "f.yaml:1:9: error: design: this is a section of settings, not a single value: write its keys "
            "below it, "
            "indented\n    1 | design: 3\n      |         ^\n");
  EXPECT_TRUE(contains(read_text("design: [1]").text, "not a list"));
  EXPECT_EQ(read_text("design:\nseed: 2").text, "");  // every key of it commented out
  EXPECT_TRUE(contains(read_text("design: {w: [1]}").text, "design.w: a whole number is wanted, not a list"));
  EXPECT_TRUE(
      contains(read_text("design: {w: {a: 1}}").text, "design.w: this is a single setting, not a section"));
  EXPECT_TRUE(
      contains(read_text("design: {w: }").text, "1:10: error: design.w: no value given: a whole number"));
  EXPECT_TRUE(contains(read_text("design: {w: ~}").text, "design.w: no value given"));
  EXPECT_TRUE(contains(read_text("design: {taps: 3}").text,
                       "design.taps: a list is wanted, not a single value: write [3]"));
  EXPECT_TRUE(contains(read_text("design: {taps: }").text, "write [] for an empty list"));
  EXPECT_TRUE(contains(read_text("design: {taps: [[1]]}").text,
                       "design.taps[0]: a whole number is wanted, not a list"));
  EXPECT_TRUE(contains(read_text("design: {taps: [~]}").text,
                       "design.taps[0]: a whole number is wanted, not nothing"));
  EXPECT_TRUE(
      contains(read_text("stages: {name: a}").text, "stages: a list of sections is wanted, not a section"));
  EXPECT_TRUE(contains(read_text("stages:").text, "stages: no value given: write [] for an empty list"));
  EXPECT_TRUE(contains(read_text("stages: [3]").text,
                       "stages[0]: this is a section of settings, not a single value"));
  EXPECT_TRUE(contains(read_text("model: [a]").text, "model: a text is wanted, not a list"));
  EXPECT_TRUE(
      contains(read_text("clock_mhz: .nan").text, "clock_mhz: '.nan' is not allowed: give a finite number"));
  EXPECT_TRUE(contains(read_text("design: {w: '3'}").text, "remove the quotes"));
}

TEST(Reader, MarksFallBackToTheNearestEnclosing) {
  const auto r = read_text("seed: 3\ndesign:\n  taps: [1, 2]\nstages:\n  - name: a\n");
  EXPECT_EQ(r.resolved.mark("seed").text(), "f.yaml:1:7");
  EXPECT_EQ(r.resolved.mark("design").text(), "f.yaml:2:1");
  EXPECT_EQ(r.resolved.mark("design.w").text(), "f.yaml:2:1");
  EXPECT_EQ(r.resolved.mark("design.taps[1]").text(), "f.yaml:3:13");
  EXPECT_EQ(r.resolved.mark("design.taps[9]").text(), "f.yaml:3:9");
  EXPECT_EQ(r.resolved.mark("stages[0].latency").text(), "f.yaml:5:5");
  EXPECT_EQ(r.resolved.mark("clock_mhz").text(), "f.yaml");
  EXPECT_EQ(r.resolved.find("design.w")->mark.text(), "f.yaml:2:1");
  EXPECT_EQ(read_text("", {"design.w=3"}).resolved.mark("design.w").text(), "--set design.w=3");
}

}  // namespace
