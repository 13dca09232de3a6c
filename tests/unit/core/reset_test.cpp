// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/credits.h"
#include "tests/unit/core/parts.h"

namespace {

using sim::ClockDomain;
using sim::Credits;
using sim::Cycle;
using sim::Failure;
using sim::Fifo;
using sim::kNever;
using test::ns;
using test::Probe;
using test::Script;
using test::Sink;
using test::Source;
using testing::ElementsAre;

struct ResetTest : testing::Test {
  Failure failure;
  ClockDomain domain{"core", 1000, failure};
};

TEST_F(ResetTest, TakesEffectAtTheNextEdgeInsteadOfEvaluation) {
  Probe probe;
  probe.plan = [](Cycle now) { return now < 8 ? now + 1 : kNever; };
  probe.on_edge = [&](Cycle now) {
    if (now == 3) domain.reset();
  };
  domain.add(probe);
  sim::run(failure);
  EXPECT_EQ(probe.resets, 1);
  EXPECT_THAT(probe.seen, ElementsAre(1, 2, 3, 5, 6, 7, 8));
}

TEST_F(ResetTest, InTheMiddleOfTrafficRestartsEverything) {
  Fifo<int> fifo(domain, "fifo", 4);
  Source source(fifo, 20);
  Sink sink(fifo, 10);  // the FIFO is full when the reset comes
  domain.add(source);
  domain.add(sink);
  Script script("script", [&] {
    sc_core::wait(ns(6.5));
    EXPECT_EQ(fifo.size(), 4U);
    domain.reset();
    sc_core::wait(ns(1));  // 7.5: edge 7 was the reset
    EXPECT_EQ(fifo.size(), 0U);
  });
  sim::run(failure);
  EXPECT_THAT(std::vector<Cycle>(source.pushed_at.begin(), source.pushed_at.begin() + 6),
              ElementsAre(1, 2, 3, 4, 8, 9));
  ASSERT_EQ(sink.values.size(), 20U);
  EXPECT_EQ(sink.values.front(), 0);
  EXPECT_EQ(sink.values.back(), 19);
}

TEST_F(ResetTest, DropsWhatIsNotCommittedYetAndOldWakes) {
  Fifo<int> fifo(domain, "fifo", 4);
  Credits credits(domain, "credits", 3);
  Sink sink(fifo);
  domain.add(sink);
  Probe probe;
  domain.add(probe);
  domain.wake(probe, 50);
  Script script("script", [&] {
    sc_core::wait(ns(2.25));
    credits.take(2);
    fifo.push(1);
    domain.reset();  // at edge 3, at which the push would have become visible
    sc_core::wait(ns(1));
    EXPECT_EQ(credits.available(), 3U);
  });
  sim::run(failure);
  EXPECT_TRUE(sink.values.empty());
  EXPECT_TRUE(probe.seen.empty());
  EXPECT_EQ(probe.resets, 1);
  EXPECT_EQ(domain.edges(), 1U);
  EXPECT_EQ(sc_core::sc_time_stamp(), ns(3.25));
}

TEST_F(ResetTest, WakesASleepingDomainOnce) {
  Probe probe;
  domain.add(probe);
  Script script("script", [&] {
    sc_core::wait(ns(9));  // the time of edge 9: strictly later is 10
    domain.reset();
    domain.reset();
  });
  sim::run(failure);
  EXPECT_EQ(probe.resets, 1);
  EXPECT_EQ(domain.edges(), 1U);
  EXPECT_EQ(sc_core::sc_time_stamp(), ns(10));
}

TEST_F(ResetTest, PushAfterOneThatTheResetTookIsNotLost) {
  Fifo<int> fifo(domain, "fifo", 4);
  Sink sink(fifo);
  domain.add(sink);
  Script script("script", [&] {
    sc_core::wait(ns(2.5));
    domain.reset();  // at edge 3
    sc_core::wait(ns(1));
    fifo.push(2);  // for edge 4, as the one that the reset took
  });
  bool before_the_edge = false;
  test::Poke poke("poke", ns(3), [&] {
    before_the_edge = domain.edges() == 0;
    fifo.push(1);
  });
  sim::run(failure);
  EXPECT_TRUE(before_the_edge) << "the kernel ran the domain first: this test tests nothing";
  EXPECT_THAT(sink.values, ElementsAre(2));
  EXPECT_THAT(sink.popped_at, ElementsAre(4));
}

TEST_F(ResetTest, SecondOneAtTheTimeOfTheFirstComesAnEdgeLater) {
  Probe probe;
  std::vector<Cycle> resets;
  probe.plan = [&](Cycle now) {
    resets.push_back(now);  // nothing else asks: it never evaluates
    return kNever;
  };
  domain.add(probe);
  test::Poke first("first", ns(2.5), [&] { domain.reset(); });  // edge 3
  bool before_the_edge = false;
  test::Poke second("second", ns(3), [&] {
    before_the_edge = domain.edges() == 0;
    domain.reset();  // edge 4
  });
  sim::run(failure);
  EXPECT_TRUE(before_the_edge) << "the kernel ran the domain first: this test tests nothing";
  EXPECT_EQ(probe.resets, 2);
  EXPECT_THAT(resets, ElementsAre(0, 3, 4));
}

TEST_F(ResetTest, RepeatedTouchesAfterAResetAreCommitted) {
  Fifo<int> fifo(domain, "fifo", 2);
  Sink sink(fifo);
  domain.add(sink);
  Script script("script", [&] {
    for (int i = 0; i < 3; ++i) {
      sc_core::wait(ns(2.5));
      fifo.push(i);
      if (i == 1) domain.reset();
    }
  });
  sim::run(failure);
  EXPECT_THAT(sink.values, ElementsAre(0, 2));
}

}  // namespace
