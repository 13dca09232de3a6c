// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/parts.h"

namespace {

using sim::ClockDomain;
using sim::Cycle;
using sim::Failure;
using sim::kNever;
using test::Probe;
using testing::ElementsAre;

TEST(Onlooker, IsAskedEveryIntervalAndBeforeSleepButCausesNoEdge) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  Probe worker;
  worker.plan = test::until(25);
  domain.add(worker);
  Probe onlooker;
  std::vector<Cycle> asked;
  onlooker.plan = [&](Cycle now) {
    asked.push_back(now);
    return kNever;
  };
  domain.add_onlooker(onlooker, 10);
  sim::run(failure);
  EXPECT_THAT(asked, ElementsAre(0, 10, 20, 25));
  EXPECT_EQ(domain.edges(), 25U);
  EXPECT_TRUE(onlooker.seen.empty());
}

TEST(Onlooker, MayAskForAnEdge) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  Probe worker;
  worker.plan = test::until(5);
  domain.add(worker);
  Probe onlooker;
  onlooker.plan = [](Cycle now) { return now == 5 ? 50 : kNever; };
  domain.add_onlooker(onlooker, 1000);
  sim::run(failure);
  EXPECT_THAT(onlooker.seen, ElementsAre(50));
  EXPECT_EQ(domain.edges(), 6U);
}

// A plan made while there was work must not cause an edge long after the last of it.
TEST(Onlooker, ThatHasNothingLeftToLookAtIsDismissed) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  Probe worker;
  worker.plan = [](Cycle now) { return now < 3 ? now + 1 : now == 3 ? 10 : kNever; };
  domain.add(worker);
  Probe onlooker;
  onlooker.plan = [](Cycle now) { return now < 3 ? 500 : kNever; };
  domain.add_onlooker(onlooker, 500);
  sim::run(failure);
  EXPECT_THAT(worker.seen, ElementsAre(1, 2, 3, 10));
  EXPECT_TRUE(onlooker.seen.empty());
  EXPECT_EQ(domain.edges(), 4U);
  EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::sc_time(10, sc_core::SC_NS));
}

}  // namespace
