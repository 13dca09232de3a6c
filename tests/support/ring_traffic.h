// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Messages on a PacketNetwork, without GPUs and without SystemC: each begins at a time, or some time after
// another one has arrived.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <ostream>
#include <queue>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "models/ring/network/network.h"
#include "models/ring/topology/generators.h"

namespace ring::test {

struct Message {
  NodeId from = 0, to = 0;
  std::uint64_t bytes = 0;
  Ps delay = 0;
  int after = -1;  ///< index of an earlier message; -1: delay counts from time 0
};

struct Times {
  Ps left = 0, arrived = 0;
  std::array<Ps, 3> waits{};
  friend bool operator==(const Times& a, const Times& b) {
    return a.left == b.left && a.arrived == b.arrived && a.waits == b.waits;
  }
};

inline std::ostream& operator<<(std::ostream& out, const Times& t) {
  return out << "left " << t.left << " arrived " << t.arrived << " waits link " << t.waits[0] << " port "
             << t.waits[1] << " credit " << t.waits[2];
}

struct Outcome {
  std::vector<Times> times;
  Execution uses;
  std::uint64_t events = 0, jumps = 0, solos = 0, fallbacks = 0;
  bool drained = false;
};

/// Runs all messages. `slice`: time is advanced in steps of at most that, as a kernel with other work would.
inline Outcome run(const Fabric& fabric, const Routes& routes, const Hardware& hardware,
                   const std::vector<Message>& messages, std::uint64_t shuffle = 0, Ps slice = 0) {
  PacketNetwork network(fabric, routes, hardware, shuffle);
  Outcome outcome;
  outcome.times.resize(messages.size());
  using Start = std::pair<Ps, std::uint32_t>;
  std::priority_queue<Start, std::vector<Start>, std::greater<>> starts;
  std::vector<std::vector<std::uint32_t>> followers(messages.size());
  for (std::uint32_t m = 0; m < messages.size(); ++m) {
    if (messages[m].after < 0) {
      starts.push({messages[m].delay, m});
    } else {
      followers[static_cast<std::size_t>(messages[m].after)].push_back(m);
    }
  }
  std::mt19937_64 random(shuffle);
  Ps now = 0;
  unsigned silent = 0;  // slices
  for (;;) {
    std::vector<std::uint32_t> batch;
    while (!starts.empty() && starts.top().first <= now) {
      batch.push_back(starts.top().second);
      starts.pop();
    }
    if (shuffle != 0) std::shuffle(batch.begin(), batch.end(), random);
    for (const std::uint32_t m : batch)
      network.send(m, messages[m].from, messages[m].to, messages[m].bytes, now);
    Ps limit = starts.empty() ? kNeverPs : starts.top().first;
    if (slice > 0 && network.under_way() > 0) limit = std::min(limit, now + slice);
    const Ps next = network.advance(limit);
    if (next == kNeverPs) break;
    now = next;
    for (Notice n; network.pop(now, n);) {
      Times& t = outcome.times[n.message];
      silent = 0;
      if (n.kind == Notice::Kind::left) {
        t.left = n.at;
        continue;
      }
      t.arrived = n.at;
      t.waits = n.waits;
      for (const std::uint32_t f : followers[n.message]) starts.push({n.at + messages[f].delay, f});
    }
    if (++silent > 3000) break;  // whatever is left is stuck
  }
  network.add_uses(outcome.uses);
  outcome.events = network.events();
  outcome.jumps = network.jumps();
  outcome.solos = network.solos();
  outcome.fallbacks = network.fallbacks();
  outcome.drained = network.under_way() == 0;
  if (outcome.drained) network.check_drained();
  return outcome;
}

/// A link with round figures: 1 byte takes 100 ps at 10 GB/s.
inline LinkClass link_class(double gbytes_per_s = 10, Picoseconds latency_ps = 500'000,
                            std::uint32_t credits = 64) {
  LinkClass c;
  c.name = "link";
  c.rate = rate_of_gbytes_per_s(gbytes_per_s);
  c.latency_ps = latency_ps;
  c.credits = credits;
  return c;
}

/// One of many small clusters, messages on it, and what may be particular about it.
struct Scenario {
  Fabric fabric;
  Hardware hardware;
  std::vector<Message> messages;
  std::string text;
};

inline Scenario random_scenario(std::uint64_t seed, bool errors = false, bool faults = false) {
  std::mt19937_64 random(seed);
  const auto pick = [&](std::uint64_t low, std::uint64_t high) { return low + random() % (high - low + 1); };
  Scenario s;
  LinkClass c = link_class(static_cast<double>(pick(5, 50)), pick(1, 4) == 1 ? 1 : pick(1000, 400'000),
                           static_cast<std::uint32_t>(pick(1, 3) == 1 ? pick(1, 6) : pick(8, 60)));
  c.header_bytes = static_cast<std::uint32_t>(pick(0, 32));
  c.vcs = static_cast<std::uint16_t>(pick(1, 2));
  if (pick(1, 3) == 1) c.flow = rate_of_gbytes_per_s(static_cast<double>(pick(4, 40)));
  if (errors) c.bit_error_rate = 1e-7 * static_cast<double>(pick(1, 200));
  c.lanes = 4;
  const std::uint32_t gpus = static_cast<std::uint32_t>(pick(2, 6));
  switch (pick(0, 3)) {
    case 0:
      s.fabric = full_mesh(gpus, c);
      break;
    case 1:
      s.fabric = nvswitch(gpus, static_cast<std::uint32_t>(pick(1, 3)), c);
      break;
    case 2: {
      LinkClass up = c;
      up.rate = rate_of_gbytes_per_s(static_cast<double>(pick(5, 50)));
      s.fabric = pcie_tree({gpus, 2, 2}, c, up, up);
      break;
    }
    default:
      c.vcs = 2;
      s.fabric = torus({gpus}, true, c);
  }
  s.text = s.fabric.kind + " of " + std::to_string(gpus);
  for (NodeId n = 0; n < s.fabric.nodes(); ++n) {
    Port& port = s.fabric.ports[n];
    if (n >= s.fabric.gpus) port.latency_ps = pick(0, 1) * pick(0, 200'000);
  }
  const auto limit_ports = [&](bool egress) {
    const Rate rate = rate_of_gbytes_per_s(static_cast<double>(pick(5, 60)));
    const bool switches = pick(1, 4) == 1;
    for (NodeId n = 0; n < s.fabric.nodes(); ++n) {
      if (n < s.fabric.gpus || switches)
        (egress ? s.fabric.ports[n].egress : s.fabric.ports[n].ingress) = rate;
    }
  };
  if (pick(1, 2) == 1) limit_ports(true);
  if (pick(1, 2) == 1) limit_ports(false);
  if (pick(1, 5) == 1) s.hardware.arbiter = ArbiterKind::oldest_first;
  const std::uint64_t count = pick(1, 12);
  for (std::uint64_t m = 0; m < count; ++m) {
    Message message;
    message.from = static_cast<NodeId>(pick(0, gpus - 1));
    message.to = static_cast<NodeId>((message.from + pick(1, gpus - 1)) % gpus);
    message.bytes = pick(1, 5) == 1 ? pick(1, 600) : pick(1000, 200'000);
    if (m > 0 && pick(1, 2) == 1) message.after = static_cast<int>(pick(0, m - 1));
    message.delay = pick(1, 2) == 1 ? 0 : pick(0, 3'000'000);
    s.messages.push_back(message);
  }
  s.hardware.seed = seed;
  s.hardware.retry_latency_ps = errors ? pick(0, 100'000) : 0;
  for (std::uint64_t n = faults ? pick(1, 5) : 0; n > 0; --n) {
    Fault fault;
    fault.link = static_cast<LinkId>(pick(0, s.fabric.links.size() - 1));
    fault.at = pick(0, 20'000'000);
    const std::uint64_t kind = pick(0, 2);
    fault.kind = kind == 0 ? Fault::Kind::degrade : Fault::Kind::link_down;
    fault.lanes = static_cast<std::uint16_t>(kind == 0 ? pick(0, 4) : 0);
    s.hardware.faults.push_back(fault);
    fault.kind = Fault::Kind::link_up;
    fault.at += pick(1000, 20'000'000);
    if (pick(1, 4) > 1) s.hardware.faults.push_back(fault);
  }
  return s;
}

}  // namespace ring::test
