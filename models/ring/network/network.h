// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The links, switches and ports of a fabric with messages on them, packet by packet: plain objects with a
// clock of their own and without SystemC. models/ring/README.md says what happens at which picosecond.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "models/ring/function/execution.h"
#include "models/ring/network/arbiter.h"
#include "models/ring/network/hardware.h"
#include "models/ring/network/state.h"

namespace ring {

/// Something that a GPU gets to see.
struct Notice {
  enum class Kind : std::uint8_t {
    left,     ///< the last bit has left the sender
    arrived,  ///< the last packet has been taken in by the receiver
  };
  Ps at = 0;
  std::uint32_t message = 0;
  Kind kind = Kind::left;
  std::array<Ps, 3> waits{};  ///< arrived: by Wait
};

/// Messages in, notices out. Time moves forward by advance() only:
///
///   send(...) at a time that advance() returned, or 0;
///   t = advance(limit): nothing will be noticed before t <= limit; everything before t has happened;
///   pop(t, notice) until it returns false, then send what begins at t, and so on.
///
/// What is sent at t takes part in all decisions at t. Results depend on what is sent when, not on the order
/// of calls.
class PacketNetwork {
 public:
  /// Fabric and routes must outlive it. `shuffle`: order of events of one picosecond; 0 = as they come.
  PacketNetwork(const Fabric& fabric, const Routes& routes, const Hardware& hardware,
                std::uint64_t shuffle = 0);
  ~PacketNetwork();

  /// `message`: a number not under way now; decides ties. bytes > 0, from != to. A message that no way is
  /// left for waits until a link comes back.
  void send(std::uint32_t message, NodeId from, NodeId to, std::uint64_t bytes, Ps at);
  Ps advance(Ps limit);
  bool pop(Ps now, Notice& notice);

  /// Of the next notice known so far; kNeverPs: none.
  Ps noticed_at() const { return notices_.empty() ? kNeverPs : notices_.top().at; }

  std::size_t under_way() const { return running_; }
  /// Nothing happens before the next send(), not even a credit on its way. Exact behind advance().
  bool idle() const { return notices_.empty() && queue_.empty() && running_ == 0; }
  /// Why a message that is under way does not move: "no way from gpu0 to gpu1 is left: ...".
  std::string why_waiting(std::uint32_t message) const;

  /// Totals of all messages that have arrived.
  std::uint64_t packets() const { return packets_; }
  std::uint64_t events() const { return events_; }        ///< grants simulated one by one
  std::uint64_t fallbacks() const { return fallbacks_; }  ///< see README: windows without a period
  std::uint64_t jumps() const { return jumps_; }
  std::uint64_t solos() const { return solos_; }  ///< messages that were computed at once
  /// Adds the uses of links and ports.
  void add_uses(Execution& execution) const;
  /// Throws sim::Error(Exit::check) unless nothing is under way, every buffer is empty and every credit back.
  void check_drained() const;

  const Routes& routes() const { return *routes_; }

 private:
  struct Later {
    bool operator()(const std::pair<Ps, IslandId>& a, const std::pair<Ps, IslandId>& b) const {
      return a > b;
    }
  };
  struct Pending {
    Ps at;
    std::uint32_t message;
    FlowId flow;
    std::uint32_t generation;
    Notice::Kind kind;
    bool operator>(const Pending& o) const {
      return at != o.at ? at > o.at : message != o.message ? message > o.message : kind > o.kind;
    }
  };

  // network.cpp: messages and time
  FlowId new_flow();
  void make_ways(Flow& flow);
  void cut(Flow& flow);
  void add_way(Flow& flow, unsigned way);
  void set_pace(Flow& flow);
  void set_times(Flow& flow, std::size_t first);
  void tell(FlowId id, Ps at, Notice::Kind kind);
  void finish(FlowId id);
  void account(const Flow& flow);
  void account_hop(const Stage& hop, const Flow& flow, std::uint64_t full, std::uint64_t rest);
  void drop_void_notices();

  // serve.cpp: one packet
  void run(IslandId id, Ps until, bool look = true);
  void serve_output(std::uint32_t o, Ps now);
  void serve_joint(NodeId node, Ps now);
  Ps ready(const Requester& r) const;
  const Stage& next_hop(const Requester& r, bool& rest) const;
  std::size_t choose(const Output& out, Ps now, const Joint* joint);
  Ps plan(const Output& out, const Joint* joint);
  void grant(std::uint32_t o, std::size_t index, Ps now, Joint* joint);
  bool damaged(std::uint32_t o, const Stage& hop, const Flow& flow, bool rest, Ps now);
  void enter(FlowId id, std::uint16_t hop, bool rest, Ps granted);
  void arrive(FlowId id, Ps at);
  void want(std::uint32_t o, const Requester& r, Ps at);
  void want_not(std::uint32_t o, std::uint64_t key);
  void offer_head(std::uint32_t lane);
  void wake_output(std::uint32_t o, Ps at);
  void set_wake(std::uint32_t server, Ps& wake, IslandId island, Ps at);

  // island.cpp: who shares what
  IslandId new_island();
  void attach(FlowId id, std::size_t first_hop);
  void enter_flow(FlowId id, std::size_t first_hop);
  void detach(FlowId id);
  void queue(IslandId id);
  void catch_up(IslandId id, Ps now);
  void absorb(IslandId into, IslandId from);
  void fall_apart(IslandId id);
  void start_flow(FlowId id);
  bool alone(const Flow& flow) const;

  // solo.cpp: a message that shares nothing
  bool try_solo(FlowId id);
  bool solo_credits_fit(const Flow& flow) const;
  void to_packets(FlowId id, Ps now);
  void leave_residue(const Flow& flow);
  void spread_residue(std::uint32_t lane, Ps now);

  // recurrence.cpp: the same state again
  void changed(IslandId id);
  void look_for_period(IslandId id, Ps now);
  bool write_state(const Island& island, Ps now, std::vector<std::uint64_t>* out,
                   const std::vector<std::uint64_t>* same_as);
  void write_counts(const Island& island, std::vector<std::uint64_t>& out) const;
  std::uint64_t periods_left(const Island& island) const;
  void jump(IslandId id, std::uint64_t periods);

  // faults.cpp
  void apply(const Fault& fault);
  void send_again(FlowId id);
  void take_back(FlowId id, LinkId dead);
  std::array<std::uint64_t, 2> empty_buffer(FlowId id, std::size_t hop, bool on_dead_link);
  Rate link_rate(LinkId link) const;
  void draw_error(ErrorProcess& p, LinkId link);

  const Fabric& fabric_;
  const Routes& first_routes_;
  const Routes* routes_;  // in force: the first ones, or detour_
  std::unique_ptr<Routes> detour_;
  Hardware hardware_;
  std::unique_ptr<Arbiter> arbiter_;
  bool train_;

  std::vector<std::uint32_t> first_lane_;  // by link; empty when every link has one virtual channel
  std::vector<Lane> lanes_;
  std::vector<Residue> residues_;  // by lane; level train
  std::vector<Output> outputs_;    // links, then the sinks of the GPUs
  std::vector<Joint> joints_;      // by node; empty when no node has limits
  std::vector<ErrorProcess> errors_;
  std::vector<bool> down_;                 // by link; empty = none
  std::vector<std::uint16_t> lanes_left_;  // by link; empty = all
  std::size_t next_fault_ = 0;

  std::vector<Flow> flows_;
  std::vector<FlowId> free_flows_;
  std::vector<Island> islands_;
  std::vector<IslandId> free_islands_;
  std::priority_queue<std::pair<Ps, IslandId>, std::vector<std::pair<Ps, IslandId>>, Later> queue_;
  std::priority_queue<Pending, std::vector<Pending>, std::greater<>> notices_;
  std::vector<Offer> offers_;
  std::vector<std::uint32_t> seen_, owner_;  // scratch: by output, lane and node; see Visit
  std::uint32_t stamp_ = 0;
  Ps now_ = 0;
  std::size_t running_ = 0;
  std::uint64_t shuffle_;
  std::mt19937_64 random_;

  std::vector<LinkUse> link_uses_;
  std::vector<LinkUse> egress_uses_, ingress_uses_;
  std::uint64_t packets_ = 0, events_ = 0, fallbacks_ = 0, jumps_ = 0, solos_ = 0;
};

}  // namespace ring
