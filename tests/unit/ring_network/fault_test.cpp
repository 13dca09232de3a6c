// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What a fault costs, to the picosecond, at both levels.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "tests/support/ring_traffic.h"

namespace ring::test {
namespace {

using ::testing::HasSubstr;
constexpr Ps kSerial = 27'200;  // 272 B at 10 GB/s
constexpr Ps kLatency = 500'000;

class Faults : public ::testing::TestWithParam<Level> {
 protected:
  Hardware hardware() const {
    Hardware h;
    h.level = GetParam();
    return h;
  }
};

Fault fault(Fault::Kind kind, Ps at, LinkId link, std::uint16_t lanes = 0) {
  Fault f;
  f.kind = kind;
  f.at = at;
  f.link = link;
  f.lanes = lanes;
  return f;
}

TEST_P(Faults, HalfTheLanesAreHalfTheRate) {
  LinkClass c = link_class();
  c.lanes = 4;
  const Fabric fabric = full_mesh(2, c);
  const Routes routes = Routes::make(fabric);
  Hardware h = hardware();
  h.faults = {fault(Fault::Kind::degrade, 500 * kSerial, fabric.find(0, 1), 2)};
  const Outcome o = run(fabric, routes, h, {{0, 1, 256 * 1000, 0, -1}});
  EXPECT_EQ(o.times[0].left, 500 * kSerial + 500 * 2 * kSerial);
  EXPECT_EQ(o.times[0].arrived, o.times[0].left + kLatency);
}

// Two GPUs with a third between them: what the dead link had not delivered goes round.
TEST_P(Faults, ADeadLinkIsGoneRound) {
  LinkClass c = link_class();
  c.vcs = 2;
  const Fabric fabric = torus({3}, true, c);
  const Routes routes = Routes::make(fabric);
  Hardware h = hardware();
  const LinkId direct = fabric.find(0, 1);
  const Ps at = 500 * kSerial + 100;
  h.faults = {fault(Fault::Kind::link_down, at, direct)};
  const Outcome o = run(fabric, routes, h, {{0, 1, 256 * 1000, 0, -1}});
  ASSERT_TRUE(o.drained);
  // In by `at`: those whose last bit left 500 000 ps before. The others are sent again, over two links.
  const std::uint64_t in = (at - kLatency) / kSerial;
  const std::uint64_t again = 1000 - in;
  const Ps begins = 501 * kSerial;  // the source had begun a packet, its next one is ready then
  EXPECT_EQ(o.times[0].left, begins + again * kSerial);
  EXPECT_EQ(o.times[0].arrived, o.times[0].left + 2 * kLatency);
  EXPECT_EQ(o.uses.links[fabric.find(0, 2)].packets, again);
  EXPECT_EQ(o.uses.links[fabric.find(2, 1)].packets, again);
  EXPECT_EQ(o.uses.links[direct].packets, 501U);
}

TEST_P(Faults, WithoutAWayTheMessageWaitsForTheLink) {
  const Fabric fabric = full_mesh(2, link_class());
  const Routes routes = Routes::make(fabric);
  Hardware h = hardware();
  const LinkId link = fabric.find(0, 1);
  h.faults = {fault(Fault::Kind::link_down, 1'000'000, link), fault(Fault::Kind::link_up, 90'000'000, link)};
  const Outcome o = run(fabric, routes, h, {{0, 1, 256 * 100, 0, -1}, {0, 1, 256 * 10, 2'000'000, -1}});
  ASSERT_TRUE(o.drained);
  const std::uint64_t in = (1'000'000 - kLatency) / kSerial;
  // Both begin at 90 us and take turns, the one that did not win last first.
  EXPECT_EQ(o.times[1].left, 90'000'000 + 19 * kSerial);
  EXPECT_EQ(o.times[0].left, 90'000'000 + (110 - in) * kSerial);
}

TEST_P(Faults, WhatIsCutOffForGoodSaysSo) {
  const Fabric fabric = full_mesh(2, link_class());
  const Routes routes = Routes::make(fabric);
  Hardware h = hardware();
  h.faults = {fault(Fault::Kind::link_down, 1'000'000, fabric.find(0, 1))};
  PacketNetwork network(fabric, routes, h);
  network.send(7, 0, 1, 256 * 100, 0);
  EXPECT_EQ(network.advance(kNeverPs), kNeverPs);
  EXPECT_EQ(network.under_way(), 1U);
  EXPECT_EQ(network.why_waiting(7),
            "no way from gpu0 to gpu1 is left, 82 of 100 packets have not arrived; down: gpu0->gpu1");
  EXPECT_THROW(network.check_drained(), sim::Error);
}

// Idle only when nothing is left to happen: behind the last notice credits are still on their way.
TEST_P(Faults, IsIdleBehindTheLastCredit) {
  const Fabric fabric = full_mesh(2, link_class());
  const Routes routes = Routes::make(fabric);
  PacketNetwork network(fabric, routes, hardware());
  EXPECT_TRUE(network.idle());
  Ps at = 0;
  for (int round = 0; round < 2; ++round) {
    network.send(7, 0, 1, 256 * 10, at);
    EXPECT_FALSE(network.idle());
    Notice notice;
    for (int notices = 0; notices < 2;) {
      at = network.advance(kNeverPs);
      while (network.pop(at, notice)) ++notices;
    }
    EXPECT_EQ(network.under_way(), 0U);
    at = network.advance(at + 10 * kLatency);
    EXPECT_TRUE(network.idle());
    network.check_drained();
  }
}

// A damaged packet costs its own time, the way there and back, and the receiver's retry latency.
TEST_P(Faults, ABitErrorCostsARoundTrip) {
  LinkClass c = link_class();
  const Fabric clean = full_mesh(2, c);
  c.bit_error_rate = 2e-7;
  const Fabric fabric = full_mesh(2, c);
  Hardware h = hardware();
  h.retry_latency_ps = 30'000;
  const std::vector<Message> messages = {{0, 1, 256 * 10000, 0, -1}};
  const Outcome without = run(clean, Routes::make(clean), h, messages);
  const Outcome with = run(fabric, Routes::make(fabric), h, messages);
  const LinkUse& use = with.uses.links[fabric.find(0, 1)];
  EXPECT_GT(use.replays, 0U);
  EXPECT_EQ(with.times[0].arrived - without.times[0].arrived,
            use.replays * (kSerial + 2 * kLatency + 30'000));
  EXPECT_EQ(use.wire_bytes, (10000 + use.replays) * 272U);
  EXPECT_EQ(use.payload_bytes, 2'560'000U);
}

INSTANTIATE_TEST_SUITE_P(Both, Faults, ::testing::Values(Level::packet, Level::train), [](const auto& level) {
  return std::string(level.param == Level::packet ? "packet" : "train");
});

TEST(FaultSettings, WhatDoesNotExistIsRefused) {
  const Fabric fabric = full_mesh(2, link_class());
  const auto refused = [&](const Hardware& h, const char* text) {
    try {
      check(h, fabric);
      ADD_FAILURE() << "accepted: " << text;
    } catch (const sim::Error& e) {
      EXPECT_EQ(e.exit_code(), sim::Exit::usage);
      EXPECT_THAT(e.what(), HasSubstr(text));
    }
  };
  Hardware h;
  h.engines = 0;
  refused(h, "without communication engines");
  h = {};
  h.slowdown = {1, 0.5};
  refused(h, "slowdown of 0.5");
  h = {};
  h.faults = {fault(Fault::Kind::degrade, 0, 0, 2)};
  refused(h, "leaves 2 lanes of gpu0->gpu1, which has 1");
  h.faults = {fault(Fault::Kind::link_down, 0, 99)};
  refused(h, "a link that does not exist");
  h.faults = {Fault{}};
  h.faults[0].kind = Fault::Kind::slow_gpu;
  h.faults[0].gpu = 5;
  refused(h, "GPU 5");
  h.faults[0].gpu = 1;
  h.faults[0].factor = 0.1;
  refused(h, "gpu1 0.1");
}

}  // namespace
}  // namespace ring::test
