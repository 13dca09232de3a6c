// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <limits>

#include "models/ring/topology/routing_policy.h"

namespace ring {
namespace {

// Breadth first from the destination against the links. A level is complete before the next one starts, and
// the search ends with the level that finds the last node: one row of links in a full mesh.
class Shortest final : public RoutingPolicy {
 public:
  Shortest(const Fabric& fabric, const std::vector<bool>& down)
      : fabric_(fabric), down_(down), distance_(fabric.nodes()) {}
  const char* name() const override { return "shortest"; }

  void toward(NodeId to, std::vector<Choice>& out) override {
    std::fill(distance_.begin(), distance_.end(), kFar);
    distance_[to] = 0;
    level_.assign(1, to);
    std::uint32_t found = 1, hops = 1;
    for (; !level_.empty() && found < fabric_.nodes(); ++hops) {
      next_level_.clear();
      for (const NodeId node : level_) {
        if (node != to && !forwards(fabric_, node)) continue;
        for (std::uint32_t i = fabric_.first_in[node]; i < fabric_.first_in[node + 1]; ++i) {
          const LinkId link = fabric_.in_links[i];
          if (!down_.empty() && down_[link]) continue;
          const NodeId before = fabric_.links[link].from;
          if (distance_[before] == kFar) {
            distance_[before] = hops;
            next_level_.push_back(before);
            ++found;
          }
          if (distance_[before] == hops) out.push_back({before, {link, 0}});
        }
      }
      level_.swap(next_level_);
    }
  }

 private:
  static constexpr std::uint32_t kFar = std::numeric_limits<std::uint32_t>::max();

  const Fabric& fabric_;
  const std::vector<bool>& down_;
  std::vector<std::uint32_t> distance_;
  std::vector<NodeId> level_, next_level_;
};

}  // namespace

std::unique_ptr<RoutingPolicy> shortest_routing(const Fabric& fabric, const std::vector<bool>& down) {
  return std::make_unique<Shortest>(fabric, down);
}

}  // namespace ring
