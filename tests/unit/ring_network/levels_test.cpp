// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Level train gives the times of level packet to the picosecond, and nothing depends on the order of events:
// random small clusters and messages. A seed that fails is shown with the fewest messages that still fail.
#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/ring_traffic.h"

namespace ring::test {
namespace {

enum class What { plain, errors, faults, both };

Scenario scenario(What what, std::uint64_t seed) {
  return random_scenario(seed, what == What::errors || what == What::both,
                         what == What::faults || what == What::both);
}

Outcome run_at(const Scenario& s, Level level, std::uint64_t shuffle = 0, Ps slice = 0) {
  const Routes routes = Routes::make(s.fabric);
  Hardware hardware = s.hardware;
  hardware.level = level;
  return run(s.fabric, routes, hardware, s.messages, shuffle, slice);
}

std::string difference(const Outcome& a, const Outcome& b) {
  for (std::size_t m = 0; m < a.times.size(); ++m) {
    if (a.times[m] == b.times[m]) continue;
    std::ostringstream text;
    text << "message " << m << ": " << a.times[m] << " against " << b.times[m];
    return text.str();
  }
  for (std::size_t l = 0; l < a.uses.links.size(); ++l) {
    const LinkUse &x = a.uses.links[l], &y = b.uses.links[l];
    if (x.packets != y.packets || x.payload_bytes != y.payload_bytes || x.wire_bytes != y.wire_bytes ||
        x.replays != y.replays || x.busy != y.busy) {
      return "use of link " + std::to_string(l);
    }
  }
  for (std::size_t n = 0; n < a.uses.egress.size(); ++n) {
    if (a.uses.egress[n].busy != b.uses.egress[n].busy || a.uses.ingress[n].busy != b.uses.ingress[n].busy) {
      return "use of a port of node " + std::to_string(n);
    }
  }
  return {};
}

// Every level and order against level packet in the order of registration; empty = all agree.
std::string disagreement(const Scenario& s, std::uint64_t seed) {
  const Outcome packet = run_at(s, Level::packet);
  std::string text = difference(packet, run_at(s, Level::train));
  if (!text.empty()) return "train: " + text;
  text = difference(packet, run_at(s, Level::packet, seed + 1));
  if (!text.empty()) return "packet, shuffled: " + text;
  text = difference(packet, run_at(s, Level::train, seed + 2, 777'777));
  if (!text.empty()) return "train, shuffled, in slices: " + text;
  return {};
}

// Leaves messages out as long as it still fails.
Scenario shrunk(Scenario s, std::uint64_t seed) {
  for (std::size_t m = s.messages.size(); m-- > 0 && s.messages.size() > 1;) {
    Scenario less = s;
    less.messages.erase(less.messages.begin() + static_cast<std::ptrdiff_t>(m));
    for (Message& message : less.messages) {
      if (message.after == static_cast<int>(m)) message.after = -1;
      if (message.after > static_cast<int>(m)) --message.after;
    }
    if (!disagreement(less, seed).empty()) s = less;
  }
  return s;
}

struct Totals {
  std::uint64_t packet = 0, train = 0, jumps = 0, solos = 0, replays = 0, stuck = 0, payload = 0;
};

Totals compare(What what, std::uint64_t first, std::uint64_t count) {
  Totals totals;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const Scenario s = scenario(what, seed);
    const std::string text = disagreement(s, seed);
    if (!text.empty()) {
      const Scenario small = shrunk(s, seed);
      std::string messages;
      for (const Message& m : small.messages) {
        messages += "\n  " + std::to_string(m.from) + " -> " + std::to_string(m.to) + ", " +
                    std::to_string(m.bytes) + " B, after " + std::to_string(m.after) + " + " +
                    std::to_string(m.delay) + " ps";
      }
      ADD_FAILURE() << "seed " << seed << ", " << s.text << ": " << text
                    << "\nfewest messages: " << disagreement(small, seed) << messages;
      return totals;
    }
    const Outcome packet = run_at(s, Level::packet), train = run_at(s, Level::train);
    totals.packet += packet.events;
    totals.train += train.events;
    totals.jumps += train.jumps;
    totals.solos += train.solos;
    totals.stuck += packet.drained ? 0 : 1;
    for (const LinkUse& use : packet.uses.links) totals.replays += use.replays;
    if (!packet.drained) continue;
    std::uint64_t sent = 0, received = 0;
    for (const Message& m : s.messages) sent += m.bytes;
    for (const LinkUse& use : packet.uses.ingress) received += use.payload_bytes;
    if (s.fabric.kind == "full_mesh" && what == What::plain) {
      EXPECT_EQ(sent, received) << seed;
    }
    totals.payload += sent;
  }
  return totals;
}

TEST(Levels, TrainIsPacketToThePicosecond) {
  const Totals t = compare(What::plain, 1, 60);
  EXPECT_LT(t.train, t.packet * 3 / 4);  // it did jump
  EXPECT_GT(t.jumps, 50U);
  EXPECT_GT(t.solos, 20U);
}

TEST(Levels, TrainIsPacketWithBitErrors) {
  const Totals t = compare(What::errors, 1000, 40);
  EXPECT_GT(t.replays, 100U);
  EXPECT_GT(t.jumps, 50U);
}

TEST(Levels, TrainIsPacketWithLinksThatBreak) {
  const Totals t = compare(What::faults, 2000, 60);
  EXPECT_GT(t.stuck, 0U);  // some are cut off for good
  EXPECT_LT(t.stuck, 30U);
}

TEST(Levels, TrainIsPacketWithBoth) { compare(What::both, 3000, 40); }

}  // namespace
}  // namespace ring::test
