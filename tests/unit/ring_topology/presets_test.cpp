// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// configs/tech: every network loads, is what it is called, and says of each figure where it is from.
#include <algorithm>

#include <gmock/gmock.h>

#include "models/ring/topology/settings.h"
#include "sim/config/document.h"
#include "sim/config/reader.h"

namespace {

// What a preset may say about the GPUs themselves; the model has more.
struct Gpu {
  double message_launch_us = 0;
  std::vector<double> slowdown;
  void fields(sim::config::Visitor& v) {
    v.field("message_launch_us", message_launch_us, sim::config::Meta("us", ""));
    v.field("slowdown", slowdown, sim::config::Meta("", ""));
  }
};

struct PresetRoot {
  ring::FabricSettings fabric;
  Gpu gpu;
  void fields(sim::config::Visitor& v) {
    v.section("fabric", fabric, "the network");
    v.section("gpu", gpu, "");
  }
};

struct Preset {
  PresetRoot root;
  sim::config::Resolved resolved;
  std::shared_ptr<const ring::Network> network;

  explicit Preset(const std::string& name) {
    sim::config::Diagnostics diagnostics;
    const std::string file = std::string(TRICYCLE_SOURCE_DIR) + "/configs/tech/" + name;
    const auto document = sim::config::Document::load(file, diagnostics);
    resolved = sim::config::read(document, root, diagnostics);
    network = root.fabric.build("fabric", resolved, diagnostics);
    EXPECT_EQ(diagnostics.text(), "") << name;
  }
  const ring::Fabric& fabric() const { return network->fabric; }
  const ring::Routes& routes() const { return *network->routes; }

  // Sum of latencies from GPU to GPU.
  double latency_us(ring::NodeId from, ring::NodeId to) const {
    ring::Picoseconds sum = 0;
    for (const ring::Hop& hop : routes().path(from, to)) {
      sum += fabric().of(hop.link).latency_ps + fabric().ports[fabric().links[hop.link].to].latency_ps;
    }
    return static_cast<double>(sum) * 1e-6;
  }
  // Payload rate that the wire leaves one transfer, all its ways together.
  double wire_gbytes_per_s(ring::NodeId from, ring::NodeId to) const {
    const ring::LinkClass& c = fabric().of(routes().path(from, to)[0].link);
    return gbytes_per_s(c.rate) * routes().ways(from, to) * c.payload_bytes /
           static_cast<double>(c.wire_bytes(c.payload_bytes));
  }
};

const char* const kPresets[] = {"h200_pair.yaml",        "h100_nvswitch8.yaml",    "a100_nv4_mesh4.yaml",
                                "a10_pcie4.yaml",        "a10_pcie4_profile.yaml", "b200_nvswitch8.yaml",
                                "ascend910b_mesh8.yaml", "ndr_leaf.yaml"};

TEST(Presets, EveryFigureOfALinkHasASource) {
  for (const char* name : kPresets) {
    const Preset p(name);
    unsigned figures = 0;
    for (const auto& entry : p.resolved.entries()) {
      const bool figure =
          entry.path.find("_ns") != std::string::npos || entry.path.find("bytes") != std::string::npos;
      if (!entry.explicit_ || !figure) continue;
      ++figures;
      EXPECT_TRUE(entry.annotated) << name << ": " << entry.path;
      EXPECT_NE(entry.source, "") << name << ": " << entry.path;
    }
    EXPECT_GE(figures, 4u) << name;
  }
}

// What --strict refuses is what ring.md's table calls assumed.
TEST(Presets, WhatIsAssumedSaysSo) {
  const auto assumed = [](const char* name) {
    const Preset p(name);
    std::vector<std::string> paths;
    for (const auto* entry : p.resolved.assumed()) {
      if (entry->path.rfind("fabric.", 0) == 0 && p.root.fabric.rests_on(entry->path.substr(7)))
        paths.push_back(entry->path.substr(7));
    }
    return paths;
  };
  using testing::Contains;
  EXPECT_THAT(assumed("h200_pair.yaml"), testing::ElementsAre("link.latency_ns"));
  EXPECT_THAT(assumed("a10_pcie4.yaml"), Contains("link.header_bytes"));
  EXPECT_THAT(assumed("a10_pcie4.yaml"), Contains("link.latency_ns"));
  EXPECT_THAT(assumed("a100_nv4_mesh4.yaml"), Contains("link.latency_ns"));
  EXPECT_THAT(assumed("ascend910b_mesh8.yaml"), Contains("link.payload_bytes"));
  EXPECT_THAT(assumed("ndr_leaf.yaml"), Contains("link.header_bytes"));
  EXPECT_THAT(assumed("b200_nvswitch8.yaml"), Contains("switch_port.latency_ns"));
}

TEST(Presets, H200Pair) {
  const Preset p("h200_pair.yaml");
  EXPECT_EQ(p.fabric().gpus, 2u);
  EXPECT_EQ(p.fabric().of(0).rate.bytes_per_s, 450'000'000'000u);  // 18 x 26.5625 x 16/17
}

TEST(Presets, H100BehindNvswitch) {
  const Preset p("h100_nvswitch8.yaml");
  EXPECT_EQ(p.routes().ways(0, 7), 4u);
  EXPECT_NEAR(p.wire_gbytes_per_s(0, 7), 400, 1e-6);
  EXPECT_DOUBLE_EQ(gbytes_per_s(p.fabric().ports[0].egress), 371);
  EXPECT_NEAR(p.latency_us(0, 7), 1.87, 1e-9);
}

TEST(Presets, A100Mesh) {
  const Preset p("a100_nv4_mesh4.yaml");
  EXPECT_EQ(p.fabric().links.size(), 12u);
  EXPECT_NEAR(p.wire_gbytes_per_s(0, 3), 94.1, 0.05);
  EXPECT_DOUBLE_EQ(gbytes_per_s(p.fabric().ports[2].egress), 281.65);
}

TEST(Presets, A10OnPcie) {
  const Preset p("a10_pcie4.yaml"), fitted("a10_pcie4_profile.yaml");
  EXPECT_NEAR(gbytes_per_s(p.fabric().of(0).rate), 31.5, 0.01);
  EXPECT_EQ(p.routes().path(0, 1).size(), 2u);  // PIX
  EXPECT_EQ(p.routes().path(0, 2).size(), 4u);  // PXB
  EXPECT_EQ(p.routes().flow(0, 1), p.routes().flow(0, 2));
  EXPECT_FALSE(p.fabric().ports[0].egress.limited());
  EXPECT_GT(gbytes_per_s(fitted.routes().flow(0, 1)), gbytes_per_s(fitted.routes().flow(0, 2)));
  EXPECT_TRUE(fitted.fabric().ports[0].egress.limited());
  EXPECT_NEAR(p.latency_us(0, 1), 5, 1e-9);
  EXPECT_NEAR(p.latency_us(0, 2), 5, 1e-9);
}

TEST(Presets, B200AndAscend) {
  const Preset b("b200_nvswitch8.yaml"), a("ascend910b_mesh8.yaml");
  EXPECT_NEAR(b.wire_gbytes_per_s(0, 1), 800, 1e-6);
  EXPECT_DOUBLE_EQ(gbytes_per_s(b.fabric().ports[0].egress), 722);
  EXPECT_EQ(a.fabric().kind, "hccs_mesh");
  EXPECT_DOUBLE_EQ(gbytes_per_s(a.fabric().of(0).rate) * 7, 196);
}

TEST(Presets, NdrLeaves) {
  const Preset p("ndr_leaf.yaml");
  EXPECT_NEAR(p.latency_us(0, 8), 1.5, 1e-9);   // the same rail of another server
  EXPECT_NEAR(p.latency_us(0, 1), 1.87, 1e-9);  // NVSwitch
  EXPECT_EQ(p.routes().ways(0, 9), 4u);         // over a spine
  EXPECT_EQ(p.routes().payload_bytes(0, 9), 4096u);
  EXPECT_DOUBLE_EQ(gbytes_per_s(p.fabric().of(p.routes().path(0, 8)[0].link).rate), 50);
}

}  // namespace
