// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/topology/routes.h"

#include <gmock/gmock.h>

#include "models/ring/topology/generators.h"
#include "route_checks.h"
#include "sim/core/error.h"

namespace {

using ring::Fabric;
using ring::LinkClass;
using ring::Routes;
using ring::RoutingKind;
using testing::HasSubstr;

LinkClass two_vcs() {
  LinkClass link;
  link.vcs = 2;
  return link;
}

std::string refusal(const Fabric& f, const ring::RoutingOptions& options = {}) {
  try {
    Routes::make(f, options);
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::usage);
    return e.what();
  }
  return "";
}

Fabric one_way_ring(unsigned gpus) {
  ring::FabricBuilder b("graph", gpus, 0, true);
  const std::uint32_t kind = b.add(two_vcs());
  for (unsigned g = 0; g < gpus; ++g) b.one_way(g, (g + 1) % gpus, kind);
  return b.finish();
}

// Every generator in small sizes: complete, as short as can be, free of cycles.
TEST(Routes, EveryGeneratorIsRoutedShortestAndWithoutCycles) {
  std::vector<Fabric> fabrics;
  for (unsigned n = 2; n < 7; ++n) {
    fabrics.push_back(ring::full_mesh(n, {}));
    fabrics.push_back(ring::nvswitch(n, n, {}));
    fabrics.push_back(ring::pcie_tree({3 * n, 2, 2}, {}, {}, {}));
    fabrics.push_back(ring::torus({n}, true, two_vcs()));
    fabrics.push_back(ring::torus({n, 3}, true, two_vcs()));
    fabrics.push_back(ring::torus({2, n, 4}, true, two_vcs()));
    fabrics.push_back(ring::torus({n, 4}, false, two_vcs()));
    fabrics.push_back(ring::leaf_spine({n * 4, 4, 4, 3, true, ring::NodeFabric::nvswitch}, {}, {}, {}));
    fabrics.push_back(ring::leaf_spine({n * 4, 4, 4, 3, true, ring::NodeFabric::full_mesh}, {}, {}, {}));
    fabrics.push_back(ring::leaf_spine({n * 4, 1, 3, 2, false, ring::NodeFabric::none}, {}, {}, {}));
  }
  for (const Fabric& f : fabrics) {
    SCOPED_TRACE(f.kind + " " + std::to_string(f.gpus));
    const Routes routes = Routes::make(f);
    EXPECT_EQ(routes.missing(), 0u);
    const auto follows = ring_test::walk(f, routes);
    EXPECT_TRUE(ring_test::acyclic(follows));
    EXPECT_LE(follows.size(), routes.dependencies());
    const auto hops = ring_test::hops_of(f);
    for (ring::NodeId a = 0; a < f.gpus; ++a) {
      for (ring::NodeId b = 0; b < f.gpus; ++b) EXPECT_EQ(routes.path(a, b).size(), hops[a][b]);
    }
  }
}

// What the check says about a table is what walking all its ways says.
TEST(Routes, RandomGraphsAreAcyclicOrRefusedWithTheCycle) {
  std::mt19937 random(11);
  unsigned refused = 0;
  for (int i = 0; i < 300; ++i) {
    const Fabric f = ring_test::random_fabric(random, i % 2 == 0);
    for (const bool multipath : {false, true}) {
      const std::string why = refusal(f, {RoutingKind::shortest, multipath});
      if (!why.empty()) {
        ++refused;
        EXPECT_THAT(why, testing::AllOf(HasSubstr("can deadlock"), HasSubstr("->"), HasSubstr("up_down")));
      } else {
        const Routes routes = Routes::make(f, {RoutingKind::shortest, multipath});
        EXPECT_TRUE(ring_test::acyclic(ring_test::walk(f, routes)));
        const auto hops = ring_test::hops_of(f);
        for (ring::NodeId a = 0; a < f.gpus; ++a) {
          for (ring::NodeId b = 0; b < f.gpus; ++b) ASSERT_EQ(routes.path(a, b).size(), hops[a][b]);
        }
      }
      const Routes safe = Routes::make(f, {RoutingKind::up_down, multipath});
      EXPECT_EQ(safe.missing(), 0u);
      EXPECT_TRUE(ring_test::acyclic(ring_test::walk(f, safe)));
    }
  }
  EXPECT_GT(refused, 10u);  // the case is met
}

TEST(Routes, NamesTheCycleOfARing) {
  const std::string why = refusal(one_way_ring(4));
  EXPECT_THAT(why, HasSubstr("routing shortest can deadlock"));
  EXPECT_THAT(why, HasSubstr("gpu0->gpu1, gpu1->gpu2, gpu2->gpu3, gpu3->gpu0 and back to the first"));
  EXPECT_THAT(refusal(one_way_ring(20)), HasSubstr("12 more and back"));
  // Two hops at most: nobody waits for the second link of another while holding its first ... three do.
  EXPECT_EQ(refusal(ring::torus({3}, true, two_vcs()), {RoutingKind::shortest, false}), "");
  EXPECT_THAT(refusal(ring::torus({5}, true, two_vcs()), {RoutingKind::shortest, false}),
              HasSubstr("gpu4->gpu0"));
}

TEST(Routes, ADatelineNeedsASecondChannel) {
  EXPECT_THAT(refusal(ring::torus({5}, true, LinkClass{})), HasSubstr("needs 2 virtual channels"));
  EXPECT_EQ(refusal(ring::torus({5}, false, LinkClass{})), "");
  const Fabric f = ring::torus({5}, true, two_vcs());
  const Routes routes = Routes::make(f);
  const std::vector<ring::Hop> path = routes.path(4, 1);  // 4 -> 0 -> 1, the first link closes the ring
  ASSERT_EQ(path.size(), 2u);
  EXPECT_EQ(path[0].vc, 0);
  EXPECT_EQ(path[1].vc, 1);
  EXPECT_THAT(refusal(ring::full_mesh(4, {}), {RoutingKind::dimension_order, true}),
              HasSubstr("needs a torus"));
}

TEST(Routes, SwitchesAreWays) {
  const Fabric f = ring::nvswitch(8, 4, {});
  const Routes routes = Routes::make(f);
  EXPECT_EQ(routes.ways(0, 5), 4u);
  for (unsigned way = 0; way < 4; ++way) {
    const auto path = routes.path(0, 5, way);
    ASSERT_EQ(path.size(), 2u);
    EXPECT_EQ(f.links[path[0].link].to, 8 + way);
  }
  const Routes single = Routes::make(f, {RoutingKind::shortest, false});
  EXPECT_EQ(single.ways(0, 5), 1u);
  EXPECT_EQ(f.links[single.path(0, 5)[0].link].to, 8u + 5 % 4);  // by destination
}

TEST(Routes, ATransferTakesTheLeastFlowAndTheLargestPacketOfItsWay) {
  LinkClass pix, pxb;
  pix.flow = ring::rate_of_gbytes_per_s(20);
  pxb.flow = ring::rate_of_gbytes_per_s(13);
  pxb.payload_bytes = 512;
  Fabric f = ring::pcie_tree({4, 2, 2}, pix, pxb, {});
  const Routes routes = Routes::make(f);
  EXPECT_EQ(routes.flow(0, 1), pix.flow);
  EXPECT_EQ(routes.flow(0, 2), pxb.flow);
  EXPECT_EQ(routes.payload_bytes(0, 1), 256u);
  EXPECT_EQ(routes.payload_bytes(0, 2), 512u);
  f.ports[0].flow = ring::rate_of_gbytes_per_s(7);
  EXPECT_EQ(Routes::make(f).flow(0, 1), f.ports[0].flow);
  EXPECT_EQ(Routes::make(f).flow(1, 0), pix.flow);
}

TEST(Routes, RefusesPartsAndGpusThatDoNotForward) {
  ring::FabricBuilder parts("graph", 4, 0, true);
  std::uint32_t kind = parts.add({});
  parts.connect(0, 2, kind);
  parts.connect(1, 3, kind);
  EXPECT_THAT(refusal(parts.finish()), HasSubstr("falls into 2 parts, {gpu0, gpu2} | {gpu1, gpu3}"));
  ring::FabricBuilder chain("graph", 3, 0, false);
  kind = chain.add({});
  chain.connect(0, 1, kind);
  chain.connect(1, 2, kind);
  EXPECT_THAT(refusal(chain.finish()),
              HasSubstr("from gpu2 to gpu0 but through other GPUs, which do not forward"));
  ring::FabricBuilder oneway("graph", 2, 0, true);
  oneway.one_way(0, 1, oneway.add({}));
  EXPECT_THAT(refusal(oneway.finish()), HasSubstr("from gpu1 to gpu0, though there may be one back"));
}

// A million links: tables of 4 MB, and no pass over all links for each destination.
TEST(Routes, AThousandGpusInAFullMesh) {
  const Fabric f = ring::full_mesh(1024, {});
  const Routes routes = Routes::make(f);
  EXPECT_EQ(f.links.size(), 1024u * 1023);
  EXPECT_EQ(routes.bytes(), 1024u * 1024 * 4);
  EXPECT_EQ(routes.dependencies(), 0u);
  for (ring::NodeId n = 1; n < 1024; n += 37) {
    EXPECT_EQ(routes.path(0, n).size(), 1u);
    EXPECT_EQ(routes.next(n, 0).link, f.find(n, 0));
  }
}

TEST(Routes, AThousandGpusInOtherFabrics) {
  const Fabric t = ring::torus({16, 8, 8}, true, two_vcs());
  EXPECT_EQ(Routes::make(t).path(0, 1023).size(), 3u);
  const Fabric l = ring::leaf_spine({1024, 8, 8, 16, true, ring::NodeFabric::nvswitch}, {}, {}, {});
  const Routes routes = Routes::make(l);
  EXPECT_EQ(routes.ways(0, 1023), 16u);
  EXPECT_EQ(routes.ways(0, 1016), 1u);                   // same rail
  EXPECT_LT(routes.bytes(), 1024u * 1200 * 4 + 100000);  // destinations share lists of spines
}

}  // namespace
