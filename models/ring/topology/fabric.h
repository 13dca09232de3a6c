// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What the GPUs of a cluster are connected by: a directed graph with the figures of its links and ports.
// Plain data, knows no clock and no SystemC.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/ring/topology/rate.h"

namespace ring {

/// A node of the graph: GPUs are 0..gpus-1, switches follow.
using NodeId = std::uint32_t;
using LinkId = std::uint32_t;  ///< index into Fabric::links
constexpr LinkId kNoLink = ~LinkId{0};

/// What links of one kind have in common.
struct LinkClass {
  std::string name;                   ///< "pair", "uplink": for messages and statistics
  Rate rate;                          ///< all lanes, one direction, after line coding; headers included
  std::uint16_t lanes = 1;            ///< a degraded link loses whole lanes
  std::uint32_t payload_bytes = 256;  ///< of a full packet
  std::uint32_t header_bytes = 16;    ///< header, framing and CRC of every packet
  Picoseconds latency_ps = 0;         ///< from the last bit in to the last bit out of an idle link
  std::uint16_t vcs = 1;              ///< virtual channels, each with a buffer of its own at the receiver
  std::uint32_t credits = 64;         ///< packets that the buffer of one virtual channel holds
  Rate flow;                          ///< limit of the payload of any one transfer that passes; see Fabric
  double bit_error_rate = 0;          ///< per bit on the wire

  /// Bytes on the wire of a packet with that much payload. Packets cut for a link with a larger unit are cut
  /// again here: each payload_bytes begun carries a header.
  std::uint64_t wire_bytes(std::uint64_t payload) const {
    return payload + (payload + payload_bytes - 1) / payload_bytes * header_bytes;
  }

  /// Packets that cover the time until the credit of the first one is back: the latency both ways, a packet
  /// each way, and some slack; fewer would make the link idle.
  std::uint32_t credits_of_round_trip() const;
};

/// One direction of a connection. A million of them are 12 MB.
struct Link {
  NodeId from = 0, to = 0;
  std::uint32_t kind = 0;  ///< index into Fabric::classes
};

/// What a node limits as a whole, whatever its links could carry. Payload bytes; no limit by default.
struct Port {
  Rate egress;                 ///< all links that leave the node, together
  Rate ingress;                ///< all links that enter it, together
  Rate flow;                   ///< any one transfer that starts at this GPU
  Picoseconds latency_ps = 0;  ///< of a switch: from a packet's head in to its head out, when nothing waits
};

/// "gpu0..gpu3, gpu7": names for messages; runs of consecutive numbers are joined.
std::string short_list(const std::vector<std::string>& names);

/// The graph.
///
/// Three kinds of limits, which meet in one place nowhere (a model that merges them cannot tell where
/// TokenRing helps):
/// - a **link** serialises the packets of all transfers on it: service_ps(wire_bytes(payload), rate) each;
/// - a **port** (egress, ingress) serialises the packets of all links of its node: service_ps(payload,
/// limit);
/// - a **flow** limit is one transfer's own: its source starts packets no closer than service_ps(payload,
/// limit)
///   apart, where the limit is the least on its way (Routes::flow). That is a copy engine with so many reads
///   outstanding, not a property of any wire.
struct Fabric {
  std::string kind;  ///< "full_mesh", "torus": how it was made
  std::uint32_t gpus = 0;
  std::uint32_t switches = 0;
  std::vector<LinkClass> classes;
  std::vector<Link> links;                ///< sorted by from, then to; no pair twice
  std::vector<std::uint32_t> first_out;   ///< links [first_out[n], first_out[n+1]) leave node n
  std::vector<LinkId> in_links;           ///< link ids sorted by their end
  std::vector<std::uint32_t> first_in;    ///< in_links [first_in[n], first_in[n+1]) enter node n
  std::vector<Port> ports;                ///< one a node
  std::vector<std::string> names;         ///< one a node, unique: "gpu0", "switch1"
  std::vector<std::uint32_t> torus_dims;  ///< kind torus: extent of each dimension, first one fastest
  bool torus_wraps = true;                ///< kind torus: ends of every dimension are joined
  bool gpus_forward = false;              ///< packets may pass through GPUs that are neither end

  std::uint32_t nodes() const { return gpus + switches; }
  const LinkClass& of(LinkId link) const { return classes[links[link].kind]; }
  LinkId find(NodeId from, NodeId to) const;  ///< kNoLink when there is none
  std::string link_name(LinkId link) const;   ///< "gpu0->switch1"

  /// Sorts links and fills first_out, in_links and first_in. Throws sim::Error(Exit::usage) for links that
  /// end nowhere, lead to themselves or are there twice.
  void index();

  /// Parts of the graph that no GPU of one reaches GPUs of the other from, as lists of GPU names in short
  /// form
  /// ("gpu0..gpu3, gpu7"); one part = connected.
  std::vector<std::string> parts() const;
};

/// How messages are cut: packets of `payload` bytes, the last one with the rest. 0 bytes are one empty
/// packet.
struct Packets {
  std::uint64_t full = 0;  ///< packets with the whole payload
  std::uint64_t rest = 0;  ///< payload of one more packet; 0 = there is none, unless full is 0 as well
  std::uint64_t count() const { return full + (rest > 0 || full == 0 ? 1 : 0); }
};
inline Packets packets_of(std::uint64_t bytes, std::uint32_t payload) {
  return {bytes / payload, bytes % payload};
}

}  // namespace ring
