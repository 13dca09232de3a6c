// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/region.h"

#include <algorithm>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/config/document.h"
#include "sim/config/reader.h"
#include "sim/core/error.h"

namespace {

using sim::Region;
using sim::RegionConfig;
using testing::HasSubstr;

RegionConfig config(std::uint64_t skip, std::uint64_t warmup, std::uint64_t measure, std::uint64_t every) {
  RegionConfig c;
  c.skip = skip;
  c.warmup = warmup;
  c.measure = measure;
  c.every = every;
  return c;
}

// One letter per operation: '.' left out, 'w' warm-up, 'M' measured.
std::string drawn(const Region& r) {
  std::string s;
  for (std::uint64_t op = 0; op < r.total(); ++op) {
    s += r.phase(op) == Region::Phase::skip ? '.' : r.phase(op) == Region::Phase::warmup ? 'w' : 'M';
  }
  return s;
}

TEST(Region, DefaultMeasuresEverything) {
  const Region r(RegionConfig{}, 5);
  EXPECT_EQ(drawn(r), "MMMMM");
  EXPECT_EQ(r.windows(), 1U);
  EXPECT_DOUBLE_EQ(r.share(), 1);
}

TEST(Region, OneWindow) {
  EXPECT_EQ(drawn(Region(config(2, 3, 0, 0), 10)), "..wwwMMMMM");
  EXPECT_EQ(drawn(Region(config(2, 3, 4, 0), 12)), "..wwwMMMM...");
  EXPECT_EQ(drawn(Region(config(2, 3, 100, 0), 10)), "..wwwMMMMM");
}

TEST(Region, PeriodicWindows) {
  EXPECT_EQ(drawn(Region(config(1, 1, 2, 5), 15)), ".wMM..wMM..wMM.");
  EXPECT_EQ(drawn(Region(config(0, 1, 0, 4), 9)), "wMMMwMMMw");  // measure 0: to the end of the period
  EXPECT_EQ(drawn(Region(config(0, 0, 4, 4), 6)), "MMMMMM");
}

TEST(Region, WindowNumbers) {
  const Region r(config(1, 1, 2, 5), 15);
  EXPECT_EQ(r.windows(), 3U);
  EXPECT_FALSE(r.window_of(0));
  EXPECT_EQ(r.window_of(1), 0U);
  EXPECT_EQ(r.window_of(3), 0U);
  EXPECT_FALSE(r.window_of(4));
  EXPECT_EQ(r.window_of(12), 2U);
  EXPECT_FALSE(r.window_of(15));
  // The last period is cut off in its warm-up: no window.
  EXPECT_EQ(Region(config(0, 1, 0, 4), 9).windows(), 2U);
}

TEST(Region, CountsAgreeWithCounting) {
  std::mt19937 random(5);
  int tried = 0;
  while (tried < 2000) {
    const RegionConfig c = config(random() % 12, random() % 6, random() % 6, random() % 15);
    const std::uint64_t total = random() % 60;
    if (!c.problem().empty()) continue;
    std::string s;
    try {
      s = drawn(Region(c, total));
    } catch (const sim::Error&) {
      continue;
    }
    ++tried;
    const Region r(c, total);
    const auto warm = static_cast<std::uint64_t>(std::count(s.begin(), s.end(), 'w'));
    const auto measured = static_cast<std::uint64_t>(std::count(s.begin(), s.end(), 'M'));
    ASSERT_GT(measured, 0U) << s;
    ASSERT_EQ(r.simulated_count(), warm + measured) << s;
    ASSERT_EQ(r.measured_count(), measured) << s;
    ASSERT_DOUBLE_EQ(r.share(), static_cast<double>(measured) / static_cast<double>(total));
    std::uint64_t last_window = 0;
    for (std::uint64_t op = 0; op <= total + 3; ++op) {
      std::uint64_t next = op;
      while (next < total && s[next] == '.') ++next;
      ASSERT_EQ(r.next_simulated(op), std::min(next, total)) << s << " at " << op;
      if (op < total && s[op] == 'M') last_window = *r.window_of(op);
    }
    ASSERT_EQ(r.windows(), last_window + 1) << s;
    for (std::uint64_t op = total; op < total + 20; ++op) ASSERT_FALSE(r.simulated(op)) << s;
  }
}

TEST(Region, HugeNumbersDoNotOverflow) {
  const std::uint64_t huge = ~std::uint64_t{0};
  const Region r(config(0, 10, huge, 0), huge);
  EXPECT_EQ(r.simulated_count(), huge);
  const Region s(config(0, 10, 10, huge), huge - 5);
  EXPECT_EQ(s.next_simulated(20), s.total());
  EXPECT_EQ(s.measured_count(), 10U);
}

TEST(Region, ContradictionsAreExplained) {
  std::string key;
  EXPECT_THAT(config(0, 5, 0, 5).problem(&key), HasSubstr("leaves nothing to measure"));
  EXPECT_EQ(key, "warmup");
  EXPECT_THAT(config(0, 2, 4, 5).problem(&key), HasSubstr("do not fit"));
  EXPECT_EQ(key, "measure");
  EXPECT_EQ(config(0, 2, 3, 5).problem(), "");
  EXPECT_THROW(Region(config(0, 5, 0, 5), 100), sim::Error);
}

TEST(Region, MeasuringNothingIsRefused) {
  for (const RegionConfig& c : {config(10, 0, 0, 0), config(0, 10, 0, 0), config(8, 2, 1, 3)}) {
    try {
      Region r(c, 10);
      FAIL();
    } catch (const sim::Error& e) {
      EXPECT_EQ(e.exit_code(), sim::Exit::usage);
      EXPECT_THAT(e.what(), HasSubstr("leave nothing to measure of the 10 op"));
    }
  }
  EXPECT_THROW(Region(RegionConfig{}, 0), sim::Error);
}

TEST(Region, ConfigurationIsReadByItsKeys) {
  sim::config::Diagnostics diagnostics;
  const auto document =
      sim::config::Document::parse("{skip: 1, warmup: 2, measure: 3, every: 10}", "test.yaml", diagnostics);
  RegionConfig c;
  sim::config::read(document, c, diagnostics);
  EXPECT_TRUE(diagnostics.ok()) << diagnostics.text();
  EXPECT_EQ(drawn(Region(c, 12)), ".wwMMM.....w");
}

}  // namespace
