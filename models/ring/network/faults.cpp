// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Links that break, and bit errors. A message whose way breaks takes back the packets that have not passed
// the break, and sends them again from its source on a way that is left.
#include <algorithm>
#include <cmath>
#include <string>

#include "models/ring/function/refuse.h"
#include "models/ring/network/network.h"

namespace ring {
namespace {

std::uint64_t mix(std::uint64_t x) {  // splitmix64: a good number for every (seed, link, how many before)
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

}  // namespace

void check(const Hardware& hardware, const Fabric& fabric) {
  if (hardware.engines == 0) refuse("a GPU without communication engines cannot send; give it 1 or more");
  for (const double s : hardware.slowdown) {
    if (!(s >= 1) || s > 1000) refuse("a slowdown of " + std::to_string(s) + " is outside [1, 1000]");
  }
  for (const Fault& fault : hardware.faults) {
    if (fault.kind == Fault::Kind::slow_gpu) {
      if (fault.gpu >= fabric.gpus) {
        refuse("a fault of GPU " + std::to_string(fault.gpu) + ": there are " + std::to_string(fabric.gpus));
      }
      if (!(fault.factor >= 1) || fault.factor > 1000) {
        refuse("a fault that makes " + fabric.names[fault.gpu] + " " + std::to_string(fault.factor) +
               " times as slow: the factor must lie in [1, 1000]");
      }
      continue;
    }
    if (fault.link >= fabric.links.size()) refuse("a fault of a link that does not exist");
    if (fault.kind == Fault::Kind::degrade && fault.lanes > fabric.of(fault.link).lanes) {
      refuse("a fault leaves " + std::to_string(fault.lanes) + " lanes of " + fabric.link_name(fault.link) +
             ", which has " + std::to_string(fabric.of(fault.link).lanes));
    }
  }
}

// The gap to the next damaged byte is geometric, the same for every level of detail.
void PacketNetwork::draw_error(ErrorProcess& p, LinkId link) {
  if (p.rate == 0) p.rate = -std::expm1(8 * std::log1p(-std::min(0.5, fabric_.of(link).bit_error_rate)));
  const std::uint64_t number = mix(mix(hardware_.seed) ^ (std::uint64_t{link} << 32) ^ p.drawn++);
  const double uniform = (static_cast<double>(number >> 11) + 0.5) * 0x1p-53;
  const double gap = std::ceil(std::log(uniform) / std::log1p(-p.rate));
  p.next +=
      gap >= 0x1p62 ? std::uint64_t{1} << 62 : std::max<std::uint64_t>(1, static_cast<std::uint64_t>(gap));
}

void PacketNetwork::apply(const Fault& fault) {
  const LinkId link = fault.link;
  const bool down =
      fault.kind == Fault::Kind::link_down || (fault.kind == Fault::Kind::degrade && fault.lanes == 0);
  if (down_.empty()) {
    down_.resize(fabric_.links.size());
    for (LinkId l = 0; l < fabric_.links.size(); ++l) lanes_left_.push_back(fabric_.of(l).lanes);
  }
  if (!down) lanes_left_[link] = fault.kind == Fault::Kind::degrade ? fault.lanes : fabric_.of(link).lanes;
  if (down != down_[link]) {
    down_[link] = down;
    detour_ = std::make_unique<Routes>(first_routes_.without(down_));
    routes_ = detour_.get();
  }
  // Whoever crosses the link goes on packet by packet.
  std::vector<FlowId> crossing;
  const IslandId island = outputs_[link].island;
  if (island != kNone) {
    catch_up(island, now_);
    for (const FlowId id : islands_[island].flows) {
      const std::vector<Stage>& hops = flows_[id].hops;
      if (std::any_of(hops.begin(), hops.end(), [link](const Stage& h) { return h.output == link; })) {
        crossing.push_back(id);
      }
    }
    changed(island);
  }
  for (const FlowId id : crossing) {
    if (down) {
      take_back(id, link);
    } else {
      std::vector<Stage>& hops = flows_[id].hops;
      for (std::size_t first = 0; first < hops.size(); ++first) {
        set_times(flows_[id], first);
        while (hops[first].lane != kNone) ++first;
      }
      if (!flows_[id].ways.empty()) set_pace(flows_[id]);
    }
  }
  for (const FlowId id : crossing) {
    if (down && flows_[id].sending()) send_again(id);
  }
  if (island != kNone) queue(island);
  for (FlowId id = 0; id < flows_.size(); ++id) {
    if (flows_[id].blocked) send_again(id);
  }
}

// A new way for what is to be sent, or none.
void PacketNetwork::send_again(FlowId id) {
  Flow& f = flows_[id];
  f.blocked = !routes_->reachable(f.from, f.to);
  if (f.blocked) return;
  const std::size_t first = f.hops.size();
  make_ways(f);
  f.next_ready = std::max(f.next_ready, now_);
  enter_flow(id, first);
}

// Takes the packets of a message back that have not passed the dead link.
void PacketNetwork::take_back(FlowId id, LinkId dead) {
  Flow& f = flows_[id];
  if (f.sending() && !f.blocked) want_not(f.hops[f.ways[f.way]].output, f.key());
  account(f);
  ++f.generation;
  for (std::size_t first = 0; first < f.hops.size();) {  // way by way
    std::size_t end = first, cut = kNone;
    for (; f.hops[end].lane != kNone; ++end) {
      if (f.hops[end].output == dead) cut = end;
    }
    for (std::size_t h = first; cut != kNone && h <= cut; ++h) {
      const std::array<std::uint64_t, 2> lost = empty_buffer(id, h, h == cut);
      f.full_left += lost[0];
      f.rest_left = f.rest_left || lost[1] > 0;
      for (std::size_t k = h + 1; k <= end; ++k) account_hop(f.hops[k], f, 0 - lost[0], 0 - lost[1]);
    }
    first = end + 1;
  }
  f.ways.clear();
  if (!f.sending() && !f.left_told) tell(id, f.left_at, Notice::Kind::left);
  if (f.arrived == f.packets) tell(id, f.arrived_at, Notice::Kind::arrived);
}

// Takes the message's packets out of the buffer behind hop `h`; on the dead link only those that have not
// come in yet. Returns how many: full ones, the short one.
std::array<std::uint64_t, 2> PacketNetwork::empty_buffer(FlowId id, std::size_t h, bool on_dead_link) {
  Flow& f = flows_[id];
  const Stage& next = f.hops[h + 1];
  const std::uint32_t l = f.hops[h].lane;
  Lane& lane = lanes_[l];
  std::array<std::uint64_t, 2> lost{};
  if (lane.waiting() > 0) {
    const Slot& head = lane.head();
    want_not(flows_[head.flow].hops[head.hop].output, l);
  }
  std::vector<Slot> left, kept;
  for (std::uint32_t i = lane.back(); i != lane.tail(); ++i) {
    Slot slot = lane.slot(i);
    const bool waits = i - lane.head_index() < lane.waiting();
    const bool mine = slot.flow == id && slot.hop == h + 1;
    bool take = mine && waits;
    if (on_dead_link && waits) {
      take = mine && slot.at + next.back + f.hops[h].service[slot.rest] > now_ + next.delay[slot.rest];
    } else if (on_dead_link && next.immediate) {  // counted as arrived when it was sent
      take = mine && slot.at > now_ + next.back;
      if (take) --f.arrived;
    }
    if (take) {
      ++lost[slot.rest];
      slot = {now_ + next.back, kNone, 0, 0};
    }
    (take || !waits ? left : kept).push_back(slot);
  }
  std::stable_sort(left.begin(), left.end(), [](const Slot& a, const Slot& b) { return a.at < b.at; });
  const Ps busy = lane.busy_until;
  lane.clear();
  lane.busy_until = busy;
  lane.starved = false;
  for (const Slot& slot : left) lane.push_left(slot);
  for (const Slot& slot : kept) lane.push(0, slot);
  if (lane.waiting() > 0) offer_head(l);
  wake_output(lane.link(), now_);  // it may have waited for a credit
  return lost;
}

}  // namespace ring
