// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/topology/fabric.h"

#include <gmock/gmock.h>

#include "models/ring/topology/generators.h"
#include "sim/core/error.h"

namespace {

using ring::Fabric;
using ring::LinkClass;
using testing::ElementsAre;
using testing::HasSubstr;

template <class F>
std::string message_of(F f) {
  try {
    f();
  } catch (const sim::Error& e) {
    return e.what();
  }
  return "";
}

std::size_t degree(const Fabric& f, ring::NodeId n) { return f.first_out[n + 1] - f.first_out[n]; }

TEST(Fabric, FullMeshHasALinkForEveryPair) {
  const Fabric f = ring::full_mesh(5, {});
  EXPECT_EQ(f.links.size(), 20u);
  for (ring::NodeId a = 0; a < 5; ++a) {
    for (ring::NodeId b = 0; b < 5; ++b) {
      const ring::LinkId link = f.find(a, b);
      EXPECT_EQ(link == ring::kNoLink, a == b);
      if (a == b) continue;
      EXPECT_EQ(f.link_name(link), "gpu" + std::to_string(a) + "->gpu" + std::to_string(b));
    }
  }
}

TEST(Fabric, TheIndexFindsWhatEntersANode) {
  const Fabric f = ring::pcie_tree({7, 2, 2}, {}, {}, {});
  for (ring::NodeId n = 0; n < f.nodes(); ++n) {
    for (std::uint32_t i = f.first_in[n]; i < f.first_in[n + 1]; ++i) EXPECT_EQ(f.links[f.in_links[i]].to, n);
    for (ring::LinkId l = f.first_out[n]; l < f.first_out[n + 1]; ++l) EXPECT_EQ(f.links[l].from, n);
  }
}

TEST(Fabric, PcieTreeOfTheA10s) {
  const Fabric f = ring::pcie_tree({4, 2, 2}, {}, {}, {});
  EXPECT_EQ(f.switches, 3u);
  EXPECT_THAT(f.names, ElementsAre("gpu0", "gpu1", "gpu2", "gpu3", "switch0", "switch1", "root0"));
  EXPECT_EQ(f.links.size(), 2u * (4 + 2));
}

TEST(Fabric, PcieTreeGrowsAHostOnlyWhenItNeedsOne) {
  EXPECT_EQ(ring::pcie_tree({2, 2, 2}, {}, {}, {}).switches, 1u);
  EXPECT_EQ(ring::pcie_tree({8, 2, 2}, {}, {}, {}).switches, 4u + 2 + 1);
  EXPECT_EQ(ring::pcie_tree({8, 2, 2}, {}, {}, {}).names.back(), "host");
}

TEST(Fabric, TorusHasTwoNeighboursADimension) {
  const Fabric f = ring::torus({4, 3}, true, {});
  for (ring::NodeId n = 0; n < 12; ++n) EXPECT_EQ(degree(f, n), 4u);
  const Fabric flat =
      ring::torus({2, 2, 2}, true, {});  // an extent of 2 has one neighbour, not two links to it
  for (ring::NodeId n = 0; n < 8; ++n) EXPECT_EQ(degree(flat, n), 3u);
  EXPECT_EQ(ring::torus({4, 3}, false, {}).links.size(), 2u * (3 * 3 + 4 * 2));
  EXPECT_THAT(ring::near_square(12), ElementsAre(4, 3));
  EXPECT_THAT(ring::near_square(7), ElementsAre(7));
  EXPECT_THAT(ring::near_square(64), ElementsAre(8, 8));
}

TEST(Fabric, RailsPutEqualGpusUnderOneLeaf) {
  const Fabric f = ring::leaf_spine({16, 8, 8, 2, true, ring::NodeFabric::nvswitch}, {}, {}, {});
  EXPECT_EQ(f.switches, 8u + 2 + 2);
  for (ring::NodeId gpu = 0; gpu < 16; ++gpu) {
    EXPECT_NE(f.find(gpu, 16 + gpu % 8), ring::kNoLink);
    EXPECT_NE(f.find(gpu, 16 + 8 + 2 + gpu / 8), ring::kNoLink);
    EXPECT_EQ(degree(f, gpu), 2u);
  }
  EXPECT_EQ(f.names[16], "rail0");
  EXPECT_EQ(f.names[24], "spine0");
}

TEST(Fabric, LeavesHoldConsecutiveGpus) {
  const Fabric f = ring::leaf_spine({8, 1, 4, 3, false, ring::NodeFabric::none}, {}, {}, {});
  EXPECT_EQ(f.links.size(), 2u * (8 + 2 * 3));
  EXPECT_NE(f.find(3, 8), ring::kNoLink);
  EXPECT_NE(f.find(4, 9), ring::kNoLink);
}

TEST(Fabric, ClassesAreKeptOnce) {
  ring::FabricBuilder b("x", 3, 0, true);
  LinkClass fast;
  fast.rate = ring::rate_of_gbytes_per_s(100);
  EXPECT_EQ(b.add({}), 0u);
  EXPECT_EQ(b.add(fast), 1u);
  EXPECT_EQ(b.add({}), 0u);
}

TEST(Fabric, RefusesWhatIsAmbiguousOrEndless) {
  ring::FabricBuilder twice("graph", 2, 0, true);
  const std::uint32_t kind = twice.add({});
  twice.connect(0, 1, kind);
  twice.one_way(0, 1, kind);
  EXPECT_THAT(message_of([&] { twice.finish(); }), HasSubstr("two links from gpu0 to gpu1"));
  ring::FabricBuilder self("graph", 2, 0, true);
  self.one_way(1, 1, self.add({}));
  EXPECT_THAT(message_of([&] { self.finish(); }), HasSubstr("from gpu1 to itself"));
  EXPECT_THAT(message_of([] { ring::full_mesh(5000, {}); }), HasSubstr("24995000 links"));
  EXPECT_THAT(message_of([] { ring::torus({1000, 1000}, true, {}); }), HasSubstr("1000000"));
  EXPECT_THAT(message_of([] { ring::full_mesh(0, {}); }), HasSubstr("0 GPUs"));
  EXPECT_THAT(message_of([] {
                ring::leaf_spine({12, 8, 8, 2, true, {}}, {}, {}, {});
              }),
              HasSubstr("12 GPUs do not make whole servers of 8"));
  EXPECT_THAT(message_of([] { ring::leaf_spine({16, 8, 8, 0, true, {}}, {}, {}, {}); }), HasSubstr("spine"));
}

TEST(Fabric, NamesItsParts) {
  ring::FabricBuilder b("graph", 6, 1, true);
  const std::uint32_t kind = b.add({});
  b.connect(0, 6, kind);
  b.connect(1, 6, kind);
  b.connect(2, 6, kind);
  b.connect(3, 5, kind);
  EXPECT_THAT(b.finish().parts(), ElementsAre("gpu0..gpu2", "gpu3, gpu5", "gpu4"));
}

TEST(Fabric, ListsNamesShortly) {
  EXPECT_EQ(ring::short_list({"gpu0", "gpu1", "gpu2", "gpu3", "gpu7", "a", "a"}), "gpu0..gpu3, gpu7, a, a");
  EXPECT_EQ(ring::short_list({"gpu0", "gpu1"}), "gpu0, gpu1");
  EXPECT_EQ(ring::short_list({"x9", "x10", "x11"}), "x9..x11");
  EXPECT_EQ(ring::short_list({}), "");
}

TEST(Fabric, CreditsCoverTheRoundTrip) {
  LinkClass link;
  link.rate = ring::rate_of_gbytes_per_s(12.934);
  link.latency_ps = 5'000'000;
  // 10 us of 272 B packets, 21030 ps each: 476, one packet each way, eight to spare.
  EXPECT_EQ(link.credits_of_round_trip(), 476u + 2 + 8);
}

}  // namespace
