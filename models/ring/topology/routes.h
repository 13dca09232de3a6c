// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Which way packets take: computed once, looked up per packet, never able to deadlock.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/ring/topology/fabric.h"

namespace ring {

enum class RoutingKind {
  automatic,        ///< dimension_order on a torus, shortest elsewhere
  shortest,         ///< fewest hops
  dimension_order,  ///< torus: one dimension after the other, a second virtual channel behind the dateline
  up_down,          ///< towards the root of a spanning tree, then away from it: no cycle on any graph
};

/// One step of a way: the link, and the virtual channel on it.
struct Hop {
  LinkId link = kNoLink;
  std::uint8_t vc = 0;
  friend bool operator==(Hop a, Hop b) { return a.link == b.link && a.vc == b.vc; }
};

struct RoutingOptions {
  RoutingKind kind = RoutingKind::automatic;
  /// Keep all equally short next links as different ways (four NVSwitches, the spines); else one of them,
  /// picked by the number of the destination so that destinations spread.
  bool multipath = true;
};

/// Routing tables of a fabric: 4 bytes for every pair of node and destination GPU.
///
/// Ways: where several next links are equally good, way w takes number w modulo how many there are. ways(a,
/// b) says how many there are in all; a sender that spreads packets gives packet k of a transfer way k %
/// ways(a, b). Each way alone is in order.
///
/// Deadlock: channels are pairs of link and virtual channel. A packet that holds a buffer behind channel c
/// may wait for channel d next; the graph of these pairs over every way of every transfer must have no cycle,
/// and make() refuses with the cycle if it has. Switches may then block on full buffers as they like.
class Routes {
 public:
  /// Throws sim::Error(Exit::usage): no way from one GPU to another (naming the parts), a cycle of channels
  /// (naming it), more virtual channels needed than a link class has.
  static Routes make(const Fabric& fabric, const RoutingOptions& options = {});

  /// The same without the links marked true in `down` (one entry a link). Tries the policy of this table,
  /// then up_down; pairs that no way is left for are unreachable (reachable(), next() gives no link). Never
  /// throws for what is unreachable.
  Routes without(const std::vector<bool>& down) const;

  /// The next hop of a packet that is at `node` and belongs to GPU `to`. No link at the destination, or when
  /// there is no way.
  Hop next(NodeId node, NodeId to, unsigned way = 0) const;
  unsigned ways(NodeId from, NodeId to) const;  ///< at least 1
  std::size_t missing() const;                  ///< ordered pairs of GPUs without a way
  bool reachable(NodeId from, NodeId to) const { return from == to || next(from, to).link != kNoLink; }
  std::vector<Hop> path(NodeId from, NodeId to, unsigned way = 0) const;  ///< empty: same node, or none

  /// What a transfer from GPU to GPU is made of, over all its ways.
  std::uint32_t payload_bytes(NodeId from, NodeId to) const;  ///< of a full packet: the most on its way
  Rate flow(NodeId from, NodeId to) const;  ///< least flow limit on its way, source port included

  const std::string& policy() const { return policy_; }       ///< "shortest": what made the table
  unsigned vcs() const { return vcs_; }                       ///< virtual channels in use
  std::size_t dependencies() const { return dependencies_; }  ///< edges of the channel dependency graph
  std::size_t bytes() const { return (table_.size() + lists_.size()) * 4; }  ///< memory of the tables

  /// Next hops at one node. Equal numbers mean equal hops (not the other way round); kNone = there are none.
  using Entry = std::uint32_t;
  static constexpr Entry kNone = 0x7fffffff;
  Entry entry(NodeId node, NodeId to) const { return table_[std::size_t{to} * fabric_->nodes() + node]; }
  unsigned choices(Entry entry) const;
  Hop choice(Entry entry, unsigned way) const;  ///< number `way` modulo how many there are

 private:
  friend class RouteBuilder;
  Routes() = default;

  const Fabric* fabric_ = nullptr;  // not owned: the fabric outlives its routes
  RoutingOptions options_;
  std::string policy_;
  unsigned vcs_ = 1;
  std::size_t dependencies_ = 0;
  std::vector<Entry> table_;          // [to * nodes + node]: a packed hop, or kMany | index into lists_
  std::vector<std::uint32_t> lists_;  // lengths, each with that many packed hops behind it
};

}  // namespace ring
