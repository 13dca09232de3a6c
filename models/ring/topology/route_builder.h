// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <unordered_map>
#include <vector>

#include "models/ring/topology/routes.h"
#include "models/ring/topology/routing_policy.h"

namespace ring {

/// Turns what a policy says into tables.
class RouteBuilder {
 public:
  /// `down` empty = every link can be used. Throws sim::Error(Exit::usage) when a link class has fewer
  /// virtual channels than the policy needs, or a cycle of channels is left (naming it). Pairs that no way
  /// leads between are left without one.
  static Routes build(const Fabric& fabric, const RoutingOptions& options, RoutingPolicy& policy);

  /// The first pair of GPUs that has no way; {0, 0} = all have one.
  static std::pair<NodeId, NodeId> unreachable(const Routes& routes);

  static std::uint32_t pack(Hop hop) { return std::uint32_t{hop.vc} << kVcShift | hop.link; }
  static Hop unpack(std::uint32_t word) {
    if (word == Routes::kNone) return {};
    return {word & ((1u << kVcShift) - 1), static_cast<std::uint8_t>(word >> kVcShift & 15u)};
  }
  static constexpr unsigned kVcShift = 27;
  static constexpr std::uint32_t kMany = 0x80000000;
  static_assert(kNoLink != 0 && (std::uint64_t{1} << kVcShift) > (std::uint64_t{1} << 24), "links fit");

 private:
  explicit RouteBuilder(Routes& routes) : routes_(routes) {}
  void enter(NodeId to, std::vector<RoutingPolicy::Choice>& choices);
  std::uint32_t list_of(const RoutingPolicy::Choice* begin, const RoutingPolicy::Choice* end);

  Routes& routes_;
  std::unordered_multimap<std::uint64_t, std::uint32_t> known_;  // lists by hash: destinations share them
};

}  // namespace ring
