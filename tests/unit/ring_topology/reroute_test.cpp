// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <gmock/gmock.h>

#include "models/ring/topology/generators.h"
#include "models/ring/topology/routes.h"
#include "route_checks.h"

namespace {

using ring::Fabric;
using ring::Routes;

std::vector<bool> none(const Fabric& f) { return std::vector<bool>(f.links.size(), false); }

TEST(Reroute, AMeshThatForwardsGoesRoundADeadLink) {
  Fabric f = ring::full_mesh(4, {});
  f.gpus_forward = true;
  const Routes routes = Routes::make(f);
  std::vector<bool> down = none(f);
  down[f.find(0, 1)] = true;
  const Routes other = routes.without(down);
  EXPECT_EQ(other.missing(), 0u);
  EXPECT_EQ(other.path(0, 1).size(), 2u);
  EXPECT_EQ(other.path(1, 0).size(), 1u);
  EXPECT_TRUE(ring_test::acyclic(ring_test::walk(f, other, down)));
}

TEST(Reroute, AMeshThatDoesNotForwardIsLeftWithoutAWay) {
  const Fabric f = ring::full_mesh(4, {});
  const Routes routes = Routes::make(f);
  std::vector<bool> down = none(f);
  down[f.find(0, 1)] = true;
  const Routes other = routes.without(down);
  EXPECT_EQ(other.missing(), 1u);
  EXPECT_FALSE(other.reachable(0, 1));
  EXPECT_TRUE(other.path(0, 1).empty());
  EXPECT_EQ(other.next(0, 1).link, ring::kNoLink);
}

TEST(Reroute, AnotherSwitchTakesOver) {
  const Fabric f = ring::nvswitch(8, 4, {});
  std::vector<bool> down = none(f);
  down[f.find(8 + 2, 5)] = true;  // switch2 -> gpu5
  const Routes other = Routes::make(f).without(down);
  EXPECT_EQ(other.missing(), 0u);
  EXPECT_EQ(other.ways(0, 5), 3u);
  EXPECT_EQ(other.ways(0, 4), 4u);
  EXPECT_TRUE(ring_test::acyclic(ring_test::walk(f, other, down)));
}

TEST(Reroute, ATorusGoesRound) {
  ring::LinkClass link;
  link.vcs = 2;
  const Fabric f = ring::torus({4, 4}, true, link);
  const Routes routes = Routes::make(f);
  for (ring::LinkId dead = 0; dead < f.links.size(); ++dead) {
    std::vector<bool> down = none(f);
    down[dead] = true;
    const Routes other = routes.without(down);
    EXPECT_EQ(other.missing(), 0u);
    EXPECT_TRUE(ring_test::acyclic(ring_test::walk(f, other, down)));
  }
}

// Whatever dies: nothing dead is used, nothing can deadlock, and nobody is given up whom up_down can still
// reach as well as the table's own policy.
TEST(Reroute, RandomGraphsWithRandomDeadLinks) {
  std::mt19937 random(5);
  for (int i = 0; i < 200; ++i) {
    const Fabric f = ring_test::random_fabric(random, i % 2 == 0);
    const Routes routes = Routes::make(f, {ring::RoutingKind::up_down, i % 3 == 0});
    std::vector<bool> down = none(f);
    for (unsigned dead = random() % 4; dead > 0; --dead) {
      const ring::Link& link = f.links[random() % f.links.size()];  // both directions
      down[f.find(link.from, link.to)] = down[f.find(link.to, link.from)] = true;
    }
    const Routes other = routes.without(down);
    EXPECT_TRUE(ring_test::acyclic(ring_test::walk(f, other, down)));
    const auto hops = ring_test::hops_of(f, down);
    for (ring::NodeId a = 0; a < f.gpus; ++a) {
      for (ring::NodeId b = 0; b < f.gpus; ++b) EXPECT_EQ(other.reachable(a, b), a == b || hops[a][b] > 0);
    }
    EXPECT_EQ(other.without(none(f)).missing(), 0u);  // and back again
  }
}

}  // namespace
