// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Whole schedules on whole clusters: formulas, levels, order.
#include "tests/support/ring_cluster.h"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "models/ring/function/closed_forms.h"
#include "sim/core/error.h"

namespace ring::test {
namespace {

/// Links that carry 12.934 GB/s of payload in packets of 256 + 16 bytes.
LinkClass pair_link(double payload_gbytes_per_s, Picoseconds latency_ps) {
  LinkClass c;
  c.name = "pair";
  c.rate = rate_of_gbytes_per_s(payload_gbytes_per_s * 272 / 256);
  c.latency_ps = latency_ps;
  c.credits = 1024;
  return c;
}

Hardware at(Level level) {
  Hardware h;
  h.level = level;
  return h;
}

// ring.md: independent pair links, 12.934 GB/s of payload, 5 us a message.
TEST(Cluster, RingOnPairLinksFollowsTheClosedForm) {
  for (const unsigned n : {2U, 4U, 16U}) {
    const Plan plan = layer(ScheduleKind::ring, n, 3.5e-3);
    const Execution e = simulate(plan.graph, full_mesh(n, pair_link(12.934, 5'000'000)), at(Level::train));
    EXPECT_NEAR(static_cast<double>(e.end) * 1e-12, 7.6054e-3 * (n - 1) + 3.5e-3, 1e-3 * 7.6e-3 * n) << n;
  }
}

TEST(Cluster, TokenRingOnPairLinksFollowsTheClosedForm) {
  for (const unsigned n : {4U, 8U, 16U}) {
    const Plan plan = layer(ScheduleKind::token_ring, n, 3.5e-3);
    const Execution e = simulate(plan.graph, full_mesh(n, pair_link(12.934, 5'000'000)), at(Level::train));
    const double expected = 7.6106e-3 + 3.8645e-3 * (n - 1);
    EXPECT_NEAR(static_cast<double>(e.end) * 1e-12, expected, 1e-3 * expected) << n;
  }
}

// The same schedule with messages that meet at ports, in switches and on links.
Fabric crowded(unsigned which) {
  LinkClass c = pair_link(12.934, 300'000);
  c.credits = 64;
  Fabric fabric = which == 0   ? full_mesh(4, c)
                  : which == 1 ? nvswitch(4, 2, c)
                               : pcie_tree({4, 2, 2}, c, c, c);
  for (NodeId g = 0; g < 4; ++g) {
    fabric.ports[g].egress = rate_of_gbytes_per_s(20);
    if (which != 1) fabric.ports[g].ingress = rate_of_gbytes_per_s(20);
  }
  return fabric;
}

std::vector<Ps> times(const Execution& e) {
  std::vector<Ps> all;
  for (const OpTiming& t : e.ops) {
    for (const Ps x :
         {t.issued, t.started, t.finished, t.waited_link, t.waited_port, t.waited_credit, t.slowed}) {
      all.push_back(x);
    }
  }
  return all;
}

Plan small_layer(ScheduleKind kind, std::uint64_t tokens, double t_c) {
  Problem p;
  p.seq_len = p.real_tokens = tokens * 4;
  p.causal = kind == ScheduleKind::token_ring_zigzag;
  ScheduleOptions o;
  o.kind = kind;
  o.gpus = 4;
  const FixedBlock block(t_c, static_cast<double>(tokens), p.heads);
  Costs costs;
  costs.block = &block;
  costs.merge_gbytes_per_s = 500;
  costs.kernel_launch_s = 4e-6;
  costs.message_launch_s = 6e-6;
  return make_plan(*make_schedule(o), o, p, costs);
}

// Levels, evaluation orders and protocol checkers change no time of any operation.
TEST(Cluster, NothingDependsOnLevelOrOrder) {
  for (unsigned which = 0; which < 3; ++which) {
    const Fabric fabric = crowded(which);
    for (const ScheduleKind kind : {ScheduleKind::token_ring, ScheduleKind::token_ring_zigzag,
                                    ScheduleKind::ring, ScheduleKind::ulysses}) {
      const Plan plan = small_layer(kind, 16, 1.5e-5);
      Hardware h = at(Level::packet);
      h.slowdown = {1.0, 1.1, 1.4};
      const Execution packet = simulate(plan.graph, fabric, h, 0);
      const Execution shuffled = simulate(plan.graph, fabric, h, 99, nullptr, false);
      h.level = Level::train;
      const Execution train = simulate(plan.graph, fabric, h, 0, nullptr, false);
      EXPECT_EQ(times(packet), times(shuffled)) << fabric.kind << " " << word(kind);
      EXPECT_EQ(times(packet), times(train)) << fabric.kind << " " << word(kind);
      EXPECT_EQ(packet.packets, train.packets);
    }
  }
}

class Order final : public ExecutionListener {
 public:
  void on_finished(OpId op, Ps now) override {
    if (!told.empty()) {
      EXPECT_TRUE(told.back().first < now || (told.back().first == now && told.back().second < op));
    }
    told.emplace_back(now, op);
  }
  std::vector<std::pair<Ps, OpId>> told;
};

TEST(Cluster, ListenersHearOfOperationsInTheOrderOfTimeAndNumber) {
  const Plan plan = small_layer(ScheduleKind::token_ring, 48, 4e-5);
  Order order;
  const Execution e = simulate(plan.graph, crowded(0), at(Level::train), 0, &order);
  ASSERT_EQ(order.told.size(), plan.graph.size());
  for (const auto& [now, op] : order.told) EXPECT_EQ(e.ops[op].finished, now);
}

std::string failure(const OpGraph& graph, const Fabric& fabric, const Hardware& hardware) {
  try {
    simulate(graph, fabric, hardware);
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::check);
    return e.what();
  }
  return "it ended well";
}

// A dead link without a detour: the run ends, and says what is blocked and why.
TEST(ClusterFaults, ADeadLinkIsNamedWithTheOperationsItBlocks) {
  const Plan plan = small_layer(ScheduleKind::ring, 48, 4e-5);
  const Fabric fabric = full_mesh(4, pair_link(12.934, 300'000));
  for (const Level level : {Level::packet, Level::train}) {
    Hardware h = at(level);
    Fault fault;
    fault.at = 20'000'000;
    fault.link = fabric.find(2, 3);
    h.faults = {fault};
    const std::string text = failure(plan.graph, fabric, h);
    EXPECT_NE(text.find("KV of step 0, gpu 2 -> gpu 3: no way from gpu2 to gpu3 is left"), std::string::npos)
        << text;
    EXPECT_NE(text.find("down: gpu2->gpu3"), std::string::npos) << text;
    EXPECT_NE(text.find("operations cannot finish"), std::string::npos) << text;
    EXPECT_NE(text.find("others wait for these"), std::string::npos) << text;
  }
}

// Every kind of fault at both levels: it costs time, it never hangs, and both levels agree.
TEST(ClusterFaults, Matrix) {
  const Plan plan = small_layer(ScheduleKind::token_ring, 48, 4e-5);
  LinkClass c = pair_link(12.934, 300'000);
  c.vcs = 2;
  c.lanes = 4;
  const Ps healthy = simulate(plan.graph, torus({4}, true, c), at(Level::train)).end;
  for (const char* what : {"down", "down and up", "degrade", "slow gpu", "errors"}) {
    LinkClass link = c;
    if (std::string(what) == "errors") link.bit_error_rate = 5e-7;
    const Fabric fabric = torus({4}, true, link);
    Fault fault;
    fault.at = 30'000'000;
    fault.link = fabric.find(0, 1);
    Hardware h = at(Level::packet);
    if (std::string(what) == "degrade") {
      fault.kind = Fault::Kind::degrade;
      fault.lanes = 1;
    } else if (std::string(what) == "slow gpu") {
      fault.kind = Fault::Kind::slow_gpu;
      fault.gpu = 2;
      fault.factor = 3;
    }
    if (std::string(what) != "errors") h.faults.push_back(fault);
    if (std::string(what) == "down and up") {
      fault.kind = Fault::Kind::link_up;
      fault.at = 120'000'000;
      h.faults.push_back(fault);
    }
    const Execution packet = simulate(plan.graph, fabric, h);
    h.level = Level::train;
    const Execution train = simulate(plan.graph, fabric, h);
    EXPECT_GT(packet.end, healthy) << what;
    EXPECT_EQ(times(packet), times(train)) << what;
  }
}

}  // namespace
}  // namespace ring::test
