// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/ring_traffic.h"

namespace ring::test {
namespace {

Hardware at(Level level, ArbiterKind arbiter = ArbiterKind::round_robin) {
  Hardware h;
  h.level = level;
  h.arbiter = arbiter;
  return h;
}

TEST(Arbiter, RoundRobinTakesTheNextKeyInACircle) {
  const auto arbiter = make_round_robin();
  const std::vector<Offer> offers = {{3, 0, 0}, {5, 0, 1}, {9, 0, 2}};
  EXPECT_EQ(arbiter->choose(offers.data(), 3, 3), 1U);
  EXPECT_EQ(arbiter->choose(offers.data(), 3, 4), 1U);
  EXPECT_EQ(arbiter->choose(offers.data(), 3, 9), 0U);
  EXPECT_EQ(arbiter->choose(offers.data(), 3, ~std::uint64_t{0}), 0U);
}

TEST(Arbiter, OldestFirstLooksAtTimeAndGoesRoundOnTies) {
  const auto arbiter = make_oldest_first();
  const std::vector<Offer> offers = {{3, 7, 0}, {5, 6, 1}, {9, 6, 2}};
  EXPECT_EQ(arbiter->choose(offers.data(), 3, 3), 1U);
  EXPECT_EQ(arbiter->choose(offers.data(), 3, 5), 2U);
  EXPECT_EQ(arbiter->choose(offers.data(), 3, 9), 1U);
}

// Three messages of one size on one link: nobody gets ahead by more than a packet.
TEST(Fairness, MessagesOnOneLinkShareItEqually) {
  const Fabric fabric = full_mesh(2, link_class());
  const Routes routes = Routes::make(fabric);
  for (const Level level : {Level::packet, Level::train}) {
    const std::vector<Message> messages(3, Message{0, 1, 256 * 100, 0, -1});
    const Outcome o = run(fabric, routes, at(level), messages);
    EXPECT_EQ(o.times[0].left + 27'200,
              o.times[1].left);  // the last packets follow each other: 272 B at 10 GB/s
    EXPECT_EQ(o.times[1].left + 27'200, o.times[2].left);
    EXPECT_EQ(o.times[2].left, 300 * 27'200U);
  }
}

// Every input of a switch that wants the same output gets the same share of it, however many there are.
TEST(Fairness, InputsOfASwitchShareAnOutputEqually) {
  const Fabric fabric = nvswitch(6, 1, link_class());
  const Routes routes = Routes::make(fabric);
  for (const ArbiterKind kind : {ArbiterKind::round_robin, ArbiterKind::oldest_first}) {
    std::vector<Message> messages;
    for (NodeId g = 1; g < 6; ++g) messages.push_back({g, 0, 256 * 200, 0, -1});
    const Outcome o = run(fabric, routes, at(Level::packet, kind), messages);
    Ps first = kNeverPs, last = 0;
    for (const Times& t : o.times) {
      first = std::min(first, t.arrived);
      last = std::max(last, t.arrived);
    }
    EXPECT_EQ(last - first, 4 * 27'200U);
  }
}

// A limit of the port, not of its links: two links of one GPU alternate.
TEST(Fairness, LinksShareThePortOfTheirGpu) {
  Fabric fabric = full_mesh(3, link_class(100));
  fabric.ports[0].egress = rate_of_gbytes_per_s(10);  // 256 B in 25 600 ps
  const Routes routes = Routes::make(fabric);
  for (const Level level : {Level::packet, Level::train}) {
    const Outcome o = run(fabric, routes, at(level), {{0, 1, 256 * 100, 0, -1}, {0, 2, 256 * 100, 0, -1}});
    EXPECT_EQ(o.times[0].left, 198 * 25'600U + 2'720);  // grants 0, 2, 4, ... of the port
    EXPECT_EQ(o.times[1].left, 199 * 25'600U + 2'720);
    EXPECT_GT(o.times[0].waits[kWaitPort], 99 * 45'000U);
    EXPECT_EQ(o.times[0].waits[kWaitLink] + o.times[0].waits[kWaitCredit], 0U);
  }
}

}  // namespace
}  // namespace ring::test
