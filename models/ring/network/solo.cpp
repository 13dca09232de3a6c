// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Level train, one message alone on its way: its packets pass hops of constant service times, so that packet
// i of the full ones is granted at first + i * step at every hop, step being the longest service so far. That
// holds as long as credits never make it wait, which is checked, not assumed.
#include <algorithm>
#include <utility>

#include "models/ring/network/network.h"

namespace ring {
namespace {

Ps longest(const Stage& hop, int rest) {
  return std::max({hop.service[rest], hop.egress[rest], hop.ingress[rest]});
}

// Packets of a flow at one hop, as times of their grants.
struct Grants {
  const SoloStage& stage;
  std::uint64_t full;
  bool rest;
  Ps at(std::uint64_t i) const { return i < full ? stage.first + i * stage.step : stage.last; }
  std::uint64_t before(Ps now) const {
    std::uint64_t n =
        full > 0 && stage.first < now ? std::min(full, (now - 1 - stage.first) / stage.step + 1) : 0;
    if (n == full && rest && stage.last < now) ++n;
    return n;
  }
};

}  // namespace

bool PacketNetwork::try_solo(FlowId id) {
  Flow& f = flows_[id];
  if (f.ways.size() != 1 || f.sent() != 0) return false;
  const std::size_t first = f.ways[0], hops = f.hops.size() - first;
  if (first != 0) return false;
  const std::uint64_t full = f.full_left;
  f.stages.assign(hops, {});
  // 1. When the packets are granted, if nothing else holds them up.
  for (std::size_t h = 0; h < hops; ++h) {
    const Stage& hop = f.hops[h];
    SoloStage& s = f.stages[h];
    if (h == 0) {
      s.first = f.start;
      s.step = std::max(f.pace[0], longest(hop, 0));
      s.last = full > 0 ? s.first + (full - (f.rest_left ? 0 : 1)) * s.step : s.first;
      continue;
    }
    const SoloStage& p = f.stages[h - 1];
    s.first = p.first + hop.delay[0];
    s.step = std::max(p.step, longest(hop, 0));
    if (!f.rest_left) {
      s.last = s.first + (full - 1) * s.step;
    } else {
      s.last = p.last + hop.delay[1];
      if (full > 0) s.last = std::max(s.last, s.first + (full - 1) * s.step + longest(hop, 0));
      if (full == 0) s.first = s.last;
    }
  }
  // 2. Whether something does.
  for (std::size_t h = 0; h < hops; ++h) {
    const Stage& hop = f.hops[h];
    const Output& out = outputs_[hop.output];
    if (out.free_at > f.stages[h].first && !hop.immediate) return false;
    if (out.joint) {
      const Joint& joint = joints_[hop.node];
      if (hop.egress[0] + hop.egress[1] > 0 && joint.egress_free > f.stages[h].first) return false;
      if (hop.ingress[0] + hop.ingress[1] > 0 && joint.ingress_free > f.stages[h].first) return false;
    }
    if (h > 0 && lanes_[f.hops[h - 1].lane].busy_until > f.stages[h].first) return false;
    if (out.errors != kNone) {
      const LinkClass& c = fabric_.of(hop.output);
      const std::uint64_t wire =
          full * c.wire_bytes(f.full_bytes) + (f.rest_left ? c.wire_bytes(f.rest_bytes) : 0);
      if (errors_[out.errors].next <= errors_[out.errors].sent + wire) return false;
    }
  }
  if (!solo_credits_fit(f)) return false;
  f.solo = true;
  tell(id, f.stages.front().last + f.hops.front().service[f.rest_left], Notice::Kind::left);
  tell(id, f.stages.back().last + f.hops.back().service[f.rest_left], Notice::Kind::arrived);
  f.waits = {};
  const Stage& source = f.hops.front();
  const Ps wait = (f.packets - 1) * (f.stages.front().step - f.pace[0]);
  f.waits[source.egress[0] > source.service[0] ? kWaitPort : kWaitLink] = wait;
  return true;
}

// Whether every packet finds a credit at once: its place is the one of the packet `credits` before it, or one
// of an earlier message.
bool PacketNetwork::solo_credits_fit(const Flow& f) const {
  const std::uint64_t full = f.full_left, n = f.packets;
  for (std::size_t h = 0; h + 1 < f.hops.size(); ++h) {
    const Lane& lane = lanes_[f.hops[h].lane];
    const std::uint64_t credits = lane.credits();
    const Stage& next = f.hops[h + 1];
    const Grants here{f.stages[h], full, f.rest_left}, there{f.stages[h + 1], full, f.rest_left};
    const auto back = [&](std::uint64_t i) { return there.at(i) + next.service[i >= full] + next.back; };
    // Own places. Times of full packets are linear on both sides, so the ends decide.
    if (n > credits) {
      for (const std::uint64_t i : {credits, std::max(credits, full > 0 ? full - 1 : 0), n - 1}) {
        if (i < n && back(i - credits) > here.at(i)) return false;
      }
    }
    // Places of earlier messages, oldest first: number R + i - credits is the one that packet i needs.
    const Residue& old = residues_[f.hops[h].lane];
    const bool pending = old.count > 0 && old.last > f.start;
    const bool places = lane.taken() > 0 && lane.slot(lane.tail() - 1).at > f.start;
    if (!pending && !places) continue;
    if (n < credits) return false;  // some would still be pending when this one has gone
    if (places) {
      const std::uint64_t taken = lane.taken();
      for (std::uint64_t i = credits - std::min(credits, taken); i < credits; ++i) {
        if (lane.slot(lane.back() + static_cast<std::uint32_t>(taken + i - credits)).at > here.at(i))
          return false;
      }
      continue;
    }
    const auto place = [&](std::uint64_t from_end) {
      return from_end == 0 ? old.last : old.before - (from_end - 1) * old.step;
    };
    const std::uint64_t first = credits - std::min<std::uint64_t>(credits, old.count);
    for (const std::uint64_t i :
         {first, std::max(first, std::min(full, credits - 1) - 1), credits - 2, credits - 1}) {
      if (i >= first && i < credits && place(credits - 1 - i) > here.at(i)) return false;
    }
  }
  return true;
}

// What the message leaves behind when all of it has arrived.
void PacketNetwork::leave_residue(const Flow& f) {
  const std::uint64_t full = f.full_left;
  const bool rest = f.rest_left;
  for (std::size_t h = 0; h < f.hops.size(); ++h) {
    const Stage& hop = f.hops[h];
    const SoloStage& s = f.stages[h];
    Output& out = outputs_[hop.output];
    if (!hop.immediate) {
      out.free_at = s.last + hop.service[rest];
      out.last_key = h == 0 ? f.key() : f.hops[h - 1].lane;
    }
    if (out.joint) {
      Joint& joint = joints_[hop.node];
      if (hop.egress[rest] > 0) joint.egress_free = s.last + hop.egress[rest];
      if (hop.ingress[rest] > 0) joint.ingress_free = s.last + hop.ingress[rest];
      if (!hop.immediate) joint.last_output = hop.output;
    }
    if (out.errors != kNone) {
      const LinkClass& c = fabric_.of(hop.output);
      errors_[out.errors].sent += full * c.wire_bytes(f.full_bytes) + (rest ? c.wire_bytes(f.rest_bytes) : 0);
    }
    if (h == 0) continue;
    Lane& lane = lanes_[f.hops[h - 1].lane];
    if (!hop.immediate) lane.busy_until = std::max(out.free_at, s.last + 1);
    // Earlier messages have no place any more, or their credits are back.
    lane.clear();
    Residue& r = residues_[f.hops[h - 1].lane];
    r.count = static_cast<std::uint32_t>(std::min<std::uint64_t>(lane.credits(), f.packets));
    r.last = s.last + hop.service[rest] + hop.back;
    r.step = s.step;
    const Ps last_full = full > 0 ? s.first + (full - 1) * s.step + hop.service[0] + hop.back : 0;
    r.before = rest ? last_full : r.last - (r.count > 1 ? s.step : 0);
  }
}

// A residue as places of the buffer, for the packet level.
void PacketNetwork::spread_residue(std::uint32_t l, Ps now) {
  if (residues_.empty()) return;
  Residue& r = residues_[l];
  const std::uint32_t count = std::exchange(r.count, 0);
  if (count == 0 || r.last <= now) return;
  Lane& lane = lanes_[l];
  lane.settle(now);
  for (std::uint32_t k = count; k-- > 0;) {
    const Ps at = k == 0 ? r.last : r.before - (k - 1) * r.step;
    if (at > now) lane.push_left({at, kNone, 0, 0});
  }
}

// The message gets company: its packets as they are when all before `now` has happened.
void PacketNetwork::to_packets(FlowId id, Ps now) {
  Flow& f = flows_[id];
  const std::uint64_t full = f.full_left;
  const bool rest = f.rest_left;
  f.solo = false;
  ++f.generation;
  std::vector<std::uint64_t> granted;
  for (const SoloStage& s : f.stages) granted.push_back(Grants{s, full, rest}.before(now));
  for (std::size_t h = 0; h < f.hops.size(); ++h) {
    const Stage& hop = f.hops[h];
    const Grants here{f.stages[h], full, rest};
    Output& out = outputs_[hop.output];
    const std::uint64_t n = granted[h];
    if (n > 0 && !hop.immediate) {
      const bool short_one = n > full;
      const Ps last = here.at(n - 1);
      out.free_at = last + hop.service[short_one];
      out.last_key = h == 0 ? f.key() : f.hops[h - 1].lane;
      if (out.joint) {
        Joint& joint = joints_[hop.node];
        if (hop.egress[short_one] > 0) joint.egress_free = last + hop.egress[short_one];
        if (hop.ingress[short_one] > 0) joint.ingress_free = last + hop.ingress[short_one];
        joint.last_output = hop.output;
      }
      if (h > 0) lanes_[f.hops[h - 1].lane].busy_until = std::max(out.free_at, last + 1);
    }
    if (out.errors != kNone) {
      const LinkClass& c = fabric_.of(hop.output);
      errors_[out.errors].sent += std::min(n, full) * c.wire_bytes(f.full_bytes);
      if (n > full) errors_[out.errors].sent += c.wire_bytes(f.rest_bytes);
    }
    if (h == 0) continue;
    // The buffer between the hop before and this one.
    const std::uint32_t l = f.hops[h - 1].lane;
    Lane& lane = lanes_[l];
    spread_residue(l, now);
    lane.settle(now);
    const Grants source{f.stages[h - 1], full, rest};
    // A sink without limit takes a packet when it is sent, for the time of its arrival.
    const std::uint64_t gone = hop.immediate ? granted[h - 1] : n;
    for (std::uint64_t i = gone - std::min<std::uint64_t>(gone, lane.credits()); i < gone; ++i) {
      const Ps back = here.at(i) + hop.service[i >= full] + hop.back;
      if (back > now) lane.push_left({back, id, static_cast<std::uint16_t>(h), i >= full});
    }
    for (std::uint64_t i = gone; i < granted[h - 1]; ++i) {
      lane.push(now, {source.at(i) + hop.delay[i >= full], id, static_cast<std::uint16_t>(h), i >= full});
    }
    if (h + 1 == f.hops.size()) {
      f.arrived = gone;
      f.arrived_at = gone > 0 ? here.at(gone - 1) + hop.service[gone > full] : 0;
      if (gone > full && full > 0) f.arrived_at = std::max(f.arrived_at, here.at(full - 1) + hop.service[0]);
    }
  }
  const std::uint64_t sent = granted.front();
  const Stage& source = f.hops.front();
  if (sent > 0) {
    const Ps last = Grants{f.stages.front(), full, rest}.at(sent - 1);
    f.next_ready = last + f.pace[sent > full];
    f.left_at = last + source.service[sent > full];
    f.waits = {};
    f.waits[source.egress[0] > source.service[0] ? kWaitPort : kWaitLink] =
        (sent - 1) * (f.stages.front().step - f.pace[0]);
  } else {
    f.waits = {};
  }
  f.full_left = full - std::min(full, sent);
  f.rest_left = rest && sent < f.packets;
  if (f.sending()) {
    want(source.output, {f.key(), kNone, id}, f.next_ready);
  } else if (!f.left_told) {
    tell(id, f.left_at, Notice::Kind::left);
  }
  if (f.arrived == f.packets) tell(id, f.arrived_at, Notice::Kind::arrived);
  for (std::size_t h = 0; h + 1 < f.hops.size(); ++h) {
    if (lanes_[f.hops[h].lane].waiting() > 0) offer_head(f.hops[h].lane);
  }
}

}  // namespace ring
