// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/watchdog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/credits.h"
#include "tests/unit/core/parts.h"

namespace {

using sim::ClockDomain;
using sim::Cycle;
using sim::DeadlockError;
using sim::Failure;
using sim::Fifo;
using sim::kNever;
using sim::Watchdog;
using test::ns;
using test::Probe;
using test::Source;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct WatchdogTest : testing::Test {
  Failure failure;
  ClockDomain domain{"core", 1000, failure};
  std::uint64_t retired = 0;
  std::uint64_t outstanding = 0;
  Watchdog::Count retired_count = [this] { return retired; };
  Watchdog::Count outstanding_count = [this] { return outstanding; };
};

TEST_F(WatchdogTest, StrikesExactlyAtItsLimit) {
  outstanding = 1;
  Watchdog watchdog(domain, 100, retired_count, outstanding_count);
  sim::run(failure, ns(100));  // up to, not including
  EXPECT_EQ(domain.edges(), 0U);
  EXPECT_THROW(sim::run(failure, ns(1)), DeadlockError);
  EXPECT_EQ(sc_core::sc_time_stamp(), ns(100));
  EXPECT_EQ(domain.edges(), 1U);
}

TEST_F(WatchdogTest, OneRetirementBuysTimeUntilTheLookAfterNext) {
  outstanding = 2;
  Watchdog watchdog(domain, 100, retired_count, outstanding_count);
  Probe worker;
  worker.plan = [](Cycle now) { return now < 40 ? 40 : kNever; };
  worker.on_edge = [&](Cycle) { ++retired; };
  domain.add(worker);
  EXPECT_THROW(sim::run(failure), DeadlockError);
  EXPECT_EQ(domain.now(), 200U);
}

TEST_F(WatchdogTest, CostsOneEvaluationPerLimitWhileWorkIsOutstanding) {
  outstanding = 1;
  Watchdog watchdog(domain, 100, retired_count, outstanding_count);
  Probe worker;
  worker.plan = test::until(1000);
  worker.on_edge = [&](Cycle now) {
    ++retired;
    if (now == 1000) outstanding = 0;
  };
  domain.add(worker);
  sim::run(failure);
  EXPECT_EQ(domain.evaluations(), 1000U + 10U);
  EXPECT_EQ(domain.edges(), 1000U);
}

TEST_F(WatchdogTest, IdleDomainStaysAsleep) {
  Watchdog watchdog(domain, 100, retired_count, outstanding_count);
  sim::run(failure);
  EXPECT_EQ(domain.edges(), 0U);
}

TEST_F(WatchdogTest, NoticesWorkThatBeganLater) {
  Watchdog watchdog(domain, 100, retired_count, outstanding_count);
  Probe worker;
  worker.plan = [](Cycle now) { return now < 550 ? 550 : kNever; };
  worker.on_edge = [&](Cycle) { outstanding = 1; };  // and sleeps for ever
  domain.add(worker);
  EXPECT_THROW(sim::run(failure), DeadlockError);
  EXPECT_EQ(domain.now(), 650U);
}

TEST_F(WatchdogTest, WorkThatEndsWithoutRetiringIsNoDeadlock) {
  outstanding = 1;
  Watchdog watchdog(domain, 100, retired_count, outstanding_count);
  Probe worker;
  worker.plan = [](Cycle now) { return now < 60 ? 60 : kNever; };
  worker.on_edge = [&](Cycle) { outstanding = 0; };  // flushed
  domain.add(worker);
  sim::run(failure);
  EXPECT_EQ(domain.evaluations(), 1U);
}

TEST_F(WatchdogTest, ReportNamesBusyMembersAndEveryFill) {
  Fifo<int> stuck(domain, "lane0.in", 4);
  Fifo<int> empty(domain, "lane0.out", 2);
  sim::Credits credits(domain, "lane0.slots", 8);
  credits.take(8);
  Source source(stuck, 10);
  domain.add(source);
  Probe idle("lane0.idler");
  domain.add(idle);
  outstanding = 10;
  Watchdog watchdog(domain, 1000, retired_count, outstanding_count);
  ClockDomain other("memory", 500, failure);
  Fifo<int> far(other, "memory.queue", 3);
  watchdog.include(other);
  try {
    sim::run(failure);
    FAIL();
  } catch (const DeadlockError& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::check);
    EXPECT_THAT(e.what(),
                AllOf(HasSubstr("nothing was retired in the last 1000 cycles"), HasSubstr("cycle 1000"),
                      HasSubstr("clock domain core"), HasSubstr("0 retired so far, 10 outstanding")));
    EXPECT_THAT(e.what(), AllOf(HasSubstr("source: has 6 left to send"), HasSubstr("lane0.in: 4/4"),
                                HasSubstr("lane0.out: 0/2"), HasSubstr("lane0.slots: 0/8 credits free"),
                                HasSubstr("memory.queue: 0/3")));
    EXPECT_THAT(e.what(), Not(HasSubstr("idler")));
  }
}

TEST_F(WatchdogTest, StarvationIsReportedWhenTheQueueRanEmpty) {
  Fifo<int> fifo(domain, "fifo", 2);
  Watchdog watchdog(domain, 100, retired_count, outstanding_count);
  sim::run(failure);
  watchdog.check_starved();  // nothing outstanding: fine
  outstanding = 3;
  try {
    watchdog.check_starved();
    FAIL();
  } catch (const DeadlockError& e) {
    EXPECT_THAT(e.what(),
                AllOf(HasSubstr("no event is left"), HasSubstr("3 outstanding"), HasSubstr("fifo: 0/2")));
  }
}

TEST_F(WatchdogTest, ResetStartsAnew) {
  outstanding = 1;
  Watchdog watchdog(domain, 100, retired_count, outstanding_count);
  Probe worker;
  worker.plan = [](Cycle now) { return now < 60 ? 60 : kNever; };
  worker.on_edge = [&](Cycle) { domain.reset(); };  // at 61
  domain.add(worker);
  EXPECT_THROW(sim::run(failure), DeadlockError);
  EXPECT_EQ(domain.now(), 161U);
}

TEST_F(WatchdogTest, RefusesLimitZero) {
  EXPECT_THROW(Watchdog(domain, 0, retired_count, outstanding_count), sim::Error);
}

}  // namespace
