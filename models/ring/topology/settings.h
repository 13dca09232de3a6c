// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// `fabric:` in a configuration: every figure of the network once, with its unit, range and source.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/ring/topology/fabric.h"
#include "models/ring/topology/generators.h"
#include "models/ring/topology/routes.h"
#include "sim/config/auto.h"
#include "sim/config/diagnostics.h"
#include "sim/config/resolved.h"
#include "sim/config/visitor.h"

namespace ring {

enum class TopologyKind { full_mesh, hccs_mesh, nvswitch, pcie_tree, torus, leaf_spine, graph };

/// One class of links: `fabric.link:` and its sisters.
struct LinkSettings {
  unsigned lanes = 1;
  double lane_gbytes_per_s = 25;
  double coding_overhead = 0;
  std::uint32_t payload_bytes = 256;
  std::uint32_t header_bytes = 16;
  double latency_ns = 500;
  double flow_gbytes_per_s = 0;
  unsigned vcs = 2;
  sim::config::Auto<std::uint32_t> credits;
  double bit_error_rate = 0;

  void fields(sim::config::Visitor& v);
  LinkClass make(const std::string& name) const;
};

/// `fabric.gpu_port:`, `fabric.switch_port:`.
struct PortSettings {
  bool of_switch = false;
  double egress_gbytes_per_s = 0;
  double ingress_gbytes_per_s = 0;
  double flow_gbytes_per_s = 0;  // GPUs only
  double latency_ns = 0;         // switches only

  void fields(sim::config::Visitor& v);
  Port make() const;
};

/// An element of `fabric.links:`. Topology graph: a connection; else what is different about one.
struct ConnectionSettings {
  std::string from, to, like = "link";
  bool both_ways = true;
  sim::config::Auto<unsigned> lanes;
  sim::config::Auto<double> lane_gbytes_per_s, latency_ns, flow_gbytes_per_s, bit_error_rate;

  void fields(sim::config::Visitor& v);
  LinkClass change(LinkClass base, const LinkSettings& of) const;
};

/// An element of `fabric.nodes:`: the port of one GPU or switch.
struct NodeSettings {
  std::string name;
  sim::config::Auto<double> egress_gbytes_per_s, ingress_gbytes_per_s, flow_gbytes_per_s, latency_ns;

  void fields(sim::config::Visitor& v);
};

struct PcieSettings {
  PcieTree tree;
  void fields(sim::config::Visitor& v);
};
struct TorusSettings {
  std::vector<std::uint32_t> dims;
  bool wrap = true;
  void fields(sim::config::Visitor& v);
};
struct LeafSpineSettings {
  LeafSpine shape;
  void fields(sim::config::Visitor& v);
};
struct GraphSettings {
  std::vector<std::string> gpus, switches;
  void fields(sim::config::Visitor& v);
};
struct RoutingSettings {
  RoutingKind kind = RoutingKind::automatic;
  sim::config::Auto<bool> multipath;
  void fields(sim::config::Visitor& v);
};

/// `fabric:`.
///
/// @code
///   ring::FabricSettings fabric;                       // in the settings of the model: v.section("fabric",
///   fabric, ...) std::shared_ptr<const ring::Network> network = fabric.build("fabric", resolved,
///   diagnostics);
/// @endcode
struct Network {
  Fabric fabric;
  std::unique_ptr<const Routes> routes;  // refers to fabric
};

struct FabricSettings {
  FabricSettings() { switch_port.of_switch = true; }

  TopologyKind topology = TopologyKind::full_mesh;
  std::uint32_t gpus = 4;
  std::uint32_t switches = 1;
  sim::config::Auto<bool> gpus_forward;
  PcieSettings pcie;
  TorusSettings torus;
  LeafSpineSettings leaf_spine;
  GraphSettings graph;
  LinkSettings link, uplink, node_link, host_link;
  PortSettings gpu_port, switch_port;
  std::vector<ConnectionSettings> links;
  std::vector<NodeSettings> nodes;
  RoutingSettings routing;

  void fields(sim::config::Visitor& v);

  /// Whether the fabric depends on the setting `key` ("uplink.latency_ns", relative to this section) at all.
  bool rests_on(const std::string& key) const;

  /// Told what is wrong: the setting, relative to this section ("links[3].to"), and the message without it.
  using Report = std::function<void(const std::string& key, const std::string& what)>;

  /// The fabric and its routes, or nullptr after at least one report. Never throws for bad settings.
  std::shared_ptr<const Network> build(const Report& report) const;
  /// The same with positions; `path` is where this section stands ("fabric").
  std::shared_ptr<const Network> build(const std::string& path, const sim::config::Resolved& resolved,
                                       sim::config::Diagnostics& diagnostics) const;
  /// The same for programs: throws sim::Error(Exit::usage) with all reports.
  std::shared_ptr<const Network> build() const;
};

}  // namespace ring

namespace sim::config {
template <>
struct EnumNames<ring::TopologyKind> {
  static const std::vector<std::pair<ring::TopologyKind, std::string>>& get();
};
template <>
struct EnumNames<ring::NodeFabric> {
  static const std::vector<std::pair<ring::NodeFabric, std::string>>& get();
};
template <>
struct EnumNames<ring::RoutingKind> {
  static const std::vector<std::pair<ring::RoutingKind, std::string>>& get();
};
}  // namespace sim::config
