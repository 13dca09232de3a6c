// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/stats/stat.h"

#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include <gtest/gtest.h>

namespace sim::stats {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

class StatTest : public ::testing::Test {
 protected:
  Group root_{"run"};
};

TEST_F(StatTest, CounterCounts) {
  Counter done(root_, "done", "op", "operations retired");
  ++done;
  done++;
  done += 40;
  EXPECT_EQ(done.value(), 42u);
  EXPECT_EQ(done.unit(), "op");
  EXPECT_EQ(done.text(), "operations retired");
  EXPECT_FALSE(done.derived());
  done.reset();
  EXPECT_EQ(done.value(), 0u);
}

// cycle   0 1 2 3 4 5 6 7 8 9
// level   0 0 3 3 3 1 1 0 0 0     area 9 + 2 = 11
TEST_F(StatTest, OccupancyIsWeightedWithTime) {
  Occupancy fill(root_, "fill", "op", "");
  fill.set(2, 3);
  fill.set(5, 1);
  fill.set(7, 0);
  fill.finish(10);
  EXPECT_EQ(fill.area(), 11u);
  EXPECT_EQ(fill.cycles(), 10u);
  EXPECT_EQ(fill.max(), 3u);
  EXPECT_DOUBLE_EQ(fill.mean(), 1.1);
}

TEST_F(StatTest, OccupancyTakesTheLastLevelOfACycle) {
  Occupancy fill(root_, "fill", "op", "");
  fill.set(0, 9);
  fill.set(0, 2);
  fill.set(4, 100);  // overwritten at once: held for no cycle
  fill.set(4, 1);
  fill.finish(6);
  EXPECT_EQ(fill.area(), 2u * 4 + 1u * 2);
  EXPECT_EQ(fill.max(), 2u);
}

TEST_F(StatTest, OccupancyFinishMayBeRepeatedAndALevelSetAtTheEndDoesNotCount) {
  Occupancy fill(root_, "fill", "op", "");
  fill.set(0, 4);
  fill.set(3, 50);
  fill.finish(3);
  EXPECT_EQ(fill.max(), 4u);
  EXPECT_EQ(fill.area(), 12u);
  fill.finish(3);
  EXPECT_EQ(fill.area(), 12u);
  fill.finish(5);
  EXPECT_EQ(fill.area(), 112u);
  EXPECT_EQ(fill.max(), 50u);
}

TEST_F(StatTest, OccupancyOfNoCyclesHasNoMean) {
  Occupancy fill(root_, "fill", "op", "");
  EXPECT_TRUE(std::isnan(fill.mean()));
  fill.finish(0);
  EXPECT_TRUE(std::isnan(fill.mean()));
}

TEST_F(StatTest, OccupancyRefusesToGoBackInTime) {
  Occupancy fill(root_, "fill", "op", "");
  fill.set(5, 1);
  EXPECT_THROW(fill.set(4, 2), std::logic_error);
  EXPECT_THROW(fill.finish(4), std::logic_error);
  EXPECT_EQ(fill.level(), 1u);
}

TEST_F(StatTest, OccupancyResetKeepsTheLevelAndForgetsTheRest) {
  Occupancy fill(root_, "fill", "op", "");
  fill.set(0, 8);
  fill.set(10, 2);
  fill.reset(20);
  EXPECT_EQ(fill.cycles(), 0u);
  fill.finish(30);
  EXPECT_EQ(fill.area(), 20u);
  EXPECT_EQ(fill.max(), 2u);
  EXPECT_EQ(fill.cycles(), 10u);
}

TEST_F(StatTest, OccupancyAgreesWithCountingEveryCycle) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    Group group("g");
    Occupancy fill(group, "fill", "", "");
    std::uint64_t level = 0, area = 0, max = 0;
    Cycle now = 0;
    for (int step = 0; step < 50; ++step) {
      const Cycle gap = random() % 4;
      area += gap * level;
      if (gap > 0) max = std::max(max, level);
      now += gap;
      level = random() % 9;
      fill.set(now, level);
    }
    fill.finish(now);
    ASSERT_EQ(fill.area(), area);
    ASSERT_EQ(fill.max(), max);
    ASSERT_EQ(fill.cycles(), now);
  }
}

TEST_F(StatTest, EmptyHistogram) {
  Histogram wait(root_, "wait", "cycle", "");
  wait.add(5, 0);
  EXPECT_EQ(wait.count(), 0u);
  EXPECT_EQ(wait.min(), 0u);
  EXPECT_EQ(wait.max(), 0u);
  EXPECT_TRUE(std::isnan(wait.mean()));
  EXPECT_TRUE(wait.buckets().empty());
}

TEST_F(StatTest, HistogramFigures) {
  Histogram wait(root_, "wait", "cycle", "");
  wait.add(3);
  wait.add(10, 4);
  wait.add(7);
  EXPECT_EQ(wait.count(), 6u);
  EXPECT_EQ(wait.sum(), 50u);
  EXPECT_EQ(wait.min(), 3u);
  EXPECT_EQ(wait.max(), 10u);
  EXPECT_DOUBLE_EQ(wait.mean(), 50.0 / 6.0);
  ASSERT_EQ(wait.buckets().size(), 3u);
  EXPECT_EQ(wait.buckets()[2].from, 8u);
  EXPECT_EQ(wait.buckets()[2].to, 15u);
  EXPECT_EQ(wait.buckets()[2].count, 4u);
}

TEST_F(StatTest, HistogramBucketEdges) {
  for (unsigned k = 0; k < 64; ++k) {
    const std::uint64_t low = std::uint64_t{1} << k;
    const std::uint64_t high = low + (low - 1);
    Group group("g");
    Histogram h(group, "h", "", "");
    h.add(low);
    h.add(high);
    ASSERT_EQ(h.buckets().size(), 1u) << k;
    EXPECT_EQ(h.buckets()[0].from, low);
    EXPECT_EQ(h.buckets()[0].to, high);
    h.add(low - 1);  // the last value of the bucket before
    ASSERT_EQ(h.buckets().size(), 2u) << k;
    EXPECT_EQ(h.buckets()[0].to, low - 1);
    EXPECT_EQ(h.buckets()[0].count, 1u);
  }
}

TEST_F(StatTest, HistogramZeroHasItsOwnBucketAndSumsSaturate) {
  Histogram h(root_, "h", "", "");
  h.add(0);
  ASSERT_EQ(h.buckets().size(), 1u);
  EXPECT_EQ(h.buckets()[0].from, 0u);
  EXPECT_EQ(h.buckets()[0].to, 0u);
  h.add(kMax);
  EXPECT_EQ(h.sum(), kMax);
  h.add(1);
  EXPECT_EQ(h.sum(), kMax);
  EXPECT_EQ(h.max(), kMax);
  EXPECT_EQ(h.buckets().back().to, kMax);
  h.reset(0);
  h.add(kMax / 2, 3);
  EXPECT_EQ(h.sum(), kMax);
}

TEST_F(StatTest, RatioIsComputedWhenAsked) {
  Counter done(root_, "done", "op", "");
  Counter cycles(root_, "cycles", "cycle", "");
  Ratio rate(root_, "rate", "op/cycle", "",
             [&] { return static_cast<double>(done.value()) / static_cast<double>(cycles.value()); });
  done += 3;
  cycles += 4;
  EXPECT_DOUBLE_EQ(rate.value(), 0.75);
  EXPECT_TRUE(rate.derived());
  EXPECT_THROW(Ratio(root_, "none", "", "", nullptr), std::logic_error);
  EXPECT_EQ(root_.children().size(), 3u);
}

}  // namespace
}  // namespace sim::stats
