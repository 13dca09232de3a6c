// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/dump.h"

#include <cmath>
#include <random>
#include <set>

#include "machine.h"

using config_test::contains;
using config_test::Form;
using config_test::Machine;
using config_test::read_text;

namespace {

TEST(Dump, Text) {
  auto r = read_text(
      "design: {w: 9, m: {value: 3, provenance: measured, source: \"lab: \\\"3\\\" #4\"}}\nstages: []\n");
  ASSERT_TRUE(r.diagnostics.ok()) << r.text;
  EXPECT_EQ(sim::config::dump(r.machine, &r.resolved),
            "# which model\n"
            "model: example\n"
            "# clock of the pipeline\n"
            "clock_mhz: 1000  # (0, 100000] MHz; measured: bench\n"
            "# refuse assumed values\n"
            "strict: false\n"
            "# any int\n"
            "offset: -3\n"
            "# any 64-bit integer\n"
            "low: 0\n"
            "# any unsigned 64-bit integer\n"
            "seed: 1\n"
            "# file to play\n"
            "trace: \"\"\n"
            "# share\n"
            "ratio: 0.5  # [0, 1] or auto; code: repository, file 3\n"
            "\n"
            "design:  # the arithmetic\n"
            "  # which circuit\n"
            "  form: pipelined  # pipelined | serial | template_literal\n"
            "  # width of one group\n"
            "  w: 9  # [1, 20] bit; user\n"
            "  # groups in one table\n"
            "  m: {value: 3, provenance: measured, source: \"lab: \\\"3\\\" #4\"}  # [0, 64] or balanced\n"
            "  # any integers\n"
            "  taps: [1, -2, 3]  # [-10, 10]\n"
            "  # circuits to compare\n"
            "  forms: []  # pipelined | serial | template_literal\n"
            "  # switches\n"
            "  mask: [true, false]\n"
            "\n"
            "stages: []  # one a stage\n");
}

// Reads a dump and checks that values and provenances are what they were.
void expect_same(Machine& machine, const sim::config::Resolved& resolved) {
  const std::string text = sim::config::dump(machine, &resolved);
  auto again = read_text(text);
  ASSERT_TRUE(again.diagnostics.ok()) << again.text << text;
  EXPECT_EQ(sim::config::dump(again.machine, &again.resolved), text);
  ASSERT_EQ(again.resolved.entries().size(), resolved.entries().size());
  for (std::size_t i = 0; i < resolved.entries().size(); ++i) {
    const auto& a = resolved.entries()[i];
    const auto& b = again.resolved.entries()[i];
    EXPECT_EQ(a.path, b.path);
    EXPECT_EQ(a.value, b.value) << a.path;
    EXPECT_EQ(a.provenance, b.provenance) << a.path;
    EXPECT_EQ(a.source, b.source) << a.path;
    EXPECT_EQ(a.annotated, b.annotated) << a.path;
  }
}

TEST(Dump, DefaultsReadBack) {
  auto r = read_text("");
  expect_same(r.machine, r.resolved);
}

TEST(Dump, WithoutResolvedReadsBackToo) {
  Machine machine;
  const std::string text = sim::config::dump(machine);
  auto again = read_text(text);
  EXPECT_TRUE(again.diagnostics.ok()) << again.text;
  EXPECT_EQ(sim::config::dump(again.machine), text);
}

TEST(Dump, ElementsOfListsKeepTheirProvenance) {
  auto r =
      read_text("stages: [{latency: 2}, {latency: {value: 3, provenance: code, source: x}}, {name: second}]");
  expect_same(r.machine, r.resolved);
  EXPECT_EQ(r.resolved.find("stages[0].latency")->provenance, sim::config::Provenance::assumed);
}

TEST(Dump, HostileTexts) {
  for (const std::string text : {"",
                                 " ",
                                 "a\nb",
                                 "\t",
                                 "# no comment",
                                 "a: b",
                                 "'",
                                 "\"",
                                 "\\",
                                 "null",
                                 "true",
                                 "~",
                                 "0x1",
                                 "- a",
                                 "{",
                                 "*x",
                                 "&x",
                                 "!t",
                                 "|",
                                 "\x01\x1f\x7f",
                                 "\xC3\xA9",
                                 "\xC2\x85",
                                 "\xE2\x80\xA8",
                                 "\xEF\xBB\xBF",
                                 "a ",
                                 " a",
                                 "a\r\nb",
                                 "%TAG",
                                 "---",
                                 "...",
                                 "<<",
                                 "include"}) {
    auto r = read_text("");
    r.machine.trace = text;
    const std::string dumped = sim::config::dump(r.machine);
    auto again = read_text(dumped);
    EXPECT_TRUE(again.diagnostics.ok()) << again.text << dumped;
    EXPECT_EQ(again.machine.trace, text) << dumped;
  }
  auto r = read_text("seed: {value: 4, provenance: measured, source: \"two\\nlines # and: {more}\"}");
  expect_same(r.machine, r.resolved);
}

TEST(Dump, AClaimAboutAnotherValueIsDropped) {
  auto r = read_text("seed: {value: 4, provenance: measured, source: lab}");
  r.machine.seed = 5;
  EXPECT_TRUE(contains(sim::config::dump(r.machine, &r.resolved), "\nseed: 5\n"));
}

TEST(Dump, RandomConfigurationsReadBack) {
  std::mt19937_64 random(4);
  const std::vector<std::string> words = {"choice", "paper", "code", "measured", "assumed", "user"};
  for (int round = 0; round < 300; ++round) {
    const auto value = [&](const std::string& v) {
      if (random() % 3 != 0) return v;
      return "{value: " + v + ", provenance: " + words[random() % words.size()] + ", source: \"s " +
             std::to_string(random()) + "\"}";
    };
    std::string yaml;
    if (random() % 2)
      yaml += "clock_mhz: " + value(sim::config::number_text(std::ldexp(1.0 + double(random() % 999), -3))) +
              "\n";
    if (random() % 2) yaml += "low: " + value(std::to_string(static_cast<std::int64_t>(random()))) + "\n";
    if (random() % 2) yaml += "seed: " + value(std::to_string(random())) + "\n";
    if (random() % 2) yaml += "strict: " + value(random() % 2 ? "yes" : "no") + "\n";
    if (random() % 2) yaml += "ratio: " + value(random() % 2 ? "auto" : "0.25") + "\n";
    if (random() % 2)
      yaml +=
          "design: {w: " + value(std::to_string(1 + random() % 20)) + ", taps: " + value("[3, 4]") + "}\n";
    if (random() % 2) {
      yaml += "stages:\n";
      for (std::uint64_t i = 0; i <= random() % 3; ++i) {
        yaml += "  - latency: " + value(std::to_string(1 + random() % 4)) +
                "\n    weights: " + value("[0.1, 1]") + "\n";
      }
    }
    auto r = read_text(yaml);
    ASSERT_TRUE(r.diagnostics.ok()) << r.text << yaml;
    expect_same(r.machine, r.resolved);
  }
}

TEST(Describe, Text) {
  Machine machine;
  const std::string text = sim::config::describe_text(machine);
  EXPECT_TRUE(contains(text,
                       "design.w: unsigned = 8 bit [1, 20]\n"
                       "    width of one group\n"
                       "    paper: ALLMod, table 2\n"))
      << text;
  EXPECT_TRUE(contains(text, "design.m: unsigned or balanced = balanced [0, 64]\n")) << text;
  EXPECT_TRUE(contains(text, "    one of pipelined, serial, template_literal\n")) << text;
  EXPECT_TRUE(contains(text, "stages[].latency: unsigned = 1 cycle [1, 100]\n")) << text;
}

TEST(Describe, Json) {
  Machine machine;
  const auto json = sim::config::describe_json(machine);
  const auto find = [&](const std::string& path) {
    for (const auto& item : json) {
      if (item["path"] == path) return item;
    }
    return nlohmann::ordered_json();
  };
  EXPECT_EQ(find("design.w").dump(),
            R"({"path":"design.w","type":"unsigned","default":8,"unit":"bit","range":[1,20],"words":[],)"
            R"("text":"width of one group","provenance":"paper","source":"ALLMod, table 2"})");
  EXPECT_EQ(find("clock_mhz")["range"].dump(), "[0,100000]");
  EXPECT_EQ(find("clock_mhz")["exclusive"], true);
  EXPECT_EQ(find("seed")["range"], nullptr);
  EXPECT_EQ(find("design.m")["words"].dump(), R"(["balanced"])");
  EXPECT_EQ(find("design.m")["default"], "balanced");
  EXPECT_EQ(find("design.taps")["type"], "list of integer");
  EXPECT_EQ(find("design.taps")["default"].dump(), "[1,-2,3]");
  EXPECT_EQ(find("design.form")["words"].size(), 3u);
  EXPECT_EQ(find("stages[].weights")["type"], "list of number");
  EXPECT_EQ(find("strict")["default"], false);
  std::set<std::string> paths;
  for (const auto& item : json) EXPECT_TRUE(paths.insert(item["path"]).second);
}

}  // namespace
