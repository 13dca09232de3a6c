// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
// What reaches a clock domain from outside takes effect at the first edge strictly later.
#include <functional>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/context.h"
#include "tests/unit/core/parts.h"

namespace {

using sim::ClockDomain;
using sim::Cycle;
using sim::Failure;
using sim::Fifo;
using sim::kNever;
using test::ns;
using test::Probe;
using test::Script;
using test::Sink;
using testing::ElementsAre;

TEST(Outside, WakeOfASleepingDomainIsStrictlyLater) {
  Failure failure;
  ClockDomain domain("core", 500, failure);  // edges at 2, 4, 6 ns ...
  Probe probe;
  domain.add(probe);
  Script script("script", [&] {
    domain.wake(probe, 0);  // 0 ns -> edge 1
    sc_core::wait(ns(3));
    domain.wake(probe, 0);  // 3 ns -> edge 2
    sc_core::wait(ns(3));
    domain.wake(probe, 3);  // 6 ns, asks for the edge at this very time -> 4
    sc_core::wait(ns(1));
    domain.wake(probe, 9);
  });
  sim::run(failure);
  EXPECT_THAT(probe.seen, ElementsAre(1, 2, 4, 9));
  EXPECT_EQ(domain.edges(), 4U);
}

// The domain runs at every edge and somebody pushes at the time of edge 5: before the domain's process, after
// it in the same delta cycle, or a delta cycle later. What was pushed at 4.5 ns is visible at edge 5, what
// was pushed at 5 ns at edge 6. Returns the number of edges that the domain had run when the push came.
using Pusher = std::function<std::unique_ptr<sc_core::sc_module>(std::function<void()>)>;

std::uint64_t push_at_edge_five(const Pusher& make_pusher, bool pusher_first) {
  test::fresh_context();
  Failure failure;
  std::unique_ptr<ClockDomain> domain;
  std::unique_ptr<Fifo<int>> fifo;
  std::unique_ptr<sc_core::sc_module> pusher;
  std::uint64_t edges_before = 0;
  const auto push = [&] {
    edges_before = domain->edges();
    EXPECT_EQ(sc_core::sc_time_stamp(), ns(5));
    fifo->push(2);
    fifo->push(3);
  };
  if (pusher_first) pusher = make_pusher(push);
  domain = std::make_unique<ClockDomain>("core", 1000, failure);
  fifo = std::make_unique<Fifo<int>>(*domain, "fifo", 8);
  if (!pusher_first) pusher = make_pusher(push);
  test::Poke early("early", ns(4.5), [&] { fifo->push(1); });
  Probe reader;
  std::vector<std::size_t> visible;
  std::vector<int> values;
  reader.plan = test::until(7);
  reader.on_edge = [&](Cycle) {
    visible.push_back(fifo->size());
    while (fifo->can_pop()) values.push_back(fifo->pop());
  };
  domain->add(reader);
  sim::run(failure);
  EXPECT_THAT(visible, ElementsAre(0, 0, 0, 0, 1, 2, 0));
  EXPECT_THAT(values, ElementsAre(1, 2, 3));
  return edges_before;
}

TEST(Outside, PushAtTheTimeOfAnEdgeIsVisibleAtTheNextWhoeverRunsFirst) {
  std::set<std::uint64_t> edges_before;
  for (bool pusher_first : {true, false}) {
    for (double hop : {0.0, 3.5, 4.25, 4.75}) {
      const auto poke = [&](std::function<void()> push) {
        return std::make_unique<test::Poke>("poke", ns(5), std::move(push), ns(hop));
      };
      edges_before.insert(push_at_edge_five(poke, pusher_first));
    }
    for (int deltas : {0, 1}) {
      const auto thread = [&](std::function<void()> push) {
        return std::make_unique<Script>("late", [push, deltas] {
          sc_core::wait(ns(5));
          for (int i = 0; i < deltas; ++i) sc_core::wait(sc_core::SC_ZERO_TIME);
          push();
        });
      };
      edges_before.insert(push_at_edge_five(thread, pusher_first));
    }
  }
  EXPECT_THAT(edges_before, ElementsAre(4, 5)) << "not both orders were met: this test tests too little";
}

TEST(Outside, PushIntoASleepingDomainMakesTheEdgesNeeded) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  Fifo<int> fifo(domain, "fifo", 2);
  Sink sink(fifo);
  domain.add(sink);
  Script script("script", [&] {
    sc_core::wait(ns(100.25));
    fifo.push(7);
    fifo.push(8);
  });
  sim::run(failure);
  EXPECT_THAT(sink.popped_at, ElementsAre(101, 102));
  EXPECT_EQ(domain.edges(), 2U);
}

TEST(Outside, BothEndsCanBeOutside) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  Fifo<int> fifo(domain, "fifo", 2);
  std::vector<int> got;
  Script script("script", [&] {
    for (int i = 0; i < 3; ++i) {
      fifo.push(i);
      EXPECT_EQ(fifo.size(), 0U);
      sc_core::wait(ns(1.5));
      EXPECT_EQ(fifo.size(), 1U);
      got.push_back(fifo.pop());
      sc_core::wait(ns(1.5));
      EXPECT_TRUE(fifo.empty());
    }
  });
  sim::run(failure);
  EXPECT_THAT(got, ElementsAre(0, 1, 2));
}

// A member of one domain wakes one of another; both orders of construction, several ratios of periods.
class AcrossDomains : public testing::TestWithParam<std::pair<double, double>> {};

TEST_P(AcrossDomains, WakesArriveStrictlyLater) {
  const auto [from_mhz, to_mhz] = GetParam();
  Failure failure;
  ClockDomain from("from", from_mhz, failure);
  ClockDomain to("to", to_mhz, failure);
  Probe sender;
  Probe receiver;
  std::vector<Cycle> expected;
  sender.plan = test::until(50);
  sender.on_edge = [&](Cycle now) {
    if (now % 3 != 0) return;
    to.wake(receiver, 0);
    // First edge k of `to` with k * period > now * period of `from`, found by search.
    Cycle k = 1;
    while (k * to.period().value() <= now * from.period().value()) ++k;
    if (expected.empty() || expected.back() != k) expected.push_back(k);
  };
  from.add(sender);
  to.add(receiver);
  sim::run(failure);
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(receiver.seen, expected);
}

INSTANTIATE_TEST_SUITE_P(Ratios, AcrossDomains,
                         testing::Values(std::pair(1000.0, 1000.0), std::pair(1000.0, 500.0),
                                         std::pair(500.0, 1000.0), std::pair(1410.0, 1000.0),
                                         std::pair(300.0, 1410.0)));

}  // namespace
