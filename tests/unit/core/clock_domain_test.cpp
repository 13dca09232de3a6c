// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/clock_domain.h"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/parts.h"

namespace {

using sim::ClockDomain;
using sim::Cycle;
using sim::Exit;
using sim::Failure;
using sim::kNever;
using test::ns;
using test::Probe;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(ClockDomainTime, WholePicosecondsAreExact) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  EXPECT_EQ(domain.period(), ns(1));
  EXPECT_TRUE(domain.period_exact());
  EXPECT_TRUE(domain.rounding().empty());
  EXPECT_DOUBLE_EQ(domain.frequency_mhz(), 1000);
}

TEST(ClockDomainTime, RoundsOneGigahertzFourToThePicosecondAndSaysSo) {
  Failure failure;
  ClockDomain domain("core", 1410, failure);
  EXPECT_EQ(domain.period(), sc_core::sc_time(709, sc_core::SC_PS));
  EXPECT_FALSE(domain.period_exact());
  EXPECT_NEAR(domain.frequency_mhz(), 1410.437, 0.001);
  EXPECT_THAT(domain.rounding(), HasSubstr("core: 1410 MHz"));
  EXPECT_THAT(domain.rounding(), HasSubstr("709 ps"));
}

TEST(ClockDomainTime, RoundsUpAsWellAsDown) {
  Failure failure;
  EXPECT_EQ(ClockDomain("third", 300, failure).period(), sc_core::sc_time(3333, sc_core::SC_PS));
  EXPECT_EQ(ClockDomain("sixth", 600, failure).period(), sc_core::sc_time(1667, sc_core::SC_PS));
}

TEST(ClockDomainTime, RefusesFrequenciesThatAreNone) {
  Failure failure;
  const double inf = std::numeric_limits<double>::infinity();
  int i = 0;
  for (double mhz : {0.0, -1.0, inf, -inf, std::nan(""), 1.1e6, 1e-12}) {
    try {
      ClockDomain domain(("d" + std::to_string(i++)).c_str(), mhz, failure);
      FAIL() << mhz;
    } catch (const sim::Error& e) {
      EXPECT_EQ(e.exit_code(), Exit::usage);
    }
  }
}

TEST(ClockDomainTime, EdgeAfterIsStrict) {
  Failure failure;
  ClockDomain domain("core", 500, failure);  // 2 ns
  EXPECT_EQ(domain.edge_after(ns(0)), 1U);
  EXPECT_EQ(domain.edge_after(ns(1.999)), 1U);
  EXPECT_EQ(domain.edge_after(ns(2)), 2U);
  EXPECT_EQ(domain.edge_after(ns(2.001)), 2U);
  EXPECT_EQ(domain.time_of(7), ns(14));
  EXPECT_THROW(domain.time_of(kNever), sim::Error);
}

TEST(ClockDomainRun, FirstEdgeIsNumberOneAtOnePeriod) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  Probe probe;
  probe.plan = test::until(3);
  probe.on_edge = [&](Cycle now) {
    EXPECT_EQ(domain.now(), now);
    EXPECT_EQ(sc_core::sc_time_stamp(), domain.time_of(now));
  };
  domain.add(probe);
  EXPECT_EQ(domain.now(), 0U);
  sim::run(failure);
  EXPECT_THAT(probe.seen, ElementsAre(1, 2, 3));
  EXPECT_EQ(domain.edges(), 3U);
  EXPECT_EQ(domain.evaluations(), 3U);
  EXPECT_EQ(domain.now(), 3U);
}

TEST(ClockDomainRun, NowFollowsTimeWhileAsleep) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  sim::run(failure, ns(12.5));
  EXPECT_EQ(domain.edges(), 0U);
  EXPECT_EQ(domain.now(), 12U);
}

TEST(ClockDomainRun, RunsToThePicosecondAtRoundedPeriods) {
  Failure failure;
  ClockDomain domain("core", 1410, failure);
  Probe probe;
  probe.plan = test::until(100000);
  domain.add(probe);
  sim::run(failure);
  EXPECT_EQ(probe.seen.size(), 100000U);
  EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::sc_time(70900000, sc_core::SC_PS));
}

TEST(ClockDomainRun, CommitsAfterAllEvaluationsAndBeforeNextCycle) {
  struct Recorder final : sim::Registered {
    explicit Recorder(std::string& l) : log(l) {}
    void commit(Cycle) override { log += 'c'; }
    void reset() override {}
    std::string& log;
  };
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  std::string log;
  Recorder registered(log);
  domain.add(registered);
  Probe a("a");
  Probe b("b");
  for (Probe* p : {&a, &b}) {
    p->on_edge = [&](Cycle) {
      log += 'e';
      domain.touch(registered);
    };
    p->plan = [&](Cycle now) {
      log += 'n';
      return now < 2 ? now + 1 : kNever;
    };
    domain.add(*p);
  }
  sim::run(failure);
  EXPECT_EQ(log, "nneecnneecnn");
}

TEST(ClockDomainRun, ShuffleChangesTheOrderAndNothingElse) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  domain.shuffle(7);
  std::string order;
  std::vector<std::unique_ptr<Probe>> probes;
  for (char c = 'a'; c < 'k'; ++c) {
    probes.push_back(std::make_unique<Probe>());
    probes.back()->plan = test::until(2);
    probes.back()->on_edge = [&order, c](Cycle) { order += c; };
    domain.add(*probes.back());
  }
  sim::run(failure);
  const std::string first = order.substr(0, 10);
  const std::string second = order.substr(10);
  EXPECT_NE(first, second);
  EXPECT_NE(first, "abcdefghij");
  for (char c = 'a'; c < 'k'; ++c) {
    EXPECT_EQ(std::count(first.begin(), first.end(), c), 1);
    EXPECT_EQ(std::count(second.begin(), second.end(), c), 1);
  }
}

TEST(ClockDomainMembers, OneDomainEach) {
  Failure failure;
  ClockDomain a("a", 1000, failure);
  ClockDomain b("b", 1000, failure);
  Probe probe("lane0");
  a.add(probe);
  try {
    b.add(probe);
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), Exit::internal);
    EXPECT_THAT(e.what(), HasSubstr("lane0"));
  }
  EXPECT_THROW(b.wake(probe, 1), sim::Error);
  Probe nowhere;
  EXPECT_THROW(b.wake(nowhere, 1), sim::Error);
}

TEST(ClockDomainMembers, NextCycleMustLieAhead) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  Probe probe("lane0");
  probe.plan = [](Cycle now) { return now < 5 ? now + 1 : now; };
  domain.add(probe);
  try {
    sim::run(failure);
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), Exit::internal);
    EXPECT_THAT(e.what(), HasSubstr("lane0: next_cycle(5) answered 5"));
  }
}

TEST(ClockDomainMembers, MayJoinBetweenEdgesButNotDuringOne) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  Probe late;
  late.plan = test::until(9);
  sim::run(failure, ns(5.5));
  domain.add(late);
  sim::run(failure, ns(10));
  EXPECT_THAT(late.seen, ElementsAre(6, 7, 8, 9));

  Probe intruder("intruder");
  late.on_edge = [&](Cycle) { domain.add(intruder); };
  domain.wake(late, 0);
  EXPECT_THROW(sim::run(failure, ns(10)), sim::Error);
}

}  // namespace
