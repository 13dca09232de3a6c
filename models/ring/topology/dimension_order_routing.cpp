// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/topology/routing_policy.h"
#include "sim/core/error.h"

namespace ring {
namespace {

// One dimension after the other, the shorter way round in each (upwards when both are equally long). Packets
// that have the closing link of a ring (its dateline) still before them travel on channel 0, all others on
// channel 1: channel 1 never has the closing link, and nothing leads from 1 back to 0 in one dimension.
class DimensionOrder final : public RoutingPolicy {
 public:
  DimensionOrder(const Fabric& fabric, const std::vector<bool>& down) : fabric_(fabric), down_(down) {
    std::uint64_t nodes = 1;
    for (const std::uint32_t extent : fabric.torus_dims) nodes *= extent;
    if (fabric.torus_dims.empty() || nodes != fabric.gpus || fabric.switches > 0) {
      throw sim::Error(sim::Exit::usage, "routing dimension_order needs a torus, but the fabric is a " +
                                             fabric.kind + "; use shortest or up_down");
    }
    for (const std::uint32_t extent : fabric.torus_dims) vcs_ = rings(extent) ? 2 : vcs_;
  }
  const char* name() const override { return "dimension_order"; }
  unsigned vcs() const override { return vcs_; }

  void toward(NodeId to, std::vector<Choice>& out) override {
    for (NodeId node = 0; node < fabric_.gpus; ++node) {
      if (node == to) continue;
      if (down_.empty() || alive(node, to)) out.push_back({node, step(node, to)});
    }
  }

 private:
  bool rings(std::uint32_t extent) const { return fabric_.torus_wraps && extent > 2; }

  // No link is down on the one way there is.
  bool alive(NodeId node, NodeId to) const {
    while (node != to) {
      const LinkId link = step(node, to).link;
      if (down_[link]) return false;
      node = fabric_.links[link].to;
    }
    return true;
  }

  Hop step(NodeId node, NodeId to) const {
    std::uint32_t stride = 1;
    for (const std::uint32_t extent : fabric_.torus_dims) {
      const std::uint32_t at = node / stride % extent, goal = to / stride % extent;
      if (at == goal) {
        stride *= extent;
        continue;
      }
      const std::uint32_t up = (goal + extent - at) % extent;
      const bool upwards = rings(extent) ? 2 * up <= extent : goal > at;
      const std::uint32_t next = upwards ? (at + 1) % extent : (at + extent - 1) % extent;
      const bool dateline_ahead = upwards ? goal < at : goal > at;
      const Hop hop{fabric_.find(node, node - at * stride + next * stride), 0};
      return {hop.link, static_cast<std::uint8_t>(rings(extent) && !dateline_ahead ? 1 : 0)};
    }
    return {};
  }

  const Fabric& fabric_;
  const std::vector<bool>& down_;
  unsigned vcs_ = 1;
};

}  // namespace

std::unique_ptr<RoutingPolicy> dimension_order_routing(const Fabric& fabric, const std::vector<bool>& down) {
  return std::make_unique<DimensionOrder>(fabric, down);
}

}  // namespace ring
