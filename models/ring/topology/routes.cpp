// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/topology/routes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "models/ring/topology/route_builder.h"
#include "sim/core/error.h"

namespace ring {
namespace {

std::unique_ptr<RoutingPolicy> make_policy(const Fabric& fabric, RoutingKind kind,
                                           const std::vector<bool>& down) {
  switch (kind) {
    case RoutingKind::up_down:
      return up_down_routing(fabric, down);
    case RoutingKind::dimension_order:
      return dimension_order_routing(fabric, down);
    case RoutingKind::automatic:
      if (!fabric.torus_dims.empty()) return dimension_order_routing(fabric, down);
      break;
    case RoutingKind::shortest:
      break;
  }
  return shortest_routing(fabric, down);
}

[[noreturn]] void refuse_unreachable(const Fabric& fabric, NodeId from, NodeId to) {
  const std::vector<std::string> parts = fabric.parts();
  std::string text = "there is no way from " + fabric.names[from] + " to " + fabric.names[to];
  if (parts.size() > 1) {
    text += ": the fabric falls into " + std::to_string(parts.size()) + " parts, ";
    for (std::size_t i = 0; i < parts.size() && i < 8; ++i) text += (i > 0 ? " | {" : "{") + parts[i] + "}";
    text += parts.size() > 8 ? " ...; connect them" : "; connect them";
  } else if (!fabric.gpus_forward) {
    text += " but through other GPUs, which do not forward; set gpus_forward, or add links";
  } else {
    text += ", though there may be one back: a connection is two links, one a direction";
  }
  throw sim::Error(sim::Exit::usage, text);
}

}  // namespace

Routes Routes::make(const Fabric& fabric, const RoutingOptions& options) {
  const std::vector<bool> none;
  const std::unique_ptr<RoutingPolicy> policy = make_policy(fabric, options.kind, none);
  Routes routes = RouteBuilder::build(fabric, options, *policy);
  const auto [from, to] = RouteBuilder::unreachable(routes);
  if (from != to) refuse_unreachable(fabric, from, to);
  return routes;
}

Routes Routes::without(const std::vector<bool>& down) const {
  // A policy that keeps all pairs connected wins over one that does not; of equals, the table's own.
  const auto attempt = [&](RoutingPolicy& policy) { return RouteBuilder::build(*fabric_, options_, policy); };
  const std::unique_ptr<RoutingPolicy> own = make_policy(*fabric_, options_.kind, down);
  const std::unique_ptr<RoutingPolicy> safe = up_down_routing(*fabric_, down);
  std::optional<Routes> first;
  try {
    first = attempt(*own);
  } catch (const sim::Error&) {  // a cycle of channels
    return attempt(*safe);
  }
  if (RouteBuilder::unreachable(*first) == std::pair<NodeId, NodeId>{0, 0} ||
      options_.kind == RoutingKind::up_down) {
    return *std::move(first);
  }
  Routes second = attempt(*safe);
  return second.missing() < first->missing() ? std::move(second) : *std::move(first);
}

std::size_t Routes::missing() const {
  std::size_t pairs = 0;
  for (NodeId to = 0; to < fabric_->gpus; ++to) {
    for (NodeId from = 0; from < fabric_->gpus; ++from) pairs += reachable(from, to) ? 0 : 1;
  }
  return pairs;
}

unsigned Routes::choices(Entry entry) const {
  if (entry == kNone) return 0;
  return (entry & RouteBuilder::kMany) != 0 ? lists_[entry & ~RouteBuilder::kMany] : 1;
}

Hop Routes::choice(Entry entry, unsigned way) const {
  if ((entry & RouteBuilder::kMany) == 0) return RouteBuilder::unpack(entry);
  const std::uint32_t at = entry & ~RouteBuilder::kMany;
  return RouteBuilder::unpack(lists_[at + 1 + way % lists_[at]]);
}

Hop Routes::next(NodeId node, NodeId to, unsigned way) const { return choice(entry(node, to), way); }

unsigned Routes::ways(NodeId from, NodeId to) const {
  unsigned most = 1;
  for (const Hop& hop : path(from, to))
    most = std::max(most, choices(entry(fabric_->links[hop.link].from, to)));
  return most;
}

std::vector<Hop> Routes::path(NodeId from, NodeId to, unsigned way) const {
  std::vector<Hop> hops;
  for (NodeId node = from; node != to;) {
    const Hop hop = next(node, to, way);
    if (hop.link == kNoLink) return {};
    hops.push_back(hop);
    node = fabric_->links[hop.link].to;
  }
  return hops;
}

std::uint32_t Routes::payload_bytes(NodeId from, NodeId to) const {
  std::uint32_t most = 0;
  const unsigned all = ways(from, to);
  for (unsigned way = 0; way < all; ++way) {
    for (const Hop& hop : path(from, to, way)) most = std::max(most, fabric_->of(hop.link).payload_bytes);
  }
  return most;
}

Rate Routes::flow(NodeId from, NodeId to) const {
  Rate least = fabric_->ports[from].flow;
  const unsigned all = ways(from, to);
  for (unsigned way = 0; way < all; ++way) {
    for (const Hop& hop : path(from, to, way)) least = slower(least, fabric_->of(hop.link).flow);
  }
  return least;
}

}  // namespace ring
