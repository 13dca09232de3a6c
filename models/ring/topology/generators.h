// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Fabrics by rule. Every function gives an indexed Fabric without port limits; connections are two links, one
// a direction. All throw sim::Error(Exit::usage) for counts that make no fabric.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/ring/topology/fabric.h"

namespace ring {

/// Largest fabric that is built: beyond it something is mistyped.
constexpr std::uint64_t kMaxLinks = std::uint64_t{1} << 24;
constexpr std::uint32_t kMaxGpus = 65536;

/// Collects nodes and links, then checks and indexes.
class FabricBuilder {
 public:
  /// Names are gpu0.. and switch0..; name() replaces one.
  FabricBuilder(std::string kind, std::uint32_t gpus, std::uint32_t switches, bool gpus_forward);
  std::uint32_t add(LinkClass link);  ///< the number of the class; an equal one is not kept twice
  void name(NodeId node, std::string name) { fabric_.names.at(node) = std::move(name); }
  NodeId sw(std::uint32_t index) const { return fabric_.gpus + index; }
  void one_way(NodeId from, NodeId to, std::uint32_t kind);
  void connect(NodeId a, NodeId b, std::uint32_t kind);  ///< both directions
  Fabric finish();

 private:
  Fabric fabric_;
};

/// Every pair of GPUs has a connection of its own: NVLink without switches, Ascend HCCS.
Fabric full_mesh(std::uint32_t gpus, const LinkClass& link);

/// Every GPU is connected to every switch. `link` is one GPU's connection to one switch.
Fabric nvswitch(std::uint32_t gpus, std::uint32_t switches, const LinkClass& link);

/// GPUs under PCIe switches, these under roots (a bigger switch or a root complex), roots joined by the host.
/// In the words of `nvidia-smi topo`: same switch = PIX, same root = PXB, else through the host (SYS).
struct PcieTree {
  std::uint32_t gpus = 4;
  std::uint32_t gpus_per_switch = 2;
  std::uint32_t switches_per_root = 2;
};
Fabric pcie_tree(const PcieTree& tree, const LinkClass& link, const LinkClass& uplink,
                 const LinkClass& host_link);

/// k-ary n-cube: neighbours in every dimension, ends joined where `wrap` and the extent is above 2.
Fabric torus(const std::vector<std::uint32_t>& dims, bool wrap, const LinkClass& link);
/// Two extents as near to each other as they can be, first one the longer; {n} when n is prime.
std::vector<std::uint32_t> near_square(std::uint32_t gpus);

/// What joins the GPUs of one server.
enum class NodeFabric { none, full_mesh, nvswitch };

/// GPUs under leaf switches, every leaf connected to every spine; inside a server GPUs may have a fabric of
/// their own. With rails, GPU i of every server is under leaf i.
struct LeafSpine {
  std::uint32_t gpus = 16;
  std::uint32_t gpus_per_node = 8;
  std::uint32_t gpus_per_leaf = 8;  ///< without rails: consecutive GPUs
  std::uint32_t spines = 2;         ///< 0 only where there is one leaf
  bool rails = true;
  NodeFabric node = NodeFabric::nvswitch;
};
Fabric leaf_spine(const LeafSpine& shape, const LinkClass& link, const LinkClass& uplink,
                  const LinkClass& node_link);

}  // namespace ring
