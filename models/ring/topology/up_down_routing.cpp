// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <limits>
#include <numeric>

#include "models/ring/topology/routing_policy.h"

namespace ring {
namespace {

// Up*/down* (Autonet): nodes are ordered by their distance from a root, links lead up or down that order, and
// no way goes up after it went down. So channels have an order, and no cycle can close.
class UpDown final : public RoutingPolicy {
 public:
  UpDown(const Fabric& fabric, const std::vector<bool>& down)
      : fabric_(fabric), down_(down), rank_(fabric.nodes()), descent_(fabric.nodes()), best_(fabric.nodes()) {
    order_nodes();
  }
  const char* name() const override { return "up_down"; }

  void toward(NodeId to, std::vector<Choice>& out) override {
    descend(to);
    // Whoever can reach the destination by going down does; the others go up towards the nearest who can.
    // Nodes nearer to the root are settled first, so all the ways up are known.
    best_ = descent_;
    for (const NodeId node : by_rank_) {
      if (node == to) continue;
      const bool downwards = descent_[node] != kFar;
      if (!downwards) best_[node] = ascent(node, to);
      if (best_[node] == kFar) continue;
      for (LinkId link = fabric_.first_out[node]; link < fabric_.first_out[node + 1]; ++link) {
        const NodeId next = fabric_.links[link].to;
        if (!usable(link, next, to) || leads_up(link) == downwards) continue;
        const std::uint32_t rest = downwards ? descent_[next] : best_[next];
        if (rest != kFar && rest + 1 == best_[node]) out.push_back({node, {link, 0}});
      }
    }
  }

 private:
  static constexpr std::uint32_t kFar = std::numeric_limits<std::uint32_t>::max();

  bool usable(LinkId link, NodeId next, NodeId to) const {
    return (down_.empty() || !down_[link]) && (next == to || forwards(fabric_, next));
  }
  // A tree of these can be climbed as well as descended.
  bool both_ways(LinkId link) const {
    const LinkId back = fabric_.find(fabric_.links[link].to, fabric_.links[link].from);
    return back != kNoLink && (down_.empty() || (!down_[link] && !down_[back]));
  }
  bool leads_up(LinkId link) const { return rank_[fabric_.links[link].to] < rank_[fabric_.links[link].from]; }

  // Roots: in every part the forwarding node with the most links, the first of equals.
  void order_nodes() {
    std::vector<NodeId> roots(fabric_.nodes());
    std::iota(roots.begin(), roots.end(), 0);
    const auto links = [&](NodeId n) {
      return forwards(fabric_, n) ? fabric_.first_out[n + 1] - fabric_.first_out[n] : 0;
    };
    std::stable_sort(roots.begin(), roots.end(), [&](NodeId a, NodeId b) { return links(a) > links(b); });
    std::vector<bool> seen(fabric_.nodes());
    for (const NodeId root : roots) {
      if (seen[root]) continue;
      seen[root] = true;
      std::size_t at = by_rank_.size();
      by_rank_.push_back(root);
      for (; at < by_rank_.size(); ++at) {
        const NodeId node = by_rank_[at];
        if (node != root && !forwards(fabric_, node)) continue;
        for (LinkId link = fabric_.first_out[node]; link < fabric_.first_out[node + 1]; ++link) {
          const NodeId next = fabric_.links[link].to;
          if (seen[next] || !both_ways(link)) continue;
          seen[next] = true;
          by_rank_.push_back(next);
        }
      }
    }
    for (std::uint32_t r = 0; r < by_rank_.size(); ++r) rank_[by_rank_[r]] = r;
  }

  // Hops to `to` by ways that only go down, against the links.
  void descend(NodeId to) {
    std::fill(descent_.begin(), descent_.end(), kFar);
    descent_[to] = 0;
    queue_.assign(1, to);
    for (std::size_t at = 0; at < queue_.size(); ++at) {
      const NodeId node = queue_[at];
      if (node != to && !forwards(fabric_, node)) continue;
      for (std::uint32_t i = fabric_.first_in[node]; i < fabric_.first_in[node + 1]; ++i) {
        const LinkId link = fabric_.in_links[i];
        const NodeId before = fabric_.links[link].from;
        if ((!down_.empty() && down_[link]) || leads_up(link) || descent_[before] != kFar) continue;
        descent_[before] = descent_[node] + 1;
        queue_.push_back(before);
      }
    }
  }

  std::uint32_t ascent(NodeId node, NodeId to) const {
    std::uint32_t best = kFar;
    for (LinkId link = fabric_.first_out[node]; link < fabric_.first_out[node + 1]; ++link) {
      const NodeId next = fabric_.links[link].to;
      if (usable(link, next, to) && leads_up(link) && best_[next] != kFar)
        best = std::min(best, best_[next] + 1);
    }
    return best;
  }

  const Fabric& fabric_;
  const std::vector<bool>& down_;
  std::vector<std::uint32_t> rank_, descent_, best_;
  std::vector<NodeId> by_rank_, queue_;
};

}  // namespace

std::unique_ptr<RoutingPolicy> up_down_routing(const Fabric& fabric, const std::vector<bool>& down) {
  return std::make_unique<UpDown>(fabric, down);
}

}  // namespace ring
