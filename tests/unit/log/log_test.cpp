// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/log/log.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <stdlib.h>

#include "sim/config/document.h"
#include "sim/config/dump.h"
#include "sim/config/reader.h"
#include "sim/core/error.h"

// Counts how often it is formatted.
struct Costly {
  int* formatted;
};
template <>
struct fmt::formatter<Costly> {
  constexpr auto parse(format_parse_context& context) { return context.begin(); }
  template <class Context>
  auto format(const Costly& costly, Context& context) const {
    ++*costly.formatted;
    return fmt::format_to(context.out(), "costly");
  }
};

namespace sim::log {
namespace {

using ::testing::HasSubstr;

LogConfig levels(Level level, std::vector<LevelRule> rules = {}) {
  LogConfig config;
  config.level = level;
  config.levels = std::move(rules);
  return config;
}

TEST(Log, FormatsLevelCycleUnitAndMessage) {
  std::ostringstream out;
  Log log(levels(Level::trace), false);
  log.add_stream(out);
  Cycle now = 1'234'567;
  log.set_clock([&] { return now; });
  log.info("lane0", "retired {} of {}", 3, "many");
  now = 1'234'568;
  log.trace("a.b", "t");
  log.debug("a.b", "d");
  log.warn("a.b", "w");
  log.error("a.b", "e");
  EXPECT_EQ(out.str(),
            "[I 1234567 cyc] lane0: retired 3 of many\n"
            "[T 1234568 cyc] a.b: t\n"
            "[D 1234568 cyc] a.b: d\n"
            "[W 1234568 cyc] a.b: w\n"
            "[E 1234568 cyc] a.b: e\n");
}

TEST(Log, WithoutAClockShowsADash) {
  std::ostringstream out;
  Log log({}, false);
  log.add_stream(out);
  log.info("app", "hello");
  Cycle now = 5;
  log.set_clock([&] { return now; });
  log.info("app", "running");
  log.set_clock({});
  log.info("app", "over");
  EXPECT_EQ(out.str(), "[I - cyc] app: hello\n[I 5 cyc] app: running\n[I - cyc] app: over\n");
}

TEST(Log, TextIsNeverTakenAsAFormat) {
  std::ostringstream out;
  Log log({}, false);
  log.add_stream(out);
  log.write(Level::info, "sc", "100% {} {0} {");
  log.info("un{}it", "{}", "a {} b");
  EXPECT_EQ(out.str(), "[I - cyc] sc: 100% {} {0} {\n[I - cyc] un{}it: a {} b\n");
}

TEST(Log, NothingIsFormattedBelowTheLevel) {
  std::ostringstream out;
  int formatted = 0;
  int clock_asked = 0;
  Log log(levels(Level::info, {{"lane0", Level::debug}}), false);
  log.add_stream(out);
  log.set_clock([&] { return static_cast<Cycle>(++clock_asked); });
  log.trace("lane0", "{}", Costly{&formatted});
  log.debug("lane1", "{}", Costly{&formatted});
  Channel lane1(log, "lane1");
  lane1.debug("{}", Costly{&formatted});
  EXPECT_EQ(formatted, 0);
  EXPECT_EQ(clock_asked, 0);
  EXPECT_EQ(out.str(), "");
  log.debug("lane0", "{}", Costly{&formatted});
  EXPECT_EQ(formatted, 1);
}

TEST(Log, NothingIsFormattedWithoutADestination) {
  int formatted = 0;
  Log log(levels(Level::trace), false);
  log.error("a", "{}", Costly{&formatted});
  Channel(log, "a").warn("{}", Costly{&formatted});
  EXPECT_EQ(formatted, 0);
  EXPECT_FALSE(log.enabled(Level::error, "a"));
  EXPECT_EQ(log.errors(), 1u);
  EXPECT_EQ(log.warnings(), 1u);
}

TEST(Log, TheLongestRuleThatCoversTheUnitDecides) {
  std::ostringstream out;
  Log log(levels(Level::warn, {{"cluster.gpu3", Level::debug},
                               {"cluster", Level::error},
                               {"lanes", Level::trace},
                               {"lanes[2]", Level::off},
                               {"twice", Level::info},
                               {"twice", Level::debug}}),
          false);
  log.add_stream(out);
  const std::pair<const char*, Level> expected[] = {{"other", Level::warn},
                                                    {"cluster", Level::error},
                                                    {"cluster.gpu2", Level::error},
                                                    {"cluster.gpu3", Level::debug},
                                                    {"cluster.gpu3.link", Level::debug},
                                                    {"cluster.gpu33", Level::error},
                                                    {"clusters", Level::warn},
                                                    {"lanes[1].mul", Level::trace},
                                                    {"lanes[2].mul", Level::off},
                                                    {"lanes/x", Level::trace},
                                                    {"lane", Level::warn},
                                                    {"", Level::warn},
                                                    {"twice", Level::debug}};
  for (const auto& [unit, level] : expected) {
    EXPECT_EQ(log.level_of(unit), level) << unit;
    for (const Level message : {Level::trace, Level::debug, Level::info, Level::warn, Level::error}) {
      EXPECT_EQ(log.enabled(message, unit), message >= level) << unit;
      out.str("");
      log.write(message, unit, "x");
      EXPECT_EQ(!out.str().empty(), message >= level) << unit;
    }
  }
}

TEST(Log, ChannelsFollowTheirRule) {
  std::ostringstream out;
  Log log(levels(Level::info, {{"lane0", Level::trace}}), false);
  Channel loud(log, "lane0.mul");  // made before there is a destination
  Channel calm(log, "lane1");
  log.add_stream(out);
  loud.trace("a{}", 1);
  loud.debug("b");
  calm.trace("c");
  calm.debug("d");
  calm.info("e");
  calm.warn("f");
  calm.error("g");
  EXPECT_EQ(out.str(),
            "[T - cyc] lane0.mul: a1\n[D - cyc] lane0.mul: b\n[I - cyc] lane1: e\n[W - cyc] lane1: f\n"
            "[E - cyc] lane1: g\n");
}

TEST(Log, WarningsAndErrorsAreCountedAlsoWhenHidden) {
  Log log(levels(Level::off), true);
  log.warn("a", "w");
  log.write(Level::warn, "a", "w");
  log.error("a", "e");
  log.info("a", "i");
  EXPECT_EQ(log.warnings(), 2u);
  EXPECT_EQ(log.errors(), 1u);
}

TEST(Log, GoesToStderrUnlessQuiet) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  {
    Log loud;
    loud.info("a", "shown");
    Log quiet({}, false);
    quiet.error("a", "hidden");
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "[I - cyc] a: shown\n");
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "");
}

TEST(Log, ASlipInAMessageIsShownAndDoesNotEndTheRun) {
  std::ostringstream out;
  Log log({}, false);
  log.add_stream(out);
  log.info("a", fmt::runtime("{} {}"), 1);
  EXPECT_THAT(out.str(), HasSubstr("(bad message '{} {}': argument not found)"));
}

TEST(Log, IsIndependentOfOtherLogsAndOfSpdlogsRegistry) {
  std::ostringstream a, b;
  Log first({}, false), second(levels(Level::error), false);
  first.add_stream(a);
  second.add_stream(b);
  spdlog::set_level(spdlog::level::off);
  spdlog::drop_all();
  first.info("x", "1");
  second.info("x", "2");
  second.error("x", "3");
  EXPECT_EQ(a.str(), "[I - cyc] x: 1\n");
  EXPECT_EQ(b.str(), "[E - cyc] x: 3\n");
}

class LogFile : public ::testing::Test {
 protected:
  LogFile() {
    std::string name = (std::filesystem::temp_directory_path() / "log_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = name;
  }
  ~LogFile() override { std::filesystem::remove_all(folder_); }
  std::string text() const {
    std::ifstream in(folder_ / "run.log");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::filesystem::path folder_;
};

TEST_F(LogFile, AQuietLogStillFillsItsFileAndReplacesAnOldOne) {
  for (const char* message : {"old", "new"}) {
    Log log({}, false);
    log.info("a", "before there is a file");
    log.add_file(folder_ / "run.log");
    log.info("a", "{}", message);
    log.flush();
    EXPECT_EQ(text(), std::string("[I - cyc] a: ") + message + "\n");
  }
}

TEST_F(LogFile, AFileThatCannotBeOpenedIsAnError) {
  Log log({}, false);
  std::filesystem::create_directories(folder_ / "run.log");
  try {
    log.add_file(folder_ / "run.log");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), Exit::input);
    EXPECT_THAT(error.what(), HasSubstr("run.log"));
  }
}

TEST_F(LogFile, AFullDiskIsReportedByFlush) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  std::filesystem::create_symlink("/dev/full", folder_ / "run.log");
  Log log({}, false);
  log.add_file(folder_ / "run.log");
  log.info("a", "x");
  try {
    log.flush();
    FAIL() << "the error was lost";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_code(), Exit::input);
    EXPECT_THAT(error.what(), HasSubstr("No space left on device"));
  }
}

TEST(LogConfigTest, ReadsFromAConfigurationAndExplainsWrongLevels) {
  config::Diagnostics good;
  LogConfig read;
  config::read(
      config::Document::parse("level: warn\nlevels:\n  - {unit: lane0, level: trace}\n", "t.yaml", good),
      read, good);
  EXPECT_TRUE(good.ok()) << good.text();
  EXPECT_EQ(read.level, Level::warn);
  ASSERT_EQ(read.levels.size(), 1u);
  EXPECT_EQ(read.levels[0].unit, "lane0");
  EXPECT_EQ(read.levels[0].level, Level::trace);
  EXPECT_THAT(config::dump(read, nullptr), HasSubstr("level: warn"));

  config::Diagnostics bad;
  config::read(config::Document::parse("level: wran\n", "t.yaml", bad), read, bad);
  EXPECT_EQ(bad.errors(), 1u);
  EXPECT_THAT(bad.text(), HasSubstr("warn"));
}

}  // namespace
}  // namespace sim::log
