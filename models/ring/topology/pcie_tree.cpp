// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/topology/generators.h"
#include "sim/core/error.h"

namespace ring {

Fabric pcie_tree(const PcieTree& tree, const LinkClass& link, const LinkClass& uplink,
                 const LinkClass& host_link) {
  if (tree.gpus_per_switch == 0 || tree.switches_per_root == 0) {
    throw sim::Error(sim::Exit::usage, "a PCIe tree needs at least one GPU a switch and one switch a root");
  }
  const auto groups = [](std::uint32_t of, std::uint32_t each) { return (of - 1) / each + 1; };
  const std::uint32_t leaves = groups(tree.gpus == 0 ? 1 : tree.gpus, tree.gpus_per_switch);
  const std::uint32_t roots = leaves > 1 ? groups(leaves, tree.switches_per_root) : 0;
  const std::uint32_t host = roots > 1 ? 1 : 0;
  FabricBuilder b("pcie_tree", tree.gpus, leaves + roots + host, false);
  const std::uint32_t near = b.add(link);
  for (NodeId gpu = 0; gpu < tree.gpus; ++gpu) b.connect(gpu, b.sw(gpu / tree.gpus_per_switch), near);
  if (roots == 0) return b.finish();
  const std::uint32_t up = b.add(uplink);
  for (std::uint32_t leaf = 0; leaf < leaves; ++leaf) {
    b.connect(b.sw(leaf), b.sw(leaves + leaf / tree.switches_per_root), up);
  }
  for (std::uint32_t root = 0; root < roots; ++root)
    b.name(b.sw(leaves + root), "root" + std::to_string(root));
  if (host == 0) return b.finish();
  const std::uint32_t far = b.add(host_link);
  b.name(b.sw(leaves + roots), "host");
  for (std::uint32_t root = 0; root < roots; ++root)
    b.connect(b.sw(leaves + root), b.sw(leaves + roots), far);
  return b.finish();
}

}  // namespace ring
