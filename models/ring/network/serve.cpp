// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// One packet at a time: who may go, who goes, and what that changes. A grant at `now` has effects strictly
// later only, so the order of grants of one picosecond does not matter.
#include <algorithm>

#include "models/ring/network/network.h"
#include "sim/core/error.h"

namespace ring {

// What the requester's packet does next; whether it is the short one.
inline const Stage& PacketNetwork::next_hop(const Requester& r, bool& rest) const {
  if (r.lane != kNone) {
    const Slot& slot = lanes_[r.lane].head();
    rest = slot.rest != 0;
    return flows_[slot.flow].hops[slot.hop];
  }
  const Flow& f = flows_[r.flow];
  rest = f.full_left == 0;
  return f.hops[f.ways[f.way]];
}

// Since when the requester has a packet to send.
inline Ps PacketNetwork::ready(const Requester& r) const {
  if (r.lane == kNone) return flows_[r.flow].next_ready;
  const Lane& lane = lanes_[r.lane];
  return std::max(lane.head().at, lane.busy_until);
}

void PacketNetwork::run(IslandId id, Ps until, bool look) {
  Island& island = islands_[id];
  if (island.jump_periods > 0) jump(id, island.jump_periods);
  std::vector<Event>& heap = island.heap;
  const auto stale = [&](const Event& e) {
    if ((e.server & kJointBit) != 0) {
      const Joint& joint = joints_[e.server & ~kJointBit];
      return joint.wake != e.at || joint.island != id;
    }
    return outputs_[e.server].wake != e.at || outputs_[e.server].island != id;
  };
  for (;;) {
    while (!heap.empty() && stale(heap.front())) {
      std::pop_heap(heap.begin(), heap.end(), LaterEvent());
      heap.pop_back();
    }
    island.next = heap.empty() ? kNeverPs : heap.front().at;
    if (island.next >= until || island.next >= noticed_at()) return;
    const Ps now = island.next;
    do {  // everything of this picosecond
      const Event e = heap.front();
      std::pop_heap(heap.begin(), heap.end(), LaterEvent());
      heap.pop_back();
      if (stale(e)) continue;
      if ((e.server & kJointBit) != 0) {
        serve_joint(e.server & ~kJointBit, now);
      } else {
        serve_output(e.server, now);
      }
    } while (!heap.empty() && heap.front().at == now);
    if (island.turned) {
      island.turned = false;
      if (look) look_for_period(id, now);
      if (island.jump_periods > 0) return;
    }
  }
}

void PacketNetwork::set_wake(std::uint32_t server, Ps& wake, IslandId id, Ps at) {
  if (at >= wake) return;
  wake = at;
  std::vector<Event>& heap = islands_[id].heap;
  heap.push_back({at, server, shuffle_ == 0 ? 0 : static_cast<std::uint32_t>(random_())});
  std::push_heap(heap.begin(), heap.end(), LaterEvent());
}

void PacketNetwork::wake_output(std::uint32_t o, Ps at) {
  Output& out = outputs_[o];
  if (out.joint) {
    Joint& joint = joints_[out.node];
    set_wake(kJointBit | out.node, joint.wake, joint.island, at);
  } else {
    set_wake(o, out.wake, out.island, at);
  }
}

// The index of the winner in out.waiting, or its size when nobody can go at `now`.
std::size_t PacketNetwork::choose(const Output& out, Ps now, const Joint* joint) {
  offers_.clear();
  for (std::size_t i = 0; i < out.waiting.size(); ++i) {
    const Requester& r = out.waiting[i];
    bool rest = false;
    const Stage& hop = next_hop(r, rest);
    const Ps at = ready(r);
    if (at > now || (hop.lane != kNone && lanes_[hop.lane].credit_at() > now)) continue;
    if (joint != nullptr) {
      if (hop.egress[rest] > 0 && joint->egress_free > now) continue;
      if (hop.ingress[rest] > 0 && joint->ingress_free > now) continue;
    }
    offers_.push_back({r.key, at, static_cast<std::uint32_t>(i)});
  }
  if (offers_.empty()) return out.waiting.size();
  if (offers_.size() == 1) return offers_.front().index;
  return offers_[arbiter_->choose(offers_.data(), offers_.size(), out.last_key)].index;
}

// The earliest time at which somebody can go. Those whose credit comes at an unknown time are woken by it.
Ps PacketNetwork::plan(const Output& out, const Joint* joint) {
  Ps next = kNeverPs;
  for (const Requester& r : out.waiting) {
    bool rest = false;
    const Stage& hop = next_hop(r, rest);
    Ps at = ready(r);
    if (hop.lane != kNone) {
      const Ps credit = lanes_[hop.lane].credit_at();
      if (credit == kNeverPs) {
        lanes_[hop.lane].starved = true;
        continue;
      }
      at = std::max(at, credit);
    }
    if (joint != nullptr) {
      if (hop.egress[rest] > 0) at = std::max(at, joint->egress_free);
      if (hop.ingress[rest] > 0) at = std::max(at, joint->ingress_free);
    }
    next = std::min(next, at);
  }
  return next == kNeverPs ? next : std::max(next, out.free_at);
}

void PacketNetwork::serve_output(std::uint32_t o, Ps now) {
  Output& out = outputs_[o];
  out.wake = kNeverPs;
  if (out.waiting.size() == 1) {  // nobody to choose among
    const Requester& r = out.waiting.front();
    bool rest = false;
    const Stage& hop = next_hop(r, rest);
    Ps at = std::max(ready(r), out.free_at);
    if (hop.lane != kNone) {
      const Ps credit = lanes_[hop.lane].credit_at();
      if (credit == kNeverPs) {
        lanes_[hop.lane].starved = true;
        return;
      }
      at = std::max(at, credit);
    }
    if (at > now) {
      set_wake(o, out.wake, out.island, at);
      return;
    }
    grant(o, 0, now, nullptr);
  } else if (out.free_at <= now) {
    const std::size_t winner = choose(out, now, nullptr);
    if (winner < out.waiting.size()) grant(o, winner, now, nullptr);
  }
  if (out.waiting.empty()) return;
  const Ps next = plan(out, nullptr);
  if (next != kNeverPs) set_wake(o, out.wake, out.island, std::max(next, now + 1));
}

// All outputs of a node whose limits they share. Outputs take turns; each of them chooses as it does alone.
void PacketNetwork::serve_joint(NodeId node, Ps now) {
  Joint& joint = joints_[node];
  joint.wake = kNeverPs;
  for (bool granted = true; granted;) {
    granted = false;
    const std::size_t n = joint.active.size();
    std::size_t first = 0;
    while (first < n && joint.last_output != kNone && joint.active[first] <= joint.last_output) ++first;
    for (std::size_t i = 0; i < n && !granted; ++i) {
      const std::uint32_t o = joint.active[(first + i) % n];
      Output& out = outputs_[o];
      if (out.free_at > now) continue;
      const std::size_t winner = choose(out, now, &joint);
      if (winner == out.waiting.size()) continue;
      joint.last_output = o;
      grant(o, winner, now, &joint);
      granted = true;
    }
  }
  Ps next = kNeverPs;
  for (const std::uint32_t o : joint.active) next = std::min(next, plan(outputs_[o], &joint));
  if (next != kNeverPs) set_wake(kJointBit | node, joint.wake, joint.island, std::max(next, now + 1));
}

void PacketNetwork::grant(std::uint32_t o, std::size_t index, Ps now, Joint* joint) {
  Output& out = outputs_[o];
  const Requester r = out.waiting[index];
  bool rest = false;
  const Stage& hop = next_hop(r, rest);
  const Ps link_free = out.free_at, port_free = joint != nullptr ? joint->egress_free : 0;
  ++events_;
  // 1. What is busy now, and until when.
  const Ps done = now + hop.service[rest];
  out.free_at = done;
  if (joint != nullptr) {
    if (hop.egress[rest] > 0) joint->egress_free = now + hop.egress[rest];
    if (hop.ingress[rest] > 0) joint->ingress_free = now + hop.ingress[rest];
  }
  const FlowId id = r.lane != kNone ? lanes_[r.lane].head().flow : r.flow;
  if (out.errors != kNone && damaged(o, hop, flows_[id], rest, now)) return;
  out.last_key = r.key;
  // 2. Where it comes from.
  Flow& f = flows_[id];
  std::uint16_t next = 0;
  if (r.lane != kNone) {
    Lane& lane = lanes_[r.lane];
    next = static_cast<std::uint16_t>(lane.head().hop + 1);
    lane.busy_until = std::max(done, now + 1);
    lane.pop(done + hop.back);
    if (lane.starved) {
      lane.starved = false;
      wake_output(lane.link(), done + hop.back);
    }
    const std::uint32_t hop_lane = hop.lane;
    if (lane.waiting() == 0) {
      want_not(o, r.key);
    } else {
      bool other = false;
      if (next_hop(r, other).output != o) {
        want_not(o, r.key);
        offer_head(r.lane);
      }
    }
    if (hop_lane == kNone) {
      arrive(id, done);
      return;
    }
  } else {
    next = static_cast<std::uint16_t>(f.ways[f.way] + 1);
    const Ps waited = now - f.next_ready;
    if (waited > 0) {
      // What it waited for last has come free at this very moment.
      f.waits[link_free == now ? kWaitLink : port_free == now ? kWaitPort : kWaitCredit] += waited;
    }
    f.next_ready = now + f.pace[rest];
    f.left_at = std::max(f.left_at, done);
    if (rest) {
      f.rest_left = false;
    } else {
      --f.full_left;
    }
    const std::uint16_t way = f.way;
    if (++f.way == f.ways.size()) f.way = 0;
    if (!f.sending()) {
      want_not(o, r.key);
      if (!f.left_told) tell(id, f.left_at, Notice::Kind::left);
    } else if (f.hops[f.ways[f.way]].output != f.hops[f.ways[way]].output) {
      want_not(o, r.key);
      want(f.hops[f.ways[f.way]].output, {r.key, kNone, id}, f.next_ready);
    }
    Island& island = islands_[f.island];
    if (island.reference == id) {
      ++island.turns;
      island.turned = train_;
    }
  }
  // 3. Where it goes.
  enter(id, next, rest, now);
}

// The packet that was granted at the hop before `next` enters the buffer in front of `next`.
void PacketNetwork::enter(FlowId id, std::uint16_t next, bool rest, Ps granted) {
  const Flow& f = flows_[id];
  const Stage& hop = f.hops[next];
  const std::uint32_t l = f.hops[next - 1].lane;
  Lane& lane = lanes_[l];
  const Ps at = granted + hop.delay[rest];
  if (hop.immediate && lane.waiting() == 0) {
    lane.push(granted, {at, id, next, rest});
    const Ps taken = std::max(at, lane.busy_until);
    lane.pop(taken + hop.back);
    arrive(id, taken);
    return;
  }
  lane.push(granted, {at, id, next, rest});
  if (lane.waiting() == 1) offer_head(l);
}

void PacketNetwork::arrive(FlowId id, Ps at) {
  Flow& f = flows_[id];
  f.arrived_at = std::max(f.arrived_at, at);
  if (++f.arrived == f.packets) tell(id, f.arrived_at, Notice::Kind::arrived);
}

// The head of a buffer asks for the output it needs.
void PacketNetwork::offer_head(std::uint32_t l) {
  const Lane& lane = lanes_[l];
  const Slot& slot = lane.head();
  const Stage& hop = flows_[slot.flow].hops[slot.hop];
  want(hop.output, {l, l, kNone}, std::max(slot.at, lane.busy_until));
}

void PacketNetwork::want(std::uint32_t o, const Requester& r, Ps at) {
  Output& out = outputs_[o];
  const auto place = std::lower_bound(out.waiting.begin(), out.waiting.end(), r.key,
                                      [](const Requester& a, std::uint64_t key) { return a.key < key; });
  out.waiting.insert(place, r);
  if (out.joint && out.waiting.size() == 1) {
    std::vector<std::uint32_t>& active = joints_[out.node].active;
    active.insert(std::lower_bound(active.begin(), active.end(), o), o);
  }
  wake_output(o, std::max(at, out.free_at));
}

void PacketNetwork::want_not(std::uint32_t o, std::uint64_t key) {
  Output& out = outputs_[o];
  const auto place = std::lower_bound(out.waiting.begin(), out.waiting.end(), key,
                                      [](const Requester& a, std::uint64_t k) { return a.key < k; });
  out.waiting.erase(place);
  if (out.joint && out.waiting.empty()) {
    std::vector<std::uint32_t>& active = joints_[out.node].active;
    active.erase(std::lower_bound(active.begin(), active.end(), o));
  }
}

// Whether the packet sent at `now` is damaged. Then nothing of it counts: the receiver throws it and all
// behind it away, and the sender begins again with it as soon as it hears of that.
bool PacketNetwork::damaged(std::uint32_t o, const Stage& hop, const Flow& flow, bool rest, Ps now) {
  ErrorProcess& p = errors_[outputs_[o].errors];
  const LinkClass& c = fabric_.of(o);
  const std::uint64_t wire = c.wire_bytes(rest ? flow.rest_bytes : flow.full_bytes);
  const bool bad = p.next <= p.sent + wire;
  p.sent += wire;
  if (!bad) return false;
  ++p.replays;
  p.replayed_bytes += wire;
  const Ps lost = hop.service[rest] + 2 * c.latency_ps + hardware_.retry_latency_ps;
  p.replay_time += lost;
  while (p.next <= p.sent) draw_error(p, o);
  outputs_[o].free_at = now + lost;
  Island& island = islands_[flow.island];  // no period may lead across this
  island.before.relative.clear();
  island.before.turn = island.turns = 0;
  return true;
}

}  // namespace ring
