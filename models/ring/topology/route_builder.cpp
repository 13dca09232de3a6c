// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/topology/route_builder.h"

#include <algorithm>

#include "models/ring/topology/deadlock.h"
#include "sim/core/error.h"

namespace ring {

using Choice = RoutingPolicy::Choice;

Routes RouteBuilder::build(const Fabric& fabric, const RoutingOptions& options, RoutingPolicy& policy) {
  for (const LinkClass& c : fabric.classes) {
    if (c.vcs >= policy.vcs()) continue;
    throw sim::Error(sim::Exit::usage,
                     std::string("routing ") + policy.name() + " needs " + std::to_string(policy.vcs()) +
                         " virtual channels, but the links '" + c.name + "' have " + std::to_string(c.vcs) +
                         "; set their vcs to " + std::to_string(policy.vcs()) + ", or use routing up_down");
  }
  Routes routes;
  routes.fabric_ = &fabric;
  routes.options_ = options;
  routes.policy_ = policy.name();
  routes.vcs_ = policy.vcs();
  routes.table_.assign(std::size_t{fabric.gpus} * fabric.nodes(), Routes::kNone);
  RouteBuilder builder(routes);
  std::vector<Choice> choices;
  for (NodeId to = 0; to < fabric.gpus; ++to) {
    choices.clear();
    policy.toward(to, choices);
    builder.enter(to, choices);
  }
  const ChannelGraph graph = channel_graph(fabric, routes);
  if (!graph.cycle.empty()) {
    throw sim::Error(sim::Exit::usage,
                     std::string("routing ") + policy.name() +
                         " can deadlock: packets would wait in a circle for the buffers of " +
                         cycle_text(fabric, graph.cycle) +
                         "; use routing up_down, or connect the nodes otherwise");
  }
  routes.dependencies_ = graph.edges;
  return routes;
}

void RouteBuilder::enter(NodeId to, std::vector<Choice>& choices) {
  const auto less = [](const Choice& a, const Choice& b) {
    return a.node != b.node ? a.node < b.node : a.hop.link < b.hop.link;
  };
  if (!std::is_sorted(choices.begin(), choices.end(), less)) std::sort(choices.begin(), choices.end(), less);
  std::uint32_t* row = routes_.table_.data() + std::size_t{to} * routes_.fabric_->nodes();
  for (auto begin = choices.begin(); begin != choices.end();) {
    auto end = begin + 1;
    while (end != choices.end() && end->node == begin->node) ++end;
    const auto count = static_cast<std::uint32_t>(end - begin);
    if (count == 1 || !routes_.options_.multipath) {
      row[begin->node] = pack(begin[to % count].hop);
    } else {
      row[begin->node] = kMany | list_of(&*begin, &*begin + count);
    }
    begin = end;
  }
}

std::uint32_t RouteBuilder::list_of(const Choice* begin, const Choice* end) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const Choice* c = begin; c != end; ++c) hash = (hash ^ pack(c->hop)) * 0x100000001b3;
  std::vector<std::uint32_t>& lists = routes_.lists_;
  const auto count = static_cast<std::uint32_t>(end - begin);
  const auto [first, last] = known_.equal_range(hash);
  for (auto it = first; it != last; ++it) {
    if (lists[it->second] != count) continue;
    bool same = true;
    for (std::uint32_t i = 0; i < count && same; ++i) same = lists[it->second + 1 + i] == pack(begin[i].hop);
    if (same) return it->second;
  }
  const auto at = static_cast<std::uint32_t>(lists.size());
  lists.push_back(count);
  for (const Choice* c = begin; c != end; ++c) lists.push_back(pack(c->hop));
  known_.emplace(hash, at);
  return at;
}

std::pair<NodeId, NodeId> RouteBuilder::unreachable(const Routes& routes) {
  const Fabric& fabric = *routes.fabric_;
  for (NodeId to = 0; to < fabric.gpus; ++to) {
    for (NodeId from = 0; from < fabric.gpus; ++from) {
      if (!routes.reachable(from, to)) return {from, to};
    }
  }
  return {0, 0};
}

}  // namespace ring
