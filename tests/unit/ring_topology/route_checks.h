// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What must hold for every routing table, found out by walking it and nothing else.
#pragma once

#include <map>
#include <queue>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "models/ring/topology/generators.h"
#include "models/ring/topology/routes.h"

namespace ring_test {

// Hops between all pairs, by relaxation, GPUs forwarding or not. 0 = unreachable.
inline std::vector<std::vector<unsigned>> hops_of(const ring::Fabric& f, const std::vector<bool>& down = {}) {
  std::vector<std::vector<unsigned>> d(f.nodes(), std::vector<unsigned>(f.nodes(), 0));
  for (ring::NodeId from = 0; from < f.gpus; ++from) {
    std::queue<ring::NodeId> queue;
    queue.push(from);
    while (!queue.empty()) {
      const ring::NodeId n = queue.front();
      queue.pop();
      if (n != from && n < f.gpus && !f.gpus_forward) continue;
      for (ring::LinkId l = 0; l < f.links.size(); ++l) {
        if (f.links[l].from != n || (!down.empty() && down[l])) continue;
        const ring::NodeId to = f.links[l].to;
        if (to == from || d[from][to] != 0) continue;
        d[from][to] = d[from][n] + 1;
        queue.push(to);
      }
    }
  }
  return d;
}

// Walks every way of every pair: it arrives, uses no link twice, passes through nobody who does not forward,
// and uses nothing that is down. Returns the channels that follow each other.
inline std::set<std::pair<std::pair<unsigned, unsigned>, std::pair<unsigned, unsigned>>> walk(
    const ring::Fabric& f, const ring::Routes& routes, const std::vector<bool>& down = {}) {
  std::set<std::pair<std::pair<unsigned, unsigned>, std::pair<unsigned, unsigned>>> follows;
  for (ring::NodeId from = 0; from < f.gpus; ++from) {
    for (ring::NodeId to = 0; to < f.gpus; ++to) {
      if (from == to || !routes.reachable(from, to)) continue;
      for (unsigned way = 0; way < routes.ways(from, to); ++way) {
        const std::vector<ring::Hop> path = routes.path(from, to, way);
        EXPECT_FALSE(path.empty());
        ring::NodeId at = from;
        std::set<ring::LinkId> used;
        for (std::size_t i = 0; i < path.size(); ++i) {
          const ring::Link& link = f.links[path[i].link];
          EXPECT_EQ(link.from, at);
          EXPECT_TRUE(used.insert(path[i].link).second);
          EXPECT_TRUE(down.empty() || !down[path[i].link]);
          EXPECT_LT(path[i].vc, f.of(path[i].link).vcs);
          if (i > 0) {
            EXPECT_TRUE(at >= f.gpus || f.gpus_forward);
            follows.insert({{path[i - 1].link, path[i - 1].vc}, {path[i].link, path[i].vc}});
          }
          at = link.to;
        }
        EXPECT_EQ(at, to);
      }
    }
  }
  return follows;
}

// Kahn: channels are taken away as long as one has nothing left to wait for.
template <class Follows>
bool acyclic(const Follows& follows) {
  std::map<std::pair<unsigned, unsigned>, unsigned> waits;
  std::map<std::pair<unsigned, unsigned>, std::vector<std::pair<unsigned, unsigned>>> before;
  for (const auto& [a, b] : follows) {
    ++waits[a];
    waits[b];
    before[b].push_back(a);
  }
  std::vector<std::pair<unsigned, unsigned>> free;
  for (const auto& [channel, count] : waits) {
    if (count == 0) free.push_back(channel);
  }
  std::size_t taken = 0;
  while (!free.empty()) {
    const auto channel = free.back();
    free.pop_back();
    ++taken;
    for (const auto& a : before[channel]) {
      if (--waits[a] == 0) free.push_back(a);
    }
  }
  return taken == waits.size();
}

// A connected graph of GPUs and switches with some further connections.
inline ring::Fabric random_fabric(std::mt19937& random, bool forward) {
  const auto dice = [&] { return static_cast<unsigned>(random()); };
  const unsigned gpus = 2 + dice() % 7, switches = forward ? dice() % 4 : 1 + dice() % 4;
  ring::FabricBuilder b("graph", gpus, switches, forward);
  ring::LinkClass link;
  link.vcs = 2;
  const std::uint32_t kind = b.add(link);
  std::set<std::pair<unsigned, unsigned>> have;
  const auto connect = [&](unsigned x, unsigned y) {
    if (x == y || !have.insert({std::min(x, y), std::max(x, y)}).second) return;
    b.connect(x, y, kind);
  };
  // Switches in a tree, GPUs below switches where they do not forward.
  const unsigned nodes = gpus + switches;
  for (unsigned n = gpus + 1; n < nodes; ++n) connect(n, gpus + dice() % (n - gpus));
  for (unsigned n = 0; n < gpus; ++n) {
    if (switches > 0)
      connect(n, gpus + dice() % switches);
    else if (n > 0)
      connect(n, dice() % n);
  }
  for (unsigned more = dice() % (nodes * 2); more > 0; --more) connect(dice() % nodes, dice() % nodes);
  return b.finish();
}

}  // namespace ring_test
