// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/timed_queue.h"

#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using sim::CalendarWheel;
using sim::Cycle;
using sim::DelayLine;
using sim::kNever;
using testing::ElementsAre;

template <class Queue>
std::vector<int> due(Queue& q, Cycle now) {
  std::vector<int> out;
  q.pop_due(now, [&](int v) { out.push_back(v); });
  return out;
}

TEST(DelayLine, HandsOutWhenDueInOrder) {
  DelayLine<int> line;
  EXPECT_EQ(line.next(), kNever);
  line.push(5, 1);
  line.push(5, 2);
  line.push(7, 3);
  EXPECT_EQ(line.next(), 5U);
  EXPECT_TRUE(due(line, 4).empty());
  EXPECT_THAT(due(line, 5), ElementsAre(1, 2));
  EXPECT_EQ(line.next(), 7U);
  EXPECT_THAT(due(line, 100), ElementsAre(3));
  EXPECT_TRUE(line.empty());
}

TEST(DelayLine, RefusesToGoBack) {
  DelayLine<int> line;
  line.push(5, 1);
  EXPECT_THROW(line.push(4, 2), sim::Error);
  due(line, 5);
  line.push(4, 2);  // empty: nothing to contradict
  line.clear();
  EXPECT_EQ(line.next(), kNever);
}

TEST(DelayLine, GrowsAndWrapsWithoutLosingOrder) {
  DelayLine<std::unique_ptr<int>> line;
  std::mt19937 random(1);
  int pushed = 0;
  int popped = 0;
  for (Cycle now = 0; now < 2000; ++now) {
    for (unsigned n = random() % 4; n > 0; --n) line.push(now + 20, std::make_unique<int>(pushed++));
    line.pop_due(now, [&](std::unique_ptr<int> v) { ASSERT_EQ(*v, popped++); });
    ASSERT_EQ(line.size(), static_cast<std::size_t>(pushed - popped));
  }
  EXPECT_GT(popped, 2000);
}

TEST(CalendarWheel, FifoOrderWithinACycleAlsoAcrossTheOverflow) {
  CalendarWheel<int> wheel(64);
  wheel.push(200, 1);  // far: overflow
  wheel.push(10, 0);
  EXPECT_EQ(wheel.next(), 10U);
  EXPECT_THAT(due(wheel, 150), ElementsAre(0));
  wheel.push(200, 2);  // near by now: bucket
  EXPECT_EQ(wheel.next(), 200U);
  EXPECT_TRUE(due(wheel, 199).empty());
  EXPECT_THAT(due(wheel, 200), ElementsAre(1, 2));
  EXPECT_TRUE(wheel.empty());
}

TEST(CalendarWheel, CatchesUpInOrderAfterALongSleep) {
  CalendarWheel<int> wheel(64);
  for (int i = 0; i < 50; ++i) wheel.push(static_cast<Cycle>(1000 - 17 * i), i);
  std::vector<int> expected;
  for (int i = 49; i >= 0; --i) expected.push_back(i);
  EXPECT_EQ(due(wheel, 100000), expected);
}

TEST(CalendarWheel, RefusesThePast) {
  CalendarWheel<int> wheel;
  due(wheel, 10);
  EXPECT_THROW(wheel.push(10, 1), sim::Error);
  EXPECT_THROW(wheel.push(kNever, 1), sim::Error);
  wheel.push(11, 1);
  EXPECT_EQ(wheel.next(), 11U);
}

TEST(CalendarWheel, CallbackMayPushIncludingOneTurnLater) {
  CalendarWheel<int> wheel(64);
  wheel.push(5, 1);
  wheel.push(5, 2);
  std::vector<int> got;
  wheel.pop_due(5, [&](int v) {
    got.push_back(v);
    if (v < 10) wheel.push(5 + 64, v + 10);  // same bucket
    if (v == 1) wheel.push(6, 20);
  });
  EXPECT_THAT(got, ElementsAre(1, 2));
  EXPECT_EQ(wheel.next(), 6U);
  EXPECT_THAT(due(wheel, 6), ElementsAre(20));
  EXPECT_THAT(due(wheel, 69), ElementsAre(11, 12));
}

TEST(CalendarWheel, ExceptionInTheCallbackLeavesNoGhosts) {
  CalendarWheel<int> wheel(64);
  wheel.push(5, 1);
  wheel.push(5, 2);
  wheel.push(6, 3);
  EXPECT_THROW(wheel.pop_due(5, [](int) { throw std::runtime_error("x"); }), std::runtime_error);
  EXPECT_EQ(wheel.size(), 1U);
  EXPECT_THAT(due(wheel, 200), ElementsAre(3));
}

TEST(CalendarWheel, AgreesWithAMultimapUnderRandomTraffic) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    std::mt19937_64 random(seed);
    CalendarWheel<int> wheel(64);
    std::multimap<Cycle, int> reference;
    int id = 0;
    Cycle now = 0;
    for (int step = 0; step < 3000; ++step) {
      for (auto n = random() % 4; n > 0; --n) {
        // Near, around the width of the wheel, and far.
        const Cycle reach = random() % 3 == 0 ? 1000 : (random() % 2 == 0 ? 130 : 10);
        const Cycle at = now + 1 + random() % reach;
        wheel.push(at, id);
        reference.emplace(at, id++);
      }
      ASSERT_EQ(wheel.next(), reference.empty() ? kNever : reference.begin()->first);
      ASSERT_EQ(wheel.size(), reference.size());
      now += random() % 20 == 0 ? random() % 300 : 1;
      std::vector<int> expected;
      while (!reference.empty() && reference.begin()->first <= now) {
        expected.push_back(reference.begin()->second);
        reference.erase(reference.begin());
      }
      ASSERT_EQ(due(wheel, now), expected) << "seed " << seed << " cycle " << now;
    }
  }
}

TEST(CalendarWheel, ClearForgets) {
  CalendarWheel<int> wheel(64);
  wheel.push(5, 1);
  wheel.push(500, 2);
  wheel.clear();
  EXPECT_EQ(wheel.next(), kNever);
  wheel.push(5, 3);
  EXPECT_THAT(due(wheel, 1000), ElementsAre(3));
}

}  // namespace
