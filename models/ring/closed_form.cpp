// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/closed_form.h"

#include <algorithm>
#include <cmath>

#include "models/ring/function/path_executor.h"

namespace ring {
namespace {

/// What one thing has to carry in one step.
class Loads {
 public:
  Loads(std::size_t things) : loads_(things, 0) {}
  void add(std::size_t thing, double ps) {
    if (loads_[thing] == 0) touched_.push_back(thing);
    loads_[thing] += ps;
  }
  double at(std::size_t thing) const { return loads_[thing]; }
  void clear() {
    for (const std::size_t thing : touched_) loads_[thing] = 0;
    touched_.clear();
  }

 private:
  std::vector<double> loads_;
  std::vector<std::size_t> touched_;
};

class Formula {
 public:
  Formula(const OpGraph& g, const Fabric& f, const Routes& r, const Hardware& h, Execution& uses)
      : g_(g),
        f_(f),
        r_(r),
        h_(h),
        uses_(uses),
        links_(f.links.size()),
        egress_(f.nodes()),
        ingress_(f.nodes()),
        engines_(f.gpus),
        times_(g.size(), 0) {
    uses_.links.resize(f.links.size());
    uses_.egress.resize(f.nodes());
    uses_.ingress.resize(f.nodes());
  }

  std::vector<Ps> times() {
    std::vector<OpId> order(g_.size());
    for (OpId op = 0; op < g_.size(); ++op) order[op] = op;
    const auto step = [&](OpId op) { return std::uint64_t{g_.ops[op].pass} << 32 | g_.ops[op].step; };
    std::stable_sort(order.begin(), order.end(), [&](OpId a, OpId b) { return step(a) < step(b); });
    for (std::size_t begin = 0; begin < order.size();) {
      std::size_t end = begin;
      while (end < order.size() && step(order[end]) == step(order[begin])) ++end;
      one_step(order.data() + begin, order.data() + end);
      begin = end;
    }
    return std::move(times_);
  }

 private:
  /// Calls use(way's share of the packets, hops) for every way of a message.
  template <class Use>
  void for_ways(const Op& op, Use&& use) {
    const unsigned ways = r_.ways(op.gpu, op.peer);
    const std::uint64_t packets = packets_of(op.bytes, r_.payload_bytes(op.gpu, op.peer)).count();
    for (unsigned way = 0; way < ways && way < packets; ++way) {
      const std::uint64_t own = packets / ways + (way < packets % ways ? 1 : 0);
      use(own, packets, r_.path(op.gpu, op.peer, way));
    }
  }

  void add_load(const Op& op) {
    const std::uint32_t payload = r_.payload_bytes(op.gpu, op.peer);
    for_ways(op, [&](std::uint64_t own, std::uint64_t packets, const std::vector<Hop>& path) {
      // The last packet is short: its bytes are spread over the ways.
      const double bytes =
          static_cast<double>(op.bytes) * static_cast<double>(own) / static_cast<double>(packets);
      for (const Hop& hop : path) {
        const Link& link = f_.links[hop.link];
        const LinkClass& kind = f_.of(hop.link);
        const double headers =
            static_cast<double>(kind.wire_bytes(payload) - payload) * static_cast<double>(own);
        carry(links_, hop.link, uses_.links[hop.link], kind.rate, bytes, bytes + headers, own);
        carry(egress_, link.from, uses_.egress[link.from], f_.ports[link.from].egress, bytes, bytes, own);
        carry(ingress_, link.to, uses_.ingress[link.to], f_.ports[link.to].ingress, bytes, bytes, own);
      }
    });
    engines_.add(op.gpu, own_time(op) / h_.engines);
    uses_.packets += packets_of(op.bytes, payload).count();
  }

  void carry(Loads& loads, std::size_t thing, LinkUse& use, Rate rate, double payload, double wire,
             std::uint64_t packets) {
    const double ps = rate.limited() ? wire * 1e12 / static_cast<double>(rate.bytes_per_s) : 0;
    if (ps > 0) loads.add(thing, ps);
    use.payload_bytes += static_cast<std::uint64_t>(std::llround(payload));
    use.wire_bytes += static_cast<std::uint64_t>(std::llround(wire));
    use.packets += packets;
    use.busy += static_cast<Ps>(ps);
  }

  /// By its own flow limit.
  double own_time(const Op& op) const {
    const Rate flow = r_.flow(op.gpu, op.peer);
    return flow.limited() ? static_cast<double>(op.bytes) * 1e12 / static_cast<double>(flow.bytes_per_s) : 0;
  }

  Ps message_time(const Op& op) {
    double busiest = std::max(own_time(op), engines_.at(op.gpu)), latency = 0;
    for_ways(op, [&](std::uint64_t, std::uint64_t, const std::vector<Hop>& path) {
      double way = 0;
      for (const Hop& hop : path) {
        const Link& link = f_.links[hop.link];
        way += static_cast<double>(f_.of(hop.link).latency_ps + f_.ports[link.from].latency_ps);
        busiest = std::max({busiest, links_.at(hop.link), egress_.at(link.from), ingress_.at(link.to)});
      }
      latency = std::max(latency, way);
    });
    return static_cast<Ps>(std::llround(busiest + latency));
  }

  /// Work `duration` beside messages that all begin with it and take `times` (ascending).
  Ps slowed(Ps duration, const std::vector<Ps>& times) const {
    double left = static_cast<double>(duration), now = 0;
    for (std::size_t ended = 0; ended <= times.size(); ++ended) {
      const std::size_t sending = std::min(times.size() - ended, h_.slowdown.size() - 1);
      const double factor = h_.slowdown[sending];
      const double until = ended < times.size() ? static_cast<double>(times[ended]) : INFINITY;
      if (now + left * factor <= until) return static_cast<Ps>(std::llround(now + left * factor));
      left -= (until - now) / factor;
      now = until;
    }
    return duration;
  }

  void one_step(const OpId* begin, const OpId* end) {
    for (const OpId* id = begin; id != end; ++id) {
      if (g_.ops[*id].kind == OpKind::transfer) add_load(g_.ops[*id]);
    }
    const bool disturbed = h_.slowdown.size() > 1 || h_.slowdown.front() != 1;
    std::vector<std::vector<Ps>> sending(disturbed ? g_.gpus : 0);
    for (const OpId* id = begin; id != end; ++id) {
      const Op& op = g_.ops[*id];
      if (op.kind != OpKind::transfer) continue;
      times_[*id] = message_time(op);
      if (disturbed) sending[op.gpu].push_back(op.launch_ps + times_[*id]);
    }
    for (auto& list : sending) std::sort(list.begin(), list.end());
    for (const OpId* id = begin; id != end; ++id) {
      const Op& op = g_.ops[*id];
      if (op.kind == OpKind::compute) {
        times_[*id] = disturbed ? slowed(op.duration, sending[op.gpu]) : op.duration;
      } else if (op.kind == OpKind::merge) {
        times_[*id] = op.duration;
      }
    }
    links_.clear();
    egress_.clear();
    ingress_.clear();
    engines_.clear();
  }

  const OpGraph& g_;
  const Fabric& f_;
  const Routes& r_;
  const Hardware& h_;
  Execution& uses_;
  Loads links_, egress_, ingress_, engines_;
  std::vector<Ps> times_;
};

}  // namespace

Execution closed_form(const OpGraph& graph, const Fabric& fabric, const Routes& routes,
                      const Hardware& hardware, ExecutionListener* listener) {
  Execution uses;
  const std::vector<Ps> times = Formula(graph, fabric, routes, hardware, uses).times();
  Execution result = run_by_path(
      graph, [&](OpId op) { return times[op]; }, listener);
  for (OpId op = 0; op < graph.size(); ++op) {
    if (graph.ops[op].kind == OpKind::compute) result.ops[op].slowed = times[op] - graph.ops[op].duration;
  }
  result.links = std::move(uses.links);
  result.egress = std::move(uses.egress);
  result.ingress = std::move(uses.ingress);
  result.packets = uses.packets;
  return result;
}

}  // namespace ring
