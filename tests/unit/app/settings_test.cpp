// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/settings.h"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "sim/app/options.h"
#include "toy_model.h"

namespace sim::app {
namespace {

using testing::HasSubstr;
using testing::Not;

class SettingsTest : public testing::Test {
 protected:
  SettingsTest() {
    registry_.add(toy::make_model());
    char name[] = "/tmp/settings_XXXXXX.yaml";
    ::close(::mkstemps(name, 5));
    file_ = name;
  }
  ~SettingsTest() override { ::unlink(file_.c_str()); }

  Loaded read(const std::string& text, const std::vector<std::string>& overrides = {}) {
    std::ofstream(file_) << text;
    return load(file_, overrides, registry_);
  }
  std::string problem(const std::string& text, const std::vector<std::string>& overrides = {}) {
    try {
      read(text, overrides);
    } catch (const Reported& e) {
      EXPECT_EQ(e.exit_code(), Exit::usage);
      return e.what();
    }
    return "";
  }

  Registry registry_;
  std::string file_;
};

TEST_F(SettingsTest, TheModelDecidesWhatTheFileMayHold) {
  const Loaded loaded = read("model: toy\nworkload: {count: 7}\n", {"run.max_cycles=1e3"});
  EXPECT_EQ(loaded.model->name(), "toy");
  EXPECT_EQ(loaded.resolved.find("workload.count")->value, "7");
  EXPECT_EQ(loaded.settings.run.max_cycles, 1000u);
}

TEST_F(SettingsTest, MissingAndUnknownModels) {
  EXPECT_THAT(problem("workload: {count: 7}\n"), HasSubstr("model: missing"));
  EXPECT_THAT(problem("model: tyo\n"), HasSubstr("there is no model 'tyo', did you mean 'toy'?"));
}

TEST_F(SettingsTest, AFileThatCannotBeParsedIsNotBlamedForLackingAModel) {
  EXPECT_THAT(problem("model: [\n"), Not(HasSubstr("model: missing")));
}

TEST_F(SettingsTest, TheOverrideMayNameTheModel) {
  EXPECT_EQ(read("workload: {count: 7}\n", {"model=toy"}).model->name(), "toy");
}

TEST_F(SettingsTest, EveryProblemIsReportedAtOnce) {
  const std::string text =
      problem("model: toy\nworkload: {coutn: 7}\ndesign: {latency: 0}\n", {"run.max_cycels=3"});
  EXPECT_THAT(text, HasSubstr("coutn"));
  EXPECT_THAT(text, HasSubstr("latency"));
  EXPECT_THAT(text, HasSubstr("max_cycels"));
}

TEST_F(SettingsTest, RulesAcrossTheApplicationsFields) {
  EXPECT_THAT(problem("model: toy\nrecord: {from_cycle: 10, to_cycle: 10}\n"), HasSubstr(":2:"));
  EXPECT_THAT(problem("model: toy\ntrouble: {hang_at: 5000}\n"), HasSubstr("fewer operations"));
  EXPECT_THAT(problem("model: toy\nregion: {every: 10, warmup: 8, measure: 8}\n"), HasSubstr("region"));
}

TEST_F(SettingsTest, TheTextLoadsAgainToTheSameDigestAndText) {
  const Loaded first = read(
      "model: toy\nworkload: {count: 1e3}\ndesign: {clock_mhz: {value: 333, provenance: "
      "measured, source: \"a: b # c\"}}\n");
  const Loaded again = read(first.text);
  EXPECT_EQ(first.digest, again.digest);
  EXPECT_EQ(first.text, again.text);
}

TEST_F(SettingsTest, TheDigestIsAboutWhatIsSimulated) {
  const std::string digest = read("model: toy\n").digest;
  EXPECT_EQ(read("model: toy\nlog: {level: debug}\nrun: {progress: 1}\n", {"record.vcd=true"}).digest,
            digest);
  EXPECT_EQ(read("# comment\nworkload: {count: 0x3e8}\nmodel: toy\n").digest, digest);
  EXPECT_NE(read("model: toy\nworkload: {count: 1001}\n").digest, digest);
  EXPECT_NE(read("model: toy\nregion: {skip: 1}\n").digest, digest);
}

TEST_F(SettingsTest, StrictNamesEveryAssumedSettingAndTheWayOut) {
  const Loaded loaded = read("model: toy\n");
  try {
    refuse_assumed(loaded);
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_EQ(e.exit_code(), Exit::usage);
    EXPECT_THAT(e.what(), HasSubstr("design.latency = 4 cycle  (nobody measured it)"));
    EXPECT_THAT(e.what(), HasSubstr("latency: {value: 4, provenance: measured, source:"));
  }
  refuse_assumed(read("model: toy\ndesign: {latency: {value: 4, provenance: measured, source: bench}}\n"));
}

}  // namespace
}  // namespace sim::app
