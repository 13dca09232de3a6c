// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Messages and time; the other parts are in serve.cpp, island.cpp, solo.cpp, recurrence.cpp and faults.cpp.
#include "models/ring/network/network.h"

#include <algorithm>

#include "sim/core/error.h"

namespace ring {

PacketNetwork::PacketNetwork(const Fabric& fabric, const Routes& routes, const Hardware& hardware,
                             std::uint64_t shuffle)
    : fabric_(fabric),
      first_routes_(routes),
      routes_(&routes),
      hardware_(hardware),
      arbiter_(make_arbiter(hardware.arbiter)),
      train_(hardware.level == Level::train),
      shuffle_(shuffle),
      random_(shuffle) {
  const std::size_t links = fabric.links.size();
  outputs_.resize(links + fabric.gpus);
  lanes_.reserve(links);
  const bool one_vc = std::all_of(fabric.classes.begin(), fabric.classes.end(),
                                  [](const LinkClass& c) { return c.vcs <= 1; });
  for (LinkId l = 0; l < links; ++l) {
    const LinkClass& c = fabric.of(l);
    outputs_[l].node = fabric.links[l].from;
    if (!one_vc) first_lane_.push_back(static_cast<std::uint32_t>(lanes_.size()));
    for (unsigned vc = 0; vc < std::max<unsigned>(1, c.vcs); ++vc) lanes_.emplace_back(l, c.credits);
    if (c.bit_error_rate > 0) {
      outputs_[l].errors = static_cast<std::uint32_t>(errors_.size());
      errors_.emplace_back();
      draw_error(errors_.back(), l);
    }
  }
  for (NodeId gpu = 0; gpu < fabric.gpus; ++gpu) outputs_[links + gpu].node = gpu;
  residues_.resize(train_ ? lanes_.size() : 0);
  joints_.resize(fabric.nodes());
  for (std::size_t o = 0; o < outputs_.size(); ++o) {
    const NodeId n = outputs_[o].node;
    const Port& port = fabric.ports[n];
    const bool passes = n >= fabric.gpus || fabric.gpus_forward;  // what comes in may go out by a link
    outputs_[o].joint = (o < links && port.egress.limited()) || (passes && port.ingress.limited());
  }
  link_uses_.resize(links);
  egress_uses_.resize(fabric.nodes());
  ingress_uses_.resize(fabric.nodes());
  std::stable_sort(hardware_.faults.begin(), hardware_.faults.end(),
                   [](const Fault& a, const Fault& b) { return a.at < b.at; });
  hardware_.faults.erase(std::remove_if(hardware_.faults.begin(), hardware_.faults.end(),
                                        [](const Fault& f) { return f.kind == Fault::Kind::slow_gpu; }),
                         hardware_.faults.end());
}

PacketNetwork::~PacketNetwork() = default;

FlowId PacketNetwork::new_flow() {
  if (free_flows_.empty()) {
    flows_.emplace_back();
    return static_cast<FlowId>(flows_.size() - 1);
  }
  const FlowId id = free_flows_.back();
  free_flows_.pop_back();
  Flow fresh;
  Flow& f = flows_[id];
  fresh.generation = f.generation + 1;
  fresh.hops.swap(f.hops);  // keep the memory
  fresh.ways.swap(f.ways);
  fresh.stages.swap(f.stages);
  fresh.hops.clear();
  fresh.ways.clear();
  f = std::move(fresh);
  return id;
}

void PacketNetwork::send(std::uint32_t message, NodeId from, NodeId to, std::uint64_t bytes, Ps at) {
  if (at < now_) {
    throw sim::Error(sim::Exit::internal, "a message begins at " + std::to_string(at) +
                                              " ps when the network has seen all before " +
                                              std::to_string(now_) + " ps");
  }
  now_ = at;
  while (next_fault_ < hardware_.faults.size() && hardware_.faults[next_fault_].at <= at) {
    apply(hardware_.faults[next_fault_++]);
  }
  const FlowId id = new_flow();
  Flow& f = flows_[id];
  f.message = message;
  f.from = from;
  f.to = to;
  f.start = f.next_ready = at;
  f.bytes = bytes;
  ++running_;
  f.blocked = !routes_->reachable(from, to);
  f.packets = 1;  // until it has a way and is cut
  f.full_left = 1;
  if (f.blocked) return;
  make_ways(f);
  start_flow(id);
}

void PacketNetwork::cut(Flow& f) {
  f.full_bytes = routes_->payload_bytes(f.from, f.to);
  const Packets packets = packets_of(f.bytes, f.full_bytes);
  f.full_left = packets.full;
  f.rest_left = packets.rest > 0;
  f.rest_bytes = static_cast<std::uint32_t>(packets.rest);
  f.packets = f.unsent();
  f.ways_rest = f.rest_left;
}

// The ways of a flow under the routes in force; earlier hops stay because packets may still be on them.
void PacketNetwork::make_ways(Flow& f) {
  f.ways.clear();
  f.way = 0;
  f.ways_from = f.sent();
  f.ways_rest = f.rest_left;
  if (f.sent() == 0) cut(f);
  const Rate flow = routes_->flow(f.from, f.to);
  f.limit[0] = std::max<Ps>(1, service_ps(f.full_bytes, flow));
  f.limit[1] = std::max<Ps>(1, service_ps(f.rest_bytes, flow));
  const unsigned ways = std::min<unsigned>(routes_->ways(f.from, f.to), 4096);
  for (unsigned w = 0; w < ways; ++w) add_way(f, w);
  set_pace(f);
}

// A packet is ready when the flow limit allows it and, on a single way, when the one before is out: waiting
// for one's own packets is no waiting.
void PacketNetwork::set_pace(Flow& f) {
  for (int rest = 0; rest < 2; ++rest) {
    f.pace[rest] = f.limit[rest];
    if (f.ways.size() == 1) f.pace[rest] = std::max(f.pace[rest], f.hops[f.ways[0]].service[rest]);
  }
}

void PacketNetwork::add_way(Flow& f, unsigned way) {
  const std::size_t first = f.hops.size();
  f.ways.push_back(static_cast<std::uint16_t>(first));
  for (NodeId node = f.from; node != f.to;) {
    const Hop step = routes_->next(node, f.to, way);
    Stage hop;
    hop.output = step.link;
    hop.lane = first_lane_.empty() ? step.link : first_lane_[step.link] + step.vc;
    hop.node = node;
    f.hops.push_back(hop);
    node = fabric_.links[step.link].to;
    if (f.hops.size() > 60000) throw sim::Error(sim::Exit::internal, "a route that goes in circles");
  }
  Stage sink;
  sink.output = static_cast<std::uint32_t>(fabric_.links.size() + f.to);
  sink.node = f.to;
  sink.immediate = !fabric_.ports[f.to].ingress.limited();
  sink.shared = !sink.immediate || fabric_.gpus_forward;
  f.hops.push_back(sink);
  set_times(f, first);
}

// Times of the way that begins at hop `first`, from the rates of now.
void PacketNetwork::set_times(Flow& f, std::size_t first) {
  for (std::size_t h = first; h < f.hops.size(); ++h) {
    Stage& hop = f.hops[h];
    const Port& port = fabric_.ports[hop.node];
    const bool sink = hop.lane == kNone;
    for (int rest = 0; rest < 2; ++rest) {
      const std::uint32_t bytes = rest ? f.rest_bytes : f.full_bytes;
      const bool joint = outputs_[hop.output].joint;
      hop.egress[rest] = joint && !sink ? service_ps(bytes, port.egress) : 0;
      hop.ingress[rest] = joint && h > first ? service_ps(bytes, port.ingress) : 0;
      hop.service[rest] = sink ? service_ps(bytes, port.ingress)
                               : service_ps(fabric_.of(hop.output).wire_bytes(bytes), link_rate(hop.output));
      if (h == first) continue;
      const Stage& before = f.hops[h - 1];
      const Ps latency = fabric_.of(before.output).latency_ps;
      const Ps through = hop.node >= fabric_.gpus ? port.latency_ps : 0;
      // Cut-through: not before the head has come, not so early that the tail would come too late.
      const Ps lead = std::min(before.service[rest], hop.service[rest]);
      hop.delay[rest] = latency + through + before.service[rest] - lead;
      hop.back = latency;
    }
    if (sink) break;
  }
}

Rate PacketNetwork::link_rate(LinkId link) const {
  const LinkClass& c = fabric_.of(link);
  if (lanes_left_.empty() || lanes_left_[link] >= c.lanes) return c.rate;
  return {std::max<std::uint64_t>(1, c.rate.bytes_per_s / c.lanes * lanes_left_[link] +
                                         c.rate.bytes_per_s % c.lanes * lanes_left_[link] / c.lanes)};
}

void PacketNetwork::tell(FlowId id, Ps at, Notice::Kind kind) {
  notices_.push({at, flows_[id].message, id, flows_[id].generation, kind});
}

void PacketNetwork::drop_void_notices() {
  while (!notices_.empty() && notices_.top().generation != flows_[notices_.top().flow].generation)
    notices_.pop();
}

Ps PacketNetwork::advance(Ps limit) {
  for (;;) {
    drop_void_notices();
    while (!queue_.empty() && (!islands_[queue_.top().second].alive ||
                               islands_[queue_.top().second].queued != queue_.top().first)) {
      queue_.pop();
    }
    const Ps notice = noticed_at();
    const Ps event = queue_.empty() ? kNeverPs : queue_.top().first;
    const Ps bound = std::min(limit, notice);
    if (next_fault_ < hardware_.faults.size() && running_ > 0) {
      const Ps fault = std::max(now_, hardware_.faults[next_fault_].at);
      if (fault <= event && fault < bound) {
        now_ = fault;
        apply(hardware_.faults[next_fault_++]);
        continue;
      }
    }
    if (event >= bound) {
      if (bound != kNeverPs) now_ = std::max(now_, bound);
      return bound;
    }
    const IslandId id = queue_.top().second;
    queue_.pop();
    islands_[id].queued = kNeverPs;
    // Until somebody else has an event: another island's must not come after a notice of this one.
    Ps until = bound;
    if (!queue_.empty()) until = std::min(until, std::max(queue_.top().first, event + 1));
    if (next_fault_ < hardware_.faults.size()) {
      until = std::min(until, std::max(hardware_.faults[next_fault_].at, event + 1));
    }
    run(id, until);
    now_ = std::max(now_, event);
    queue(id);
  }
}

bool PacketNetwork::pop(Ps now, Notice& notice) {
  drop_void_notices();
  if (notices_.empty() || notices_.top().at > now) return false;
  const Pending p = notices_.top();
  notices_.pop();
  Flow& f = flows_[p.flow];
  notice = {p.at, p.message, p.kind, {}};
  if (p.kind == Notice::Kind::left) {
    f.left_told = true;
  } else {
    now_ = std::max(now_, p.at);
    notice.waits = f.waits;
    finish(p.flow);
  }
  return true;
}

// The receiver has everything: what is left of the message are credits on their way.
void PacketNetwork::finish(FlowId id) {
  Flow& f = flows_[id];
  if (f.solo) {
    ++solos_;
    leave_residue(f);
  }
  packets_ += f.packets;
  account(f);
  detach(id);
  ++f.generation;
  free_flows_.push_back(id);
  --running_;
}

// The packets sent over the ways in use, in turn, as if each had come to the end of its way.
void PacketNetwork::account(const Flow& f) {
  const std::uint64_t n = f.sent_or_solo() - f.ways_from;
  const std::size_t ways = f.ways.size();
  for (std::size_t w = 0; w < ways && n > 0; ++w) {
    const std::uint64_t on_way = n / ways + (w < n % ways ? 1 : 0);
    const std::uint64_t rest = f.ways_rest && (f.solo || !f.rest_left) && (n - 1) % ways == w ? 1 : 0;
    for (std::size_t h = f.ways[w];; ++h) {
      account_hop(f.hops[h], f, on_way - rest, rest);
      if (f.hops[h].lane == kNone) break;
    }
  }
}

void PacketNetwork::account_hop(const Stage& hop, const Flow& f, std::uint64_t full, std::uint64_t rest) {
  const std::uint64_t payload = full * f.full_bytes + rest * f.rest_bytes;
  const auto add = [&](LinkUse& use, std::uint64_t wire, Ps busy) {
    use.payload_bytes += payload;
    use.wire_bytes += wire;
    use.packets += full + rest;
    use.busy += busy;
  };
  const Ps served = full * hop.service[0] + rest * hop.service[1];
  if (hop.lane == kNone) {
    add(ingress_uses_[hop.node], payload, served);
    return;
  }
  const LinkClass& c = fabric_.of(hop.output);
  add(link_uses_[hop.output], full * c.wire_bytes(f.full_bytes) + rest * c.wire_bytes(f.rest_bytes), served);
  add(egress_uses_[hop.node], payload, full * hop.egress[0] + rest * hop.egress[1]);
  if (hop.node != f.from) {
    add(ingress_uses_[hop.node], payload, full * hop.ingress[0] + rest * hop.ingress[1]);
  }
}

void PacketNetwork::add_uses(Execution& execution) const {
  execution.links = link_uses_;
  for (std::size_t l = 0; l < fabric_.links.size() && !errors_.empty(); ++l) {
    if (outputs_[l].errors == kNone) continue;
    const ErrorProcess& p = errors_[outputs_[l].errors];
    execution.links[l].replays += p.replays;
    execution.links[l].wire_bytes += p.replayed_bytes;
    execution.links[l].busy += p.replay_time;
  }
  execution.egress = egress_uses_;
  execution.ingress = ingress_uses_;
  execution.packets = packets_;
  execution.window_fallbacks = fallbacks_;
}

void PacketNetwork::check_drained() const {
  if (running_ > 0) {
    throw sim::Error(sim::Exit::check, std::to_string(running_) + " messages are still under way");
  }
  for (const Lane& lane : lanes_) {
    if (lane.waiting() == 0) continue;
    throw sim::Error(sim::Exit::check, "link " + fabric_.link_name(lane.link()) + ": " +
                                           std::to_string(lane.waiting()) +
                                           " packets were left in its buffer, their credits are lost");
  }
  for (const Output& out : outputs_) {
    if (out.users != 0 || !out.waiting.empty()) {
      throw sim::Error(sim::Exit::internal, "an output of " + fabric_.names[out.node] + " is still in use");
    }
  }
}

std::string PacketNetwork::why_waiting(std::uint32_t message) const {
  for (const Flow& f : flows_) {
    if (f.message != message || f.packets == f.arrived) continue;
    const std::string way = "from " + fabric_.names[f.from] + " to " + fabric_.names[f.to];
    if (f.blocked) {
      std::vector<std::string> dead;
      for (LinkId l = 0; l < down_.size(); ++l) {
        if (down_[l]) dead.push_back(fabric_.link_name(l));
      }
      return "no way " + way + " is left, " + std::to_string(f.packets - f.arrived) + " of " +
             std::to_string(f.packets) + " packets have not arrived; down: " + short_list(dead);
    }
    return std::to_string(f.arrived) + " of " + std::to_string(f.packets) + " packets have come " + way +
           ", the others wait for credits";
  }
  return "it is not under way";
}

}  // namespace ring
