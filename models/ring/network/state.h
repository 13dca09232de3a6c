// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The state of a network in flight: plain structs that PacketNetwork's parts work on. All times are absolute
// picoseconds; a time that has passed means "now".
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/ring/network/lane.h"
#include "models/ring/topology/routes.h"

namespace ring {

using FlowId = std::uint32_t;
using IslandId = std::uint32_t;
constexpr std::uint32_t kNone = ~std::uint32_t{0};

/// One step of a packet: leaving a node by an output, which is a link or, at its destination, the sink.
/// Pairs are indexed by Slot::rest: a full packet, the short last one.
struct Stage {
  std::uint32_t output = kNone;
  std::uint32_t lane = kNone;  ///< buffer at the end of that link; kNone: this is the sink
  NodeId node = 0;             ///< where it leaves
  bool immediate = false;      ///< sink without an ingress limit: takes a packet as it arrives
  bool shared = true;          ///< messages can be in each other's way here
  Ps service[2] = {0, 0};      ///< time on the output
  Ps egress[2] = {0, 0};       ///< time on the egress limit of the node
  Ps ingress[2] = {0, 0};      ///< time on the ingress limit of the node
  Ps delay[2] = {0, 0};        ///< from the grant at the hop before to being able to leave here
  Ps back = 0;                 ///< way back of the credit for the buffer that it leaves
};

/// Why a packet had to wait at its source.
enum Wait : std::uint8_t { kWaitLink, kWaitPort, kWaitCredit };

/// Grants of an undisturbed message at one hop: packet i of the full ones at first + i * step.
struct SoloStage {
  Ps first = 0;
  Ps step = 0;
  Ps last = 0;  ///< of the last packet of all
};

/// A message under way.
struct Flow {
  std::uint32_t message = 0;  ///< the caller's number; decides ties
  NodeId from = 0, to = 0;
  std::uint32_t full_bytes = 0, rest_bytes = 0;  ///< payload of a full packet and of the last one; 0: none
  std::uint64_t bytes = 0;
  std::uint64_t packets = 0;
  std::uint64_t full_left = 0;  ///< to be sent
  bool rest_left = false;
  std::uint64_t arrived = 0;
  Ps start = 0;
  Ps next_ready = 0;     ///< the source has the next packet ready
  Ps limit[2] = {1, 1};  ///< between packets, by the flow limit
  Ps pace[2] = {1, 1};   ///< the same, and not before the packet before is out
  Ps left_at = 0;        ///< last bit sent so far is out of the source
  Ps arrived_at = 0;     ///< last packet so far is in
  bool left_told = false;
  std::vector<Stage> hops;          ///< all ways one after the other, abandoned ones first
  std::vector<std::uint16_t> ways;  ///< first hop of each way in use; packets take them in turn
  std::uint16_t way = 0;            ///< the next packet's
  std::array<Ps, 3> waits{};        ///< by Wait
  std::uint64_t ways_from = 0;      ///< packets sent when the ways in use were chosen
  bool ways_rest = false;           ///< the short one was not among them
  IslandId island = kNone;
  std::uint32_t generation = 0;  ///< notices of an earlier one are void
  bool blocked = false;          ///< no way to its destination
  bool solo = false;
  std::vector<SoloStage> stages;  ///< solo: one a hop

  bool sending() const { return full_left > 0 || rest_left; }
  std::uint64_t unsent() const { return full_left + (rest_left ? 1 : 0); }
  std::uint64_t sent() const { return packets - unsent(); }
  std::uint64_t sent_or_solo() const { return solo ? packets : sent(); }  ///< solo: counts stay as they began
  std::uint64_t key() const { return (std::uint64_t{1} << 40) | message; }
};

/// Somebody who wants an output: the head of a buffer, or a message of the node itself.
struct Requester {
  std::uint64_t key = 0;
  std::uint32_t lane = kNone;  ///< kNone: a message of the node
  FlowId flow = kNone;         ///< of that message
};

/// What an undisturbed message left in a buffer, in place of places: `count` credits on their way back, the
/// last at `last`, those before it at before, before - step, ...
struct Residue {
  Ps last = 0, before = 0, step = 0;
  std::uint32_t count = 0;
};

/// A link with its arbiter, or the sink of a GPU.
struct Output {
  Ps free_at = 0;
  Ps wake = kNeverPs;
  std::uint64_t last_key = ~std::uint64_t{0};  ///< last winner
  std::vector<Requester> waiting;              ///< ascending keys
  NodeId node = 0;
  bool joint = false;  ///< shares limits with other outputs of its node
  IslandId island = kNone;
  std::uint32_t users = 0;       ///< hops of flows that lead over it
  std::uint32_t errors = kNone;  ///< index of its error process
};

/// A node whose limits make its outputs wait for each other.
struct Joint {
  Ps egress_free = 0, ingress_free = 0;
  Ps wake = kNeverPs;
  std::uint32_t last_output = kNone;
  std::vector<std::uint32_t> active;  ///< outputs that somebody wants, ascending
  IslandId island = kNone;
  std::uint32_t users = 0;
};

/// Bit errors of one link: the number of the next wire byte that arrives damaged.
struct ErrorProcess {
  std::uint64_t sent = 0;  ///< wire bytes so far
  std::uint64_t next = 0;  ///< counted from 1
  std::uint64_t drawn = 0;
  double rate = 0;  ///< per byte
  std::uint64_t replays = 0;
  std::uint64_t replayed_bytes = 0;
  Ps replay_time = 0;
};

struct Event {
  Ps at;
  std::uint32_t server;  ///< output, or kJointBit | node
  std::uint32_t tie;
};
/// For heaps with the earliest event in front.
struct LaterEvent {
  bool operator()(const Event& a, const Event& b) const { return a.at != b.at ? a.at > b.at : a.tie > b.tie; }
};
constexpr std::uint32_t kJointBit = std::uint32_t{1} << 31;

/// The state of an island at one time, and the means to see that it is there again.
struct Snapshot {
  Ps at = 0;
  std::uint64_t turn = 0;               ///< packets of the reference flow
  std::vector<std::uint64_t> relative;  ///< what the future depends on, times relative to `at`
  std::vector<std::uint64_t> counts;    ///< what only adds up
};

/// Messages that share something, directly or through others, and the events of all they use. Islands know
/// nothing of each other.
struct Island {
  std::vector<FlowId> flows;  ///< ascending messages
  std::vector<Event> heap;
  Ps next = kNeverPs;       ///< its next event; solo: none
  Ps queued = kNeverPs;     ///< for which it is in PacketNetwork's queue
  std::uint32_t ended = 0;  ///< flows that left since it was last looked at whether it falls apart
  bool alive = false;
  // level train
  FlowId reference = kNone;
  std::uint64_t turns = 0;  ///< packets of the reference flow since the last change
  bool turned = false;      ///< one of them at the current time
  Snapshot before;
  bool jumped = false;  ///< since the last change
  // A jump in progress: state is that of `jump_from`, the same comes again every `period`.
  std::uint64_t jump_periods = 0;
  Ps jump_from = 0, period = 0;
  std::vector<std::uint64_t> gains;  ///< of Snapshot::counts, a period
};

}  // namespace ring
