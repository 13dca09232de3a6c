// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/topology/settings.h"

#include <algorithm>
#include <cmath>

namespace ring {

using sim::config::Meta;
using sim::config::Visitor;

void LinkSettings::fields(Visitor& v) {
  v.field("lanes", lanes, Meta("lane", "lanes side by side; a degraded link loses some").range(1u, 4096u));
  v.field("lane_gbytes_per_s", lane_gbytes_per_s,
          Meta("GB/s", "of one lane, one direction, as signalled").above(0.0).at_most(1e6));
  v.field("coding_overhead", coding_overhead,
          Meta("", "line coding and error correction: signalled bits over carried bits, less one")
              .range(0.0, 10.0));
  v.field("payload_bytes", payload_bytes, Meta("B", "payload of a full packet").range(1u, 1u << 20));
  v.field("header_bytes", header_bytes,
          Meta("B", "header, framing and CRC of every packet").range(0u, 1u << 16));
  v.field("latency_ns", latency_ns, Meta("ns", "one way, without serialising").range(0.0, 1e9));
  v.field("flow_gbytes_per_s", flow_gbytes_per_s,
          Meta("GB/s", "limit of the payload of any one transfer that passes; 0 = none").range(0.0, 1e6));
  v.field("vcs", vcs, Meta("channel", "virtual channels").range(1u, 16u));
  v.field("credits", credits,
          Meta("packet", "buffer of a virtual channel at the receiver; auto = covers the round trip")
              .range(1u, 1u << 24));
  v.field("bit_error_rate", bit_error_rate,
          Meta("", "probability that a bit on the wire is wrong").range(0.0, 1e-3));
}

LinkClass LinkSettings::make(const std::string& name) const {
  LinkClass c;
  c.name = name;
  c.lanes = static_cast<std::uint16_t>(lanes);
  c.rate = rate_of_gbytes_per_s(lanes * lane_gbytes_per_s / (1 + coding_overhead));
  c.payload_bytes = payload_bytes;
  c.header_bytes = header_bytes;
  c.latency_ps = picoseconds(latency_ns * 1e-9);
  c.flow = rate_of_gbytes_per_s(flow_gbytes_per_s);
  c.vcs = static_cast<std::uint16_t>(vcs);
  c.bit_error_rate = bit_error_rate;
  c.credits = credits.value_or(c.credits_of_round_trip());
  return c;
}

void PortSettings::fields(Visitor& v) {
  v.field("egress_gbytes_per_s", egress_gbytes_per_s,
          Meta("GB/s", "payload on all outgoing links together; 0 = no limit").range(0.0, 1e6));
  v.field("ingress_gbytes_per_s", ingress_gbytes_per_s,
          Meta("GB/s", "payload on all incoming links together; 0 = no limit").range(0.0, 1e6));
  if (of_switch) {
    v.field("latency_ns", latency_ns, Meta("ns", "head in to head out when nothing waits").range(0.0, 1e9));
  } else {
    v.field("flow_gbytes_per_s", flow_gbytes_per_s,
            Meta("GB/s", "payload of any one transfer that starts here (a copy engine); 0 = no limit")
                .range(0.0, 1e6));
  }
}

Port PortSettings::make() const {
  return {rate_of_gbytes_per_s(egress_gbytes_per_s), rate_of_gbytes_per_s(ingress_gbytes_per_s),
          rate_of_gbytes_per_s(flow_gbytes_per_s), picoseconds(latency_ns * 1e-9)};
}

void ConnectionSettings::fields(Visitor& v) {
  v.field("from", from, Meta("", "name of a GPU or switch"));
  v.field("to", to, Meta("", "name of a GPU or switch"));
  v.field("both_ways", both_ways, Meta("", "the direction back as well"));
  v.field("like", like,
          Meta("", "topology graph: link, uplink, node_link or host_link, whose figures it has"));
  v.field("lanes", lanes, Meta("lane", "instead of those of its class").range(1u, 4096u).word("same"));
  v.field("lane_gbytes_per_s", lane_gbytes_per_s,
          Meta("GB/s", "instead of that of its class").above(0.0).at_most(1e6).word("same"));
  v.field("latency_ns", latency_ns, Meta("ns", "instead of that of its class").range(0.0, 1e9).word("same"));
  v.field("flow_gbytes_per_s", flow_gbytes_per_s,
          Meta("GB/s", "instead of that of its class; 0 = no limit").range(0.0, 1e6).word("same"));
  v.field("bit_error_rate", bit_error_rate,
          Meta("", "instead of that of its class").range(0.0, 1e-3).word("same"));
}

LinkClass ConnectionSettings::change(LinkClass base, const LinkSettings& of) const {
  const bool rate = !lanes.is_auto() || !lane_gbytes_per_s.is_auto();
  if (rate) {
    base.lanes = static_cast<std::uint16_t>(lanes.value_or(of.lanes));
    base.rate = rate_of_gbytes_per_s(base.lanes * lane_gbytes_per_s.value_or(of.lane_gbytes_per_s) /
                                     (1 + of.coding_overhead));
  }
  if (!latency_ns.is_auto()) base.latency_ps = picoseconds(*latency_ns.value * 1e-9);
  if (!flow_gbytes_per_s.is_auto()) base.flow = rate_of_gbytes_per_s(*flow_gbytes_per_s.value);
  base.bit_error_rate = bit_error_rate.value_or(base.bit_error_rate);
  base.credits = of.credits.value_or(base.credits_of_round_trip());
  return base;
}

void NodeSettings::fields(Visitor& v) {
  v.field("name", name, Meta("", "name of a GPU or switch"));
  v.field("egress_gbytes_per_s", egress_gbytes_per_s,
          Meta("GB/s", "instead of that of its kind; 0 = no limit").range(0.0, 1e6).word("same"));
  v.field("ingress_gbytes_per_s", ingress_gbytes_per_s,
          Meta("GB/s", "instead of that of its kind; 0 = no limit").range(0.0, 1e6).word("same"));
  v.field("flow_gbytes_per_s", flow_gbytes_per_s,
          Meta("GB/s", "GPU: instead of that of its kind; 0 = no limit").range(0.0, 1e6).word("same"));
  v.field("latency_ns", latency_ns,
          Meta("ns", "switch: instead of that of its kind").range(0.0, 1e9).word("same"));
}

void PcieSettings::fields(Visitor& v) {
  v.field("gpus_per_switch", tree.gpus_per_switch,
          Meta("GPU", "under one PCIe switch (PIX)").range(1u, 1024u));
  v.field("switches_per_root", tree.switches_per_root,
          Meta("switch", "under one root (PXB); roots meet in the host").range(1u, 1024u));
}

void TorusSettings::fields(Visitor& v) {
  v.field("dims", dims,
          Meta("GPU", "extent of each dimension, first one fastest; [] = two, as equal as they can be")
              .range(1u, kMaxGpus));
  v.field("wrap", wrap, Meta("", "ends are joined; false = a mesh"));
}

void LeafSpineSettings::fields(Visitor& v) {
  v.field("gpus_per_node", shape.gpus_per_node, Meta("GPU", "of one server").range(1u, 1024u));
  v.field("node", shape.node, Meta("", "what joins the GPUs of one server, by node_link"));
  v.field("rails", shape.rails, Meta("", "GPU i of every server is under leaf i"));
  v.field("gpus_per_leaf", shape.gpus_per_leaf,
          Meta("GPU", "without rails: consecutive ones").range(1u, 65536u));
  v.field("spines", shape.spines, Meta("switch", "each connected to every leaf").range(0u, 1024u));
}

void GraphSettings::fields(Visitor& v) {
  v.field("gpus", gpus, Meta("", "names of the GPUs; [] = gpu0, gpu1, ..."));
  v.field("switches", switches, Meta("", "names of the switches"));
}

void RoutingSettings::fields(Visitor& v) {
  v.field("kind", kind, Meta("", "auto: dimension_order on a torus, else shortest"));
  v.field("multipath", multipath,
          Meta("", "spread over equally good next links; auto: nvswitch and leaf_spine do"));
}

void FabricSettings::fields(Visitor& v) {
  v.field("topology", topology, Meta("", "what connects the GPUs"));
  v.field("gpus", gpus, Meta("GPU", "in the cluster").range(1u, kMaxGpus));
  v.field("switches", switches,
          Meta("switch", "topology nvswitch: each with a link to every GPU").range(1u, 1024u));
  v.field("gpus_forward", gpus_forward,
          Meta("", "packets may pass through GPUs; auto: on a torus and a graph they may"));
  v.section("pcie", pcie, "topology pcie_tree");
  v.section("torus", torus, "topology torus");
  v.section("leaf_spine", leaf_spine, "topology leaf_spine");
  v.section("graph", graph, "topology graph: nodes; its connections are `links`");
  v.section("link", link, "a GPU's links: to its neighbour, to its switch, to its leaf");
  v.section("uplink", uplink, "PCIe switch to root; leaf to spine");
  v.section("node_link", node_link, "topology leaf_spine: inside a server");
  v.section("host_link", host_link, "topology pcie_tree: root to host");
  v.section("gpu_port", gpu_port, "what a GPU limits, whatever its links carry");
  v.section("switch_port", switch_port, "what a switch limits, whatever its links carry");
  v.list("links", links, "topology graph: its connections; else links that differ from their class");
  v.list("nodes", nodes, "GPUs and switches that differ from their kind");
  v.section("routing", routing, "which way packets take");
}

}  // namespace ring

namespace sim::config {

const std::vector<std::pair<ring::TopologyKind, std::string>>& EnumNames<ring::TopologyKind>::get() {
  static const std::vector<std::pair<ring::TopologyKind, std::string>> names = {
      {ring::TopologyKind::full_mesh, "full_mesh"}, {ring::TopologyKind::hccs_mesh, "hccs_mesh"},
      {ring::TopologyKind::nvswitch, "nvswitch"},   {ring::TopologyKind::pcie_tree, "pcie_tree"},
      {ring::TopologyKind::torus, "torus"},         {ring::TopologyKind::leaf_spine, "leaf_spine"},
      {ring::TopologyKind::graph, "graph"}};
  return names;
}

const std::vector<std::pair<ring::NodeFabric, std::string>>& EnumNames<ring::NodeFabric>::get() {
  static const std::vector<std::pair<ring::NodeFabric, std::string>> names = {
      {ring::NodeFabric::none, "none"},
      {ring::NodeFabric::full_mesh, "full_mesh"},
      {ring::NodeFabric::nvswitch, "nvswitch"}};
  return names;
}

const std::vector<std::pair<ring::RoutingKind, std::string>>& EnumNames<ring::RoutingKind>::get() {
  static const std::vector<std::pair<ring::RoutingKind, std::string>> names = {
      {ring::RoutingKind::automatic, "auto"},
      {ring::RoutingKind::shortest, "shortest"},
      {ring::RoutingKind::dimension_order, "dimension_order"},
      {ring::RoutingKind::up_down, "up_down"}};
  return names;
}

}  // namespace sim::config
