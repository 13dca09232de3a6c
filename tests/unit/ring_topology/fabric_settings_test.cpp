// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <gmock/gmock.h>

#include "models/ring/topology/settings.h"
#include "sim/config/document.h"
#include "sim/config/reader.h"

namespace {

using testing::AllOf;
using testing::HasSubstr;

struct Root {
  ring::FabricSettings fabric;
  void fields(sim::config::Visitor& v) { v.section("fabric", fabric, "the network"); }
};

struct Read {
  Root root;
  std::shared_ptr<const ring::Network> network;
  std::string problems;
};

Read read(const std::string& yaml) {
  Read r;
  sim::config::Diagnostics diagnostics;
  const auto document = sim::config::Document::parse(yaml, "c.yaml", diagnostics);
  const auto resolved = sim::config::read(document, r.root, diagnostics);
  if (diagnostics.ok()) r.network = r.root.fabric.build("fabric", resolved, diagnostics);
  r.problems = diagnostics.text();
  EXPECT_EQ(r.network == nullptr, !diagnostics.ok());
  return r;
}

TEST(FabricSettings, DefaultsAreAMesh) {
  const Read r = read("");
  ASSERT_EQ(r.problems, "");
  EXPECT_EQ(r.network->fabric.gpus, 4u);
  EXPECT_EQ(r.network->fabric.links.size(), 12u);
  EXPECT_EQ(r.network->routes->policy(), "shortest");
}

TEST(FabricSettings, FiguresReachTheLinks) {
  const Read r = read(R"(fabric:
  topology: nvswitch
  gpus: 2
  switches: 2
  link: {lanes: 9, lane_gbytes_per_s: 26.5625, coding_overhead: 0.0625, payload_bytes: 128, header_bytes: 32,
         latency_ns: 700.5, flow_gbytes_per_s: 395, vcs: 3, credits: 40, bit_error_rate: 1e-12}
  gpu_port: {egress_gbytes_per_s: 371, ingress_gbytes_per_s: 377, flow_gbytes_per_s: 360}
  switch_port: {latency_ns: 470}
)");
  ASSERT_EQ(r.problems, "");
  const ring::Fabric& f = r.network->fabric;
  const ring::LinkClass& link = f.of(0);
  EXPECT_EQ(link.rate.bytes_per_s, 225'000'000'000u);
  EXPECT_EQ(link.lanes, 9u);
  EXPECT_EQ(link.wire_bytes(128), 160u);
  EXPECT_EQ(link.latency_ps, 700'500u);
  EXPECT_EQ(link.flow.bytes_per_s, 395'000'000'000u);
  EXPECT_EQ(link.vcs, 3u);
  EXPECT_EQ(link.credits, 40u);
  EXPECT_EQ(link.bit_error_rate, 1e-12);
  EXPECT_EQ(f.ports[1].egress.bytes_per_s, 371'000'000'000u);
  EXPECT_EQ(f.ports[1].ingress.bytes_per_s, 377'000'000'000u);
  EXPECT_EQ(f.ports[2].latency_ps, 470'000u);
  EXPECT_FALSE(f.ports[2].egress.limited());
  EXPECT_EQ(r.network->routes->ways(0, 1), 2u);
  EXPECT_EQ(r.network->routes->flow(0, 1).bytes_per_s, 360'000'000'000u);
}

TEST(FabricSettings, AGraphIsItsConnections) {
  const Read r = read(R"(fabric:
  topology: graph
  gpus: 3
  graph: {gpus: [a, b, c], switches: [s]}
  uplink: {lane_gbytes_per_s: 50}
  switch_port: {egress_gbytes_per_s: 99}
  links:
    - {from: a, to: s}
    - {from: b, to: s, like: uplink, lanes: 2, latency_ns: 40, bit_error_rate: 1e-9}
    - {from: c, to: s, both_ways: false}
    - {from: s, to: c, lane_gbytes_per_s: 3, flow_gbytes_per_s: 2, both_ways: false}
  nodes:
    - {name: b, egress_gbytes_per_s: 7}
    - {name: s, latency_ns: 300}
)");
  ASSERT_EQ(r.problems, "");
  const ring::Fabric& f = r.network->fabric;
  EXPECT_EQ(f.links.size(), 6u);
  EXPECT_EQ(f.of(f.find(1, 3)).rate.bytes_per_s, 100'000'000'000u);
  EXPECT_EQ(f.of(f.find(3, 1)).latency_ps, 40'000u);
  EXPECT_EQ(f.of(f.find(3, 1)).bit_error_rate, 1e-9);
  EXPECT_EQ(f.of(f.find(2, 3)).rate.bytes_per_s, 25'000'000'000u);
  EXPECT_EQ(f.of(f.find(3, 2)).rate.bytes_per_s, 3'000'000'000u);
  EXPECT_EQ(f.of(f.find(3, 2)).flow.bytes_per_s, 2'000'000'000u);
  EXPECT_EQ(f.ports[1].egress.bytes_per_s, 7'000'000'000u);
  EXPECT_EQ(f.ports[3].latency_ps, 300'000u);
  EXPECT_EQ(f.ports[3].egress.bytes_per_s, 99'000'000'000u);
}

TEST(FabricSettings, LinksOfAGeneratedFabricCanDiffer) {
  const Read r =
      read("fabric: {gpus: 3, links: [{from: gpu0, to: gpu2, lane_gbytes_per_s: 1, both_ways: false}]}");
  ASSERT_EQ(r.problems, "");
  const ring::Fabric& f = r.network->fabric;
  EXPECT_EQ(f.of(f.find(0, 2)).rate.bytes_per_s, 1'000'000'000u);
  EXPECT_EQ(f.of(f.find(2, 0)).rate.bytes_per_s, 25'000'000'000u);
}

TEST(FabricSettings, ReportsEveryMistakeWhereItIs) {
  const Read r = read(R"(fabric:
  topology: graph
  gpus: 3
  graph: {switches: [spine]}
  links:
    - {from: gpu0, to: spien}
    - {from: gpu1, to: gpu1}
    - {from: gpu0, to: spine, like: cable}
    - {from: gpu2, to: spine}
    - {from: spine, to: gpu2}
    - {to: gpu1}
)");
  EXPECT_THAT(r.problems,
              HasSubstr("c.yaml:6:24: error: fabric.links[0].to: there is no GPU or switch 'spien', "
                        "did you mean 'spine'?"));
  EXPECT_THAT(r.problems,
              HasSubstr("c.yaml:7:24: error: fabric.links[1].to: 'gpu1' would be connected to itself"));
  EXPECT_THAT(
      r.problems,
      HasSubstr(
          "fabric.links[2].like: there is no class of links 'cable'; there are: link, uplink, node_link"));
  EXPECT_THAT(r.problems, HasSubstr("fabric.links[4]: 'spine' to 'gpu2' is there already, as links[3]"));
  EXPECT_THAT(r.problems, HasSubstr("fabric.links[5].from: missing"));
}

TEST(FabricSettings, RefusesWhatMakesNoFabric) {
  EXPECT_THAT(read("fabric: {link: {lane_gbytes_per_s: 0}}").problems, HasSubstr("c.yaml:1:36: error"));
  EXPECT_THAT(read("fabric: {gpus: 5000}").problems, HasSubstr("fabric.gpus: a full mesh of 5000 GPUs has"));
  EXPECT_THAT(read("fabric: {topology: torus, gpus: 12, torus: {dims: [4, 4]}}").problems,
              HasSubstr("fabric.torus.dims: 4 x 4 is not the number of GPUs, 12"));
  EXPECT_THAT(read("fabric: {topology: leaf_spine, gpus: 12}").problems,
              HasSubstr("fabric.leaf_spine: 12 GPUs do not make whole servers of 8"));
  EXPECT_THAT(read("fabric: {topology: graph, gpus: 2}").problems,
              HasSubstr("a graph needs its connections"));
  EXPECT_THAT(read("fabric: {topology: graph, gpus: 2, graph: {gpus: [a]}}").problems,
              HasSubstr("1 names for 2 GPUs"));
  EXPECT_THAT(read("fabric: {topology: graph, gpus: 2, graph: {gpus: [a, a]}}").problems,
              HasSubstr("'a' names two nodes"));
  EXPECT_THAT(
      read("fabric: {topology: graph, gpus: 4, links: [{from: gpu0, to: gpu1}, {from: gpu2, to: gpu3}]}")
          .problems,
      AllOf(HasSubstr("c.yaml:1:36"), HasSubstr("2 parts, {gpu0, gpu1} | {gpu2, gpu3}")));
  EXPECT_THAT(read("fabric: {links: [{from: gpu0, to: gpu9}]}").problems,
              HasSubstr("no GPU or switch 'gpu9', did you mean 'gpu0'?"));
  EXPECT_THAT(read("fabric: {links: [{from: gpu0, to: nowhere}]}").problems,
              HasSubstr("no GPU or switch 'nowhere'; there are: gpu0..gpu3"));
  EXPECT_THAT(read("fabric: {topology: nvswitch, links: [{from: gpu0, to: gpu1}]}").problems,
              HasSubstr("no link from 'gpu0' to 'gpu1' in this fabric"));
  EXPECT_THAT(read("fabric: {nodes: [{name: gpu0, latency_ns: 3}]}").problems, HasSubstr("'gpu0' is a GPU"));
  EXPECT_THAT(read("fabric: {topology: torus, gpus: 5, link: {vcs: 1}}").problems,
              HasSubstr("fabric.routing.kind: routing dimension_order needs 2 virtual channels"));
}

TEST(FabricSettings, SaysWhichSettingsCount) {
  ring::FabricSettings s;
  EXPECT_TRUE(s.rests_on("link.latency_ns"));
  EXPECT_FALSE(s.rests_on("uplink.latency_ns"));
  EXPECT_FALSE(s.rests_on("switch_port.latency_ns"));
  s.topology = ring::TopologyKind::pcie_tree;
  EXPECT_TRUE(s.rests_on("uplink.latency_ns"));
  EXPECT_FALSE(s.rests_on("host_link.latency_ns"));
  s.gpus = 8;
  EXPECT_TRUE(s.rests_on("host_link.latency_ns"));
  EXPECT_FALSE(s.rests_on("torus.dims"));
  EXPECT_TRUE(s.rests_on("gpus"));
}

TEST(FabricSettings, ProgramsGetAnException) {
  ring::FabricSettings s;
  EXPECT_EQ(s.build()->fabric.gpus, 4u);
  s.topology = ring::TopologyKind::graph;
  EXPECT_THROW(s.build(), sim::Error);
}

}  // namespace
