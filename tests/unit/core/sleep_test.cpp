// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
// What sleeping costs: nothing, counted in edges, evaluations and delta cycles of the kernel.
#include <memory>
#include <vector>

#include <systemc>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/parts.h"

namespace {

using sim::ClockDomain;
using sim::Cycle;
using sim::Failure;
using sim::kNever;
using test::ns;
using test::Probe;
using testing::ElementsAre;

TEST(Sleep, EmptyDomainSchedulesNothing) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  sim::run(failure);  // returns: no event
  EXPECT_EQ(domain.edges(), 0U);
  EXPECT_FALSE(sc_core::sc_pending_activity());
  EXPECT_EQ(sc_core::sc_time_stamp(), ns(0));
}

TEST(Sleep, ThousandIdleMembersCostNoEvaluation) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  std::vector<std::unique_ptr<Probe>> idle;
  int asked = 0;
  for (int i = 0; i < 1000; ++i) {
    idle.push_back(std::make_unique<Probe>());
    idle.back()->plan = [&](Cycle) {
      ++asked;
      return kNever;
    };
    domain.add(*idle.back());
  }
  Probe worker;
  worker.plan = test::until(100);
  domain.add(worker);
  sim::run(failure, ns(0));
  const auto deltas = sc_core::sc_delta_count();
  sim::run(failure);
  EXPECT_EQ(domain.edges(), 100U);
  EXPECT_EQ(domain.evaluations(), 100U);
  EXPECT_EQ(asked, 1000);  // once, at the start
  EXPECT_EQ(sc_core::sc_delta_count() - deltas, 100U);
}

TEST(Sleep, TimedSleepersCauseOnlyTheirOwnEdges) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  Probe slow;
  slow.plan = [](Cycle now) { return now < 5000 ? now + 1000 : kNever; };
  Probe slower;
  slower.plan = [](Cycle now) { return now < 6000 ? now + 3000 : kNever; };
  domain.add(slow);
  domain.add(slower);
  sim::run(failure);
  EXPECT_THAT(slow.seen, ElementsAre(1000, 2000, 3000, 4000, 5000));
  EXPECT_THAT(slower.seen, ElementsAre(3000, 6000));
  EXPECT_EQ(domain.edges(), 6U);
  EXPECT_EQ(domain.evaluations(), 7U);
}

TEST(Sleep, WakeDuringAnEdgeIsTheNextEdgeAtTheEarliest) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  Probe sleeper;
  Probe waker;
  waker.plan = test::until(3);
  waker.on_edge = [&](Cycle now) {
    if (now == 1) domain.wake(sleeper, 0);
    if (now == 3) domain.wake(sleeper, 10);
  };
  domain.add(sleeper);
  domain.add(waker);
  sim::run(failure);
  EXPECT_THAT(sleeper.seen, ElementsAre(2, 10));
  EXPECT_EQ(domain.edges(), 4U);
}

TEST(Sleep, WakesAreHonouredBesideThePlan) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  Probe probe;
  probe.plan = [](Cycle now) { return now < 20 ? 20 : kNever; };
  domain.add(probe);
  for (Cycle at : {30, 10, 10, 25, 20}) domain.wake(probe, at);
  sim::run(failure);
  EXPECT_THAT(probe.seen, ElementsAre(10, 20, 25, 30));
}

TEST(Sleep, EarlyWakeDoesNotLoseThePlan) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  Probe probe;
  probe.plan = [](Cycle now) { return now < 100 ? 100 : kNever; };
  domain.add(probe);
  domain.wake(probe, 50);
  sim::run(failure);
  EXPECT_THAT(probe.seen, ElementsAre(50, 100));
}

TEST(Sleep, BlockedPipelineSleepsOnBothSides) {
  // A full FIFO whose consumer starts at cycle 1000: nobody may poll meanwhile.
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  sim::Fifo<int> fifo(domain, "fifo", 4);
  test::Source source(fifo, 8);
  test::Sink sink(fifo, 1000);
  domain.add(source);
  domain.add(sink);
  sim::run(failure);
  EXPECT_EQ(sink.values.size(), 8U);
  EXPECT_EQ(sink.popped_at.front(), 1000U);
  EXPECT_LT(domain.edges(), 20U);
  EXPECT_LT(domain.evaluations(), 40U);
}

TEST(Sleep, DistantPlansBeyondSimulatedTimeNeverHappen) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  Probe probe;
  probe.plan = [](Cycle) { return kNever - 1; };
  domain.add(probe);
  sim::run(failure);
  EXPECT_EQ(domain.edges(), 0U);
}

}  // namespace
