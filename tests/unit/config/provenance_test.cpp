// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/provenance.h"

#include "machine.h"

using config_test::contains;
using config_test::read_text;
using sim::config::Provenance;

namespace {

const sim::config::Resolved::Entry& entry(const config_test::Result& r, const std::string& path) {
  return *r.resolved.find(path);
}

TEST(Provenance, Words) {
  for (const auto& word : sim::config::provenance_words()) {
    ASSERT_TRUE(sim::config::provenance_from(word));
    EXPECT_EQ(to_string(*sim::config::provenance_from(word)), word);
  }
  EXPECT_FALSE(sim::config::provenance_from("Paper"));
  EXPECT_STREQ(to_string(Provenance::user), "user");
}

TEST(Provenance, DefaultsKeepTheDeclaredOne) {
  const auto r = read_text("");
  EXPECT_EQ(entry(r, "design.w").provenance, Provenance::paper);
  EXPECT_EQ(entry(r, "design.w").source, "ALLMod, table 2");
  EXPECT_EQ(entry(r, "clock_mhz").provenance, Provenance::measured);
  EXPECT_EQ(entry(r, "ratio").provenance, Provenance::code);
  EXPECT_EQ(entry(r, "seed").provenance, Provenance::choice);
}

TEST(Provenance, GivenAndDifferentIsTheUsers) {
  const auto r = read_text("design: {w: 9}\nseed: 1\n", {"offset=4"});
  EXPECT_EQ(entry(r, "design.w").provenance, Provenance::user);
  EXPECT_EQ(entry(r, "design.w").source, "");
  EXPECT_EQ(entry(r, "offset").provenance, Provenance::user);
  EXPECT_TRUE(entry(r, "seed").explicit_);
  EXPECT_EQ(entry(r, "seed").provenance, Provenance::choice);
}

TEST(Provenance, RepeatingTheDefaultKeepsTheDeclaredOne) {
  for (const char* same :
       {"design: {w: 8}", "design: {w: 0x8}", "design: {w: 8.0}", "design: {w: {value: 8}}"}) {
    const auto r = read_text(same);
    EXPECT_EQ(entry(r, "design.w").provenance, Provenance::paper) << same << r.text;
    EXPECT_EQ(entry(r, "design.w").source, "ALLMod, table 2") << same;
  }
}

TEST(Provenance, Annotated) {
  const auto r = read_text(
      "design:\n"
      "  w: {value: 9, provenance: code, source: \"repository, file 7\"}\n"
      "  taps: {value: [4], provenance: measured, source: lab}\n"
      "  m: {value: 3, provenance: assumed}\n"
      "  form: {value: pipelined, provenance: choice}\n");
  ASSERT_TRUE(r.diagnostics.ok()) << r.text;
  EXPECT_EQ(r.machine.design.w, 9u);
  EXPECT_EQ(r.machine.design.taps, std::vector<std::int64_t>{4});
  EXPECT_EQ(entry(r, "design.w").provenance, Provenance::code);
  EXPECT_EQ(entry(r, "design.w").source, "repository, file 7");
  EXPECT_TRUE(entry(r, "design.w").annotated);
  EXPECT_EQ(entry(r, "design.w").mark.text(), "f.yaml:2:14");  // of the value itself
  EXPECT_EQ(entry(r, "design.m").provenance, Provenance::assumed);
  EXPECT_EQ(entry(r, "design.form").provenance, Provenance::choice);
}

TEST(Provenance, BadAnnotations) {
  EXPECT_TRUE(contains(
      read_text("seed: {value: 1, provenance: mesured, source: x}").text,
      "seed.provenance: 'mesured' is not one of choice, paper, code, measured, assumed, user, did you "
      "mean 'measured'?"));
  EXPECT_TRUE(contains(read_text("seed: {value: 1, provenance: paper}").text,
                       "seed.provenance: paper needs `source:` beside it"));
  EXPECT_TRUE(contains(read_text("seed: {value: 1, provenance: measured, source: ''}").text,
                       "measured needs `source:`"));
  EXPECT_TRUE(
      contains(read_text("seed: {value: 1, source: x}").text, "seed.source: a source needs `provenance:`"));
  EXPECT_TRUE(contains(read_text("seed: {value: 1, provenanc: code}").text,
                       "seed.provenanc: unknown key, did you mean 'provenance'?"));
  EXPECT_TRUE(
      contains(read_text("seed: {value: 1, provenance: [code], source: x}").text, "seed.provenance: "));
  EXPECT_TRUE(
      contains(read_text("seed: {value: 1, provenance: code, source: [x]}").text, "seed.source: a text"));
  EXPECT_TRUE(contains(read_text("seed: {value: -1, provenance: assumed}").text, "seed: -1 is outside"));
  EXPECT_TRUE(contains(read_text("seed: {provenance: assumed}").text, "seed: this is a single setting"));
  EXPECT_TRUE(contains(read_text("seed: {value: }").text, "seed: no value given"));
  EXPECT_TRUE(
      contains(read_text("seed: {value: {value: 1}}").text, "seed: a whole number is wanted, not a section"));
}

TEST(Provenance, AssumedOnes) {
  const auto r =
      read_text("stages: [{latency: 7}, {}]\nseed: {value: 5, provenance: assumed, source: guess}\n");
  std::vector<std::string> paths;
  for (const auto* e : r.resolved.assumed()) paths.push_back(e->path);
  EXPECT_EQ(paths, (std::vector<std::string>{"seed", "stages[1].latency"}));  // 7 is the user's
}

}  // namespace
