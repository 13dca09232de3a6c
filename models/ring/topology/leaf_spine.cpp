// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>

#include "models/ring/function/refuse.h"
#include "models/ring/topology/generators.h"

namespace ring {

Fabric leaf_spine(const LeafSpine& shape, const LinkClass& link, const LinkClass& uplink,
                  const LinkClass& node_link) {
  if (shape.gpus_per_node == 0 || shape.gpus % shape.gpus_per_node != 0) {
    const std::uint32_t each = std::max(1u, shape.gpus_per_node), whole = shape.gpus / each * each;
    refuse(std::to_string(shape.gpus) + " GPUs do not make whole servers of " +
           std::to_string(shape.gpus_per_node) + "; use " +
           (whole > 0 ? std::to_string(whole) + " or " : "") + std::to_string(whole + each) +
           " GPUs, or another gpus_per_node");
  }
  if (!shape.rails && shape.gpus_per_leaf == 0) refuse("a leaf needs at least one GPU");
  const std::uint32_t servers = shape.gpus / shape.gpus_per_node;
  const std::uint32_t leaves =
      shape.rails ? shape.gpus_per_node : (shape.gpus + shape.gpus_per_leaf - 1) / shape.gpus_per_leaf;
  if (shape.spines == 0 && leaves > 1) refuse(std::to_string(leaves) + " leaves need at least one spine");
  const std::uint32_t inner = shape.node == NodeFabric::nvswitch ? servers : 0;
  FabricBuilder b("leaf_spine", shape.gpus, leaves + shape.spines + inner, false);
  const std::uint32_t down = b.add(link);
  for (NodeId gpu = 0; gpu < shape.gpus; ++gpu) {
    b.connect(gpu, b.sw(shape.rails ? gpu % shape.gpus_per_node : gpu / shape.gpus_per_leaf), down);
  }
  for (std::uint32_t leaf = 0; leaf < leaves; ++leaf) {
    b.name(b.sw(leaf), (shape.rails ? "rail" : "leaf") + std::to_string(leaf));
  }
  for (std::uint32_t spine = 0; spine < shape.spines; ++spine) {
    const std::uint32_t up = b.add(uplink);
    b.name(b.sw(leaves + spine), "spine" + std::to_string(spine));
    for (std::uint32_t leaf = 0; leaf < leaves; ++leaf) b.connect(b.sw(leaf), b.sw(leaves + spine), up);
  }
  if (shape.node == NodeFabric::none || shape.gpus_per_node == 1) return b.finish();
  const std::uint32_t near = b.add(node_link);
  for (std::uint32_t server = 0; server < servers; ++server) {
    const NodeId first = server * shape.gpus_per_node;
    if (shape.node == NodeFabric::nvswitch) {
      const NodeId sw = b.sw(leaves + shape.spines + server);
      b.name(sw, "nvswitch" + std::to_string(server));
      for (NodeId i = 0; i < shape.gpus_per_node; ++i) b.connect(first + i, sw, near);
      continue;
    }
    for (NodeId i = 0; i < shape.gpus_per_node; ++i) {
      for (NodeId j = i + 1; j < shape.gpus_per_node; ++j) b.connect(first + i, first + j, near);
    }
  }
  return b.finish();
}

}  // namespace ring
