// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/stats/group.h"

#include <memory>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/stats/stat.h"

namespace sim::stats {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(Group, PathsFollowTheHierarchy) {
  Group root("run");
  Group unit(root, "cluster");
  Group lane(unit, "lanes", 3);
  Counter done(lane, "done", "op", "operations retired");
  EXPECT_EQ(root.path(), "");
  EXPECT_EQ(unit.path(), "cluster");
  EXPECT_EQ(lane.path(), "cluster.lanes[3]");
  EXPECT_EQ(done.path(), "cluster.lanes[3].done");
}

TEST(Group, KeepsTheOrderOfRegistration) {
  Group root("run");
  Counter z(root, "z", "", "");
  Group a(root, "a");
  Counter b(root, "b", "", "");
  ASSERT_EQ(root.children().size(), 3u);
  EXPECT_EQ(root.children()[0].stat, &z);
  EXPECT_EQ(root.children()[1].group, &a);
  EXPECT_EQ(root.children()[2].stat, &b);
}

TEST(Group, NamesAreUniqueAcrossStatisticsGroupsAndLists) {
  Group root("run");
  Counter a(root, "a", "", "");
  Group b(root, "b");
  Group c0(root, "c", 0);
  const auto twice = [](const char* what) { return ThrowsMessage<std::logic_error>(HasSubstr(what)); };
  EXPECT_THAT([&] { Counter again(root, "a", "", ""); }, twice("a is registered twice"));
  EXPECT_THAT([&] { Group again(root, "a"); }, twice("a is registered twice"));
  EXPECT_THAT([&] { Group again(root, "b", 0); }, twice("b[0] is registered twice"));
  EXPECT_THAT([&] { Group again(root, "c"); }, twice("c is registered twice"));
  EXPECT_THAT([&] { Group again(root, "c", 0); }, twice("c[0] is registered twice"));
  EXPECT_NO_THROW(Group(root, "c", 1));
  EXPECT_EQ(root.children().size(), 3u) << "a refused child must not stay registered";
}

TEST(Group, RefusesNamesThatWouldBreakPaths) {
  Group root("run");
  for (const char* name : {"", "a.b", "a b", "a[0]", "ä"}) {
    EXPECT_THROW(Counter(root, name, "", ""), std::logic_error) << name;
    EXPECT_THROW(Group(root, name), std::logic_error) << name;
  }
}

TEST(Group, ChildrenLeaveWhenTheyDieAndTheNameIsFreeAgain) {
  Group root("run");
  for (int i = 0; i < 3; ++i) {
    Group unit(root, "unit");
    Counter done(unit, "done", "", "");
    EXPECT_EQ(root.children().size(), 1u);
  }
  EXPECT_TRUE(root.children().empty());
}

TEST(Group, TheParentMayDieFirst) {
  auto root = std::make_unique<Group>("run");
  auto unit = std::make_unique<Group>(*root, "unit");
  auto done = std::make_unique<Counter>(*unit, "done", "", "");
  root.reset();
  EXPECT_EQ(done->path(), "done");  // the orphaned group is the root of what is left
  unit.reset();
  ++*done;
  EXPECT_EQ(done->value(), 1u);
}

TEST(Group, ResetAndFinishReachEveryStatistic) {
  Group root("run");
  Group lane(root, "lanes", 0);
  Counter done(lane, "done", "", "");
  Occupancy fill(lane, "fill", "", "");
  Histogram wait(root, "wait", "", "");
  Gauge size(root, "size", "", "");
  done += 7;
  fill.set(0, 5);
  wait.add(3);
  size.set(9);
  root.reset(10);
  EXPECT_EQ(done.value(), 0u);
  EXPECT_EQ(wait.count(), 0u);
  EXPECT_EQ(size.value(), 9u);
  root.finish(14);
  EXPECT_EQ(fill.area(), 20u);  // the level of 5 still holds: 4 cycles of it
  EXPECT_EQ(fill.cycles(), 4u);
}

}  // namespace
}  // namespace sim::stats
