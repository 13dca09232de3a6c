// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Who decides the next hops: one interface, one file per choice.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/ring/topology/fabric.h"
#include "models/ring/topology/routes.h"

namespace ring {

/// Fills in, for one destination after the other, where every node sends packets for it.
class RoutingPolicy {
 public:
  /// Next hops of the nodes, towards one destination. add() in any order; equal nodes are kept together.
  struct Choice {
    NodeId node;
    Hop hop;
  };

  virtual ~RoutingPolicy() = default;
  virtual const char* name() const = 0;
  /// Virtual channels that a link class must have; 1 for most.
  virtual unsigned vcs() const { return 1; }
  /// Appends, for every node that can reach GPU `to`, each of its equally good next hops. Nodes that cannot
  /// are left out. Hops of one node may be anywhere in `out`.
  virtual void toward(NodeId to, std::vector<Choice>& out) = 0;
};

/// `down`: links that must not be used; empty = all can.
std::unique_ptr<RoutingPolicy> shortest_routing(const Fabric& fabric, const std::vector<bool>& down);
std::unique_ptr<RoutingPolicy> up_down_routing(const Fabric& fabric, const std::vector<bool>& down);
/// Throws sim::Error(Exit::usage) when the fabric is no torus.
std::unique_ptr<RoutingPolicy> dimension_order_routing(const Fabric& fabric, const std::vector<bool>& down);

/// Whether a packet that came in over a link may leave `node` again.
inline bool forwards(const Fabric& fabric, NodeId node) { return node >= fabric.gpus || fabric.gpus_forward; }

}  // namespace ring
