// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Level train, several messages: when the state of an island is the same, relative to the time, as it was a
// while ago, then the same will come again and again, until a message has sent its last full packet, a bit
// error comes, or somebody else does. All of that is jumped over at once. Nothing is approximated: two equal
// states have equal futures, because arbitration, credits and ports depend on nothing else.
#include <algorithm>

#include "models/ring/network/network.h"
#include "models/ring/network/visit.h"

namespace ring {
namespace {

// A window of so many packets in which nothing repeated counts as gone through packet by packet.
constexpr std::uint64_t kWindow = 1024;

// Writes a sequence, or compares it with one.
class Sequence {
 public:
  Sequence(std::vector<std::uint64_t>* out, const std::vector<std::uint64_t>* same_as)
      : out_(out), same_as_(same_as) {}
  bool put(std::uint64_t value) {
    if (out_ != nullptr) {
      out_->push_back(value);
      return true;
    }
    return at_ < same_as_->size() && (*same_as_)[at_++] == value;
  }
  bool complete() const { return out_ != nullptr || at_ == same_as_->size(); }

 private:
  std::vector<std::uint64_t>* out_;
  const std::vector<std::uint64_t>* same_as_;
  std::size_t at_ = 0;
};

}  // namespace

// The messages of the island are others than before, or what they run into is.
void PacketNetwork::changed(IslandId id) {
  if (!train_) return;
  Island& island = islands_[id];
  if (island.turns >= kWindow && !island.jumped) ++fallbacks_;
  island.reference = kNone;
  for (const FlowId f : island.flows) {
    if (flows_[f].full_left == 0) continue;
    if (island.reference == kNone || flows_[f].full_left > flows_[island.reference].full_left)
      island.reference = f;
  }
  island.turns = 0;
  island.turned = island.jumped = false;
  island.jump_periods = 0;
  island.before.relative.clear();
  island.before.turn = 0;
}

// Brent's way: the state is kept at packets 1, 2, 4, 8, ... of the reference flow and compared at each.
void PacketNetwork::look_for_period(IslandId id, Ps now) {
  Island& island = islands_[id];
  if (island.reference != kNone && flows_[island.reference].full_left == 0) {
    const bool jumped = island.jumped;
    changed(id);
    island.jumped = jumped;
    return;
  }
  Snapshot& before = island.before;
  if (!before.relative.empty() && write_state(island, now, nullptr, &before.relative)) {
    island.gains.clear();
    write_counts(island, island.gains);
    for (std::size_t i = 0; i < island.gains.size(); ++i) island.gains[i] -= before.counts[i];
    island.period = now - before.at;
    island.jump_from = now;
    island.jump_periods = periods_left(island);
    if (island.jump_periods > 0) {
      island.jumped = true;
      ++jumps_;
    }
    before.relative.clear();
    before.turn = 0;
    island.turns = 0;
    return;
  }
  if (island.turns < 2 * before.turn) return;
  before.at = now;
  before.turn = island.turns;
  before.relative.clear();
  before.counts.clear();
  write_state(island, now, &before.relative, nullptr);
  write_counts(island, before.counts);
}

bool PacketNetwork::write_state(const Island& island, Ps now, std::vector<std::uint64_t>* out,
                                const std::vector<std::uint64_t>* same_as) {
  Sequence s(out, same_as);
  const bool age = arbiter_->looks_at_age();
  // A time that has passed is as good as now, unless age decides.
  const auto relative = [&](Ps t) { return t == kNeverPs ? t : t > now || age ? t - now : 0; };
  {  // 1. What differs first: how many packets are where.
    Visit visit(seen_, stamp_, outputs_.size(), lanes_.size(), joints_.size());
    for (const FlowId id : island.flows) {
      const Flow& f = flows_[id];
      const std::uint64_t left =
          (f.full_left > 0 ? 1U : 0U) | (f.rest_left ? 2U : 0U) | std::uint64_t{f.way} << 2;
      if (!s.put(left)) return false;
      for (const Stage& hop : f.hops) {
        if (hop.lane == kNone || !visit.first_time(visit.lane(hop.lane))) continue;
        Lane& lane = lanes_[hop.lane];
        lane.settle(now);
        if (!s.put(std::uint64_t{lane.waiting()} << 32 | lane.taken())) return false;
      }
    }
  }
  // 2. All of it.
  Visit visit(seen_, stamp_, outputs_.size(), lanes_.size(), joints_.size());
  for (const FlowId id : island.flows) {
    const Flow& f = flows_[id];
    if (!s.put(f.sending() ? f.next_ready - now : 0)) return false;  // exact: waits are counted from it
    for (const Stage& hop : f.hops) {
      if (!hop.shared) continue;
      const Output& o = outputs_[hop.output];
      if (visit.first_time(visit.output(hop.output))) {
        if (!s.put(relative(o.free_at)) || !s.put(o.wake == kNeverPs ? o.wake : o.wake - now) ||
            !s.put(o.last_key) || !s.put(o.waiting.size())) {
          return false;
        }
      }
      if (o.joint && visit.first_time(visit.node(hop.node))) {
        const Joint& j = joints_[hop.node];
        if (!s.put(relative(j.egress_free)) || !s.put(relative(j.ingress_free)) ||
            !s.put(j.wake == kNeverPs ? j.wake : j.wake - now) || !s.put(j.last_output)) {
          return false;
        }
      }
      if (hop.lane == kNone || !visit.first_time(visit.lane(hop.lane))) continue;
      const Lane& lane = lanes_[hop.lane];
      if (!s.put(relative(lane.busy_until) << 1 | (lane.starved ? 1 : 0))) return false;
      for (std::uint32_t i = lane.back(); i != lane.tail(); ++i) {
        const Slot& slot = lane.slot(i);
        if (!s.put(relative(slot.at))) return false;
        if (!s.put(std::uint64_t{slot.flow} << 32 | std::uint64_t{slot.hop} << 16 | slot.rest)) return false;
      }
    }
  }
  return s.complete();
}

void PacketNetwork::write_counts(const Island& island, std::vector<std::uint64_t>& out) const {
  for (const FlowId id : island.flows) {
    const Flow& f = flows_[id];
    out.push_back(f.packets - f.full_left);  // full packets sent, and a constant
    out.push_back(f.arrived);
    for (const Ps wait : f.waits) out.push_back(wait);
    for (const Stage& hop : f.hops) {
      const std::uint32_t e = outputs_[hop.output].errors;
      if (e != kNone) out.push_back(errors_[e].sent);
    }
  }
}

// How often the period can be repeated before a flow runs out of full packets or a link meets a bit error.
std::uint64_t PacketNetwork::periods_left(const Island& island) const {
  std::uint64_t most = ~std::uint64_t{0};
  std::size_t i = 0;
  for (const FlowId id : island.flows) {
    const Flow& f = flows_[id];
    if (island.gains[i] > 0) most = std::min(most, (f.full_left - 1) / island.gains[i]);
    i += 2 + f.waits.size();
    for (const Stage& hop : f.hops) {
      const std::uint32_t e = outputs_[hop.output].errors;
      if (e == kNone) continue;
      const std::uint64_t gain = island.gains[i++];
      if (gain > 0) most = std::min(most, (errors_[e].next - 1 - errors_[e].sent) / gain);
    }
  }
  return most;
}

// Moves the state of `jump_from` on by so many periods; the jump is over.
void PacketNetwork::jump(IslandId id, std::uint64_t periods) {
  Island& island = islands_[id];
  island.jump_periods = 0;
  if (periods == 0) return;
  const Ps by = periods * island.period;
  const auto move = [by](Ps& t) {
    if (t != kNeverPs) t += by;
  };
  Visit visit(seen_, stamp_, outputs_.size(), lanes_.size(), joints_.size());
  std::size_t i = 0;
  for (const FlowId flow : island.flows) {
    Flow& f = flows_[flow];
    const std::uint64_t* gain = &island.gains[i];
    f.full_left -= periods * gain[0];
    f.arrived += periods * gain[1];
    f.next_ready += by;
    if (gain[0] > 0) f.left_at += by;
    if (gain[1] > 0) f.arrived_at += by;
    for (std::size_t w = 0; w < f.waits.size(); ++w) f.waits[w] += periods * gain[2 + w];
    i += 2 + f.waits.size();
    for (const Stage& hop : f.hops) {
      if (!hop.shared) continue;
      Output& o = outputs_[hop.output];
      const std::uint64_t sent = o.errors != kNone ? island.gains[i++] : 0;
      if (visit.first_time(visit.output(hop.output))) {
        o.free_at += by;
        move(o.wake);
        if (o.errors != kNone) errors_[o.errors].sent += periods * sent;
      }
      if (o.joint && visit.first_time(visit.node(hop.node))) {
        Joint& j = joints_[hop.node];
        j.egress_free += by;
        j.ingress_free += by;
        move(j.wake);
      }
      if (hop.lane == kNone || !visit.first_time(visit.lane(hop.lane))) continue;
      lanes_[hop.lane].busy_until += by;
      lanes_[hop.lane].shift(by);
    }
  }
  for (Event& e : island.heap) e.at += by;
}

}  // namespace ring
