// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/topology/deadlock.h"

#include <algorithm>

namespace ring {
namespace {

// From a channel to what a node does next with a packet of it: a table entry, which stands for several hops.
struct Step {
  std::uint32_t channel;
  Routes::Entry entry;
  friend bool operator==(Step a, Step b) { return a.channel == b.channel && a.entry == b.entry; }
  friend bool operator<(Step a, Step b) {
    return a.channel != b.channel ? a.channel < b.channel : a.entry < b.entry;
  }
};

class Checker {
 public:
  Checker(const Fabric& fabric, const Routes& routes)
      : fabric_(fabric), routes_(routes), vcs_(routes.vcs()) {}

  ChannelGraph run() {
    collect();
    std::sort(steps_.begin(), steps_.end());
    steps_.erase(std::unique(steps_.begin(), steps_.end()), steps_.end());
    ChannelGraph graph;
    for (const Step& step : steps_) graph.edges += routes_.choices(step.entry);
    if (!steps_.empty()) graph.cycle = find_cycle();
    return graph;
  }

 private:
  std::uint32_t channel(Hop hop) const { return hop.link * vcs_ + hop.vc; }

  // Follows every way of every transfer, destination by destination.
  void collect() {
    std::vector<std::uint32_t> seen(fabric_.nodes(), ~0u);
    std::vector<NodeId> queue;
    std::size_t compact_at = std::size_t{1} << 22;
    for (NodeId to = 0; to < fabric_.gpus; ++to) {
      queue.clear();
      for (NodeId from = 0; from < fabric_.gpus; ++from) {
        if (from != to && routes_.entry(from, to) != Routes::kNone) {
          seen[from] = to;
          queue.push_back(from);
        }
      }
      for (std::size_t at = 0; at < queue.size(); ++at) {
        const Routes::Entry entry = routes_.entry(queue[at], to);
        const unsigned choices = routes_.choices(entry);
        for (unsigned i = 0; i < choices; ++i) {
          const Hop hop = routes_.choice(entry, i);
          const NodeId next = fabric_.links[hop.link].to;
          if (next == to) continue;
          const Routes::Entry after = routes_.entry(next, to);
          if (after != Routes::kNone) steps_.push_back({channel(hop), after});
          if (seen[next] == to) continue;
          seen[next] = to;
          queue.push_back(next);
        }
      }
      if (steps_.size() >= compact_at) {
        std::sort(steps_.begin(), steps_.end());
        steps_.erase(std::unique(steps_.begin(), steps_.end()), steps_.end());
        compact_at = std::max(compact_at, 2 * steps_.size());
      }
    }
  }

  // Depth first without recursion. A channel on the present way that is met again closes a cycle.
  std::vector<Hop> find_cycle() {
    enum : std::uint8_t { fresh, open, closed };
    const std::size_t channels = fabric_.links.size() * vcs_;
    std::vector<std::uint32_t> first(channels + 1, 0);
    for (const Step& step : steps_) ++first[step.channel + 1];
    for (std::size_t c = 0; c < channels; ++c) first[c + 1] += first[c];
    std::vector<std::uint8_t> state(channels, fresh);
    struct Frame {
      std::uint32_t channel, step;
      unsigned choice;
    };
    std::vector<Frame> stack;
    for (std::uint32_t start = 0; start < channels; ++start) {
      if (state[start] != fresh || first[start] == first[start + 1]) continue;
      stack.push_back({start, first[start], 0});
      state[start] = open;
      while (!stack.empty()) {
        Frame& top = stack.back();
        if (top.step == first[top.channel + 1]) {
          state[top.channel] = closed;
          stack.pop_back();
          continue;
        }
        const Routes::Entry entry = steps_[top.step].entry;
        const std::uint32_t next = channel(routes_.choice(entry, top.choice));
        if (++top.choice == routes_.choices(entry)) {
          top.choice = 0;
          ++top.step;
        }
        if (state[next] == open) {
          std::vector<Hop> cycle;
          std::size_t from = 0;
          while (stack[from].channel != next) ++from;
          for (; from < stack.size(); ++from) {
            const std::uint32_t c = stack[from].channel;
            cycle.push_back({c / vcs_, static_cast<std::uint8_t>(c % vcs_)});
          }
          return cycle;
        }
        if (state[next] == fresh) {
          state[next] = open;
          stack.push_back({next, first[next], 0});
        }
      }
    }
    return {};
  }

  const Fabric& fabric_;
  const Routes& routes_;
  const std::uint32_t vcs_;
  std::vector<Step> steps_;
};

}  // namespace

ChannelGraph channel_graph(const Fabric& fabric, const Routes& routes) {
  return Checker(fabric, routes).run();
}

std::string cycle_text(const Fabric& fabric, const std::vector<Hop>& cycle) {
  constexpr std::size_t kShown = 8;
  std::string text;
  for (std::size_t i = 0; i < cycle.size() && i < kShown; ++i) {
    text += (i > 0 ? ", " : "") + fabric.link_name(cycle[i].link);
    if (cycle[i].vc > 0) text += " (virtual channel " + std::to_string(cycle[i].vc) + ")";
  }
  if (cycle.size() > kShown) text += ", " + std::to_string(cycle.size() - kShown) + " more";
  return text + " and back to the first";
}

}  // namespace ring
