// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Islands: messages that share an output or the limits of a node, directly or through others. A message that
// comes joins islands together; when enough have gone, an island is looked at again and may fall apart.
#include <algorithm>
#include <utility>

#include "models/ring/network/network.h"
#include "models/ring/network/visit.h"

namespace ring {

IslandId PacketNetwork::new_island() {
  if (free_islands_.empty()) {
    free_islands_.push_back(static_cast<IslandId>(islands_.size()));
    islands_.emplace_back();
  }
  const IslandId id = free_islands_.back();
  free_islands_.pop_back();
  Island& island = islands_[id];
  island.flows.clear();
  island.heap.clear();
  island.next = island.queued = kNeverPs;
  island.ended = 0;
  island.alive = true;
  island.turns = 0;
  island.jumped = false;
  return id;
}

// Whether nobody uses anything on the way of `flow`.
bool PacketNetwork::alone(const Flow& flow) const {
  return std::all_of(flow.hops.begin(), flow.hops.end(), [&](const Stage& hop) {
    const Output& out = outputs_[hop.output];
    return !hop.shared || (out.users == 0 && (!out.joint || joints_[hop.node].users == 0));
  });
}

void PacketNetwork::start_flow(FlowId id) {
  if (train_ && alone(flows_[id]) && try_solo(id)) {
    attach(id, 0);
  } else {
    enter_flow(id, 0);
  }
}

// Packet by packet, over the ways that begin at hop `first_hop`.
void PacketNetwork::enter_flow(FlowId id, std::size_t first_hop) {
  const Flow& f = flows_[id];
  for (std::size_t h = first_hop; h < f.hops.size(); ++h) {
    const Stage& hop = f.hops[h];
    if (hop.lane != kNone && outputs_[hop.output].users == 0) spread_residue(hop.lane, now_);
  }
  attach(id, first_hop);
  want(f.hops[f.ways[f.way]].output, {f.key(), kNone, id}, f.next_ready);
  changed(f.island);
  queue(f.island);
}

// Enters the message at everything it uses from hop `first_hop` on and joins the islands that it connects,
// which are brought up to now.
void PacketNetwork::attach(FlowId id, std::size_t first_hop) {
  Flow& f = flows_[id];
  std::vector<IslandId> met;
  const bool is_new = f.island == kNone;
  if (!is_new) met.push_back(f.island);
  for (std::size_t h = first_hop; h < f.hops.size(); ++h) {
    if (!f.hops[h].shared) continue;
    const Output& out = outputs_[f.hops[h].output];
    if (out.island != kNone) met.push_back(out.island);
    if (out.joint && joints_[f.hops[h].node].island != kNone) met.push_back(joints_[f.hops[h].node].island);
  }
  std::sort(met.begin(), met.end());
  met.erase(std::unique(met.begin(), met.end()), met.end());
  for (const IslandId m : met) catch_up(m, now_);
  IslandId home = kNone;
  for (const IslandId m : met) {
    if (home == kNone || islands_[m].flows.size() > islands_[home].flows.size()) home = m;
  }
  if (home == kNone) home = new_island();
  for (const IslandId m : met) {
    if (m != home) absorb(home, m);
  }
  f.island = home;
  for (std::size_t h = first_hop; h < f.hops.size(); ++h) {
    const Stage& hop = f.hops[h];
    if (!hop.shared) continue;
    Output& out = outputs_[hop.output];
    ++out.users;
    out.island = home;
    if (out.joint) {
      ++joints_[hop.node].users;
      joints_[hop.node].island = home;
    }
  }
  if (!is_new) return;
  std::vector<FlowId>& flows = islands_[home].flows;
  const auto place = std::lower_bound(flows.begin(), flows.end(), id, [this](FlowId a, FlowId b) {
    return flows_[a].message < flows_[b].message;
  });
  flows.insert(place, id);
}

void PacketNetwork::absorb(IslandId into, IslandId from) {
  Island& a = islands_[into];
  Island& b = islands_[from];
  for (const FlowId id : b.flows) {
    flows_[id].island = into;
    for (const Stage& hop : flows_[id].hops) {
      if (!hop.shared) continue;
      outputs_[hop.output].island = into;
      if (outputs_[hop.output].joint) joints_[hop.node].island = into;
    }
  }
  std::vector<FlowId> all(a.flows.size() + b.flows.size());
  std::merge(a.flows.begin(), a.flows.end(), b.flows.begin(), b.flows.end(), all.begin(),
             [this](FlowId x, FlowId y) { return flows_[x].message < flows_[y].message; });
  a.flows.swap(all);
  a.heap.insert(a.heap.end(), b.heap.begin(), b.heap.end());
  std::make_heap(a.heap.begin(), a.heap.end(), LaterEvent());
  a.ended += b.ended;
  changed(from);
  b.alive = false;
  free_islands_.push_back(from);
}

void PacketNetwork::detach(FlowId id) {
  Flow& f = flows_[id];
  if (f.island == kNone) return;
  if (!f.solo) catch_up(f.island, now_);
  Island& island = islands_[f.island];
  for (const Stage& hop : f.hops) {
    if (!hop.shared) continue;
    Output& out = outputs_[hop.output];
    if (--out.users == 0) {
      out.island = kNone;
      out.wake = kNeverPs;
    }
    if (out.joint && --joints_[hop.node].users == 0) {
      joints_[hop.node].island = kNone;
      joints_[hop.node].wake = kNeverPs;
    }
    if (hop.lane != kNone && out.users == 0) {
      lanes_[hop.lane].settle(now_);
      lanes_[hop.lane].trim();
    }
  }
  island.flows.erase(std::find(island.flows.begin(), island.flows.end(), id));
  const IslandId home = std::exchange(f.island, kNone);
  if (island.flows.empty()) {
    changed(home);
    island.alive = false;
    free_islands_.push_back(home);
    return;
  }
  changed(home);
  if (++island.ended >= island.flows.size() / 2) fall_apart(home);
  queue(home);
}

// The islands that one has become.
void PacketNetwork::fall_apart(IslandId id) {
  islands_[id].ended = 0;
  const std::vector<FlowId> flows = islands_[id].flows;
  const auto n = static_cast<std::uint32_t>(flows.size());
  if (n < 2) return;
  std::vector<std::uint32_t> root(n);
  for (std::uint32_t i = 0; i < n; ++i) root[i] = i;
  const auto find = [&](std::uint32_t i) {
    while (root[i] != i) i = root[i] = root[root[i]];
    return i;
  };
  Visit visit(seen_, stamp_, outputs_.size(), lanes_.size(), joints_.size());
  owner_.resize(seen_.size());
  const auto claim = [&](std::size_t index, std::uint32_t i) {
    if (visit.first_time(index)) {
      owner_[index] = i;
    } else {
      const std::uint32_t a = find(owner_[index]), b = find(i);
      root[std::max(a, b)] = std::min(a, b);
    }
  };
  for (std::uint32_t i = 0; i < n; ++i) {
    for (const Stage& hop : flows_[flows[i]].hops) {
      if (!hop.shared) continue;
      claim(visit.output(hop.output), i);
      if (outputs_[hop.output].joint) claim(visit.node(hop.node), i);
    }
  }
  std::vector<IslandId> home(n, kNone);  // by root
  home[0] = id;
  islands_[id].flows.clear();
  for (std::uint32_t i = 0; i < n; ++i) {
    const std::uint32_t r = find(i);
    if (home[r] == kNone) home[r] = new_island();
    islands_[home[r]].flows.push_back(flows[i]);
    if (home[r] == id) continue;
    Flow& f = flows_[flows[i]];
    f.island = home[r];
    for (const Stage& hop : f.hops) {
      if (!hop.shared) continue;
      Output& out = outputs_[hop.output];
      if (out.island == id) {
        out.island = home[r];
        const Ps at = std::exchange(out.wake, kNeverPs);
        if (at != kNeverPs) set_wake(hop.output, out.wake, out.island, at);
      }
      Joint& joint = joints_[hop.node];
      if (out.joint && joint.island == id) {
        joint.island = home[r];
        const Ps at = std::exchange(joint.wake, kNeverPs);
        if (at != kNeverPs) set_wake(kJointBit | hop.node, joint.wake, joint.island, at);
      }
    }
  }
  for (std::uint32_t i = 0; i < n; ++i) {
    if (home[i] == kNone || home[i] == id) continue;
    changed(home[i]);
    queue(home[i]);
  }
}

// Puts the island in line for its next event.
void PacketNetwork::queue(IslandId id) {
  Island& island = islands_[id];
  if (!island.alive) return;
  Ps next = island.heap.empty() ? kNeverPs : island.heap.front().at;
  if (next != kNeverPs) next += island.jump_periods * island.period;
  island.next = next;
  if (next == island.queued) return;
  island.queued = next;
  if (next != kNeverPs) queue_.push({next, id});
}

// Everything of the island that happens before `now` has happened, one packet at a time from here on.
void PacketNetwork::catch_up(IslandId id, Ps now) {
  Island& island = islands_[id];
  if (island.flows.size() == 1 && flows_[island.flows.front()].solo) {
    to_packets(island.flows.front(), now);
    return;
  }
  if (island.jump_periods > 0) {
    const std::uint64_t done =
        now > island.jump_from ? (now - 1 - island.jump_from) / island.period : std::uint64_t{0};
    jump(id, std::min(done, island.jump_periods));
  }
  run(id, now, false);
}

}  // namespace ring
