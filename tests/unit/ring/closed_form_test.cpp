// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Level closed_form against the formulas of the plain schedules, on fabrics where they hold.
#include "models/ring/closed_form.h"

#include <gmock/gmock.h>

#include "models/ring/function/closed_forms.h"
#include "models/ring/function/schedule.h"
#include "models/ring/topology/settings.h"

namespace {

using namespace ring;

struct Figures {
  double link_gbytes_per_s = 12.934, port_gbytes_per_s = 0;
  TopologyKind topology = TopologyKind::full_mesh;
  std::vector<double> slowdown = {1.0};
  unsigned engines = 2;
};

double seconds(ScheduleKind kind, unsigned gpus, const Figures& f, unsigned kv_heads = 32) {
  FabricSettings fabric;
  fabric.topology = f.topology;
  fabric.gpus = gpus;
  fabric.link.lane_gbytes_per_s = f.link_gbytes_per_s;
  fabric.link.payload_bytes = 65536;
  fabric.link.header_bytes = 0;
  fabric.link.latency_ns = f.topology == TopologyKind::nvswitch ? 2500 : 5000;
  fabric.gpu_port.egress_gbytes_per_s = fabric.gpu_port.ingress_gbytes_per_s = f.port_gbytes_per_s;
  const auto network = fabric.build();
  Problem p;
  p.seq_len = p.real_tokens = 6000ull * gpus;
  p.causal = false;
  p.kv_heads = kv_heads;
  ScheduleOptions o;
  o.kind = kind;
  o.gpus = gpus;
  const FixedBlock block(3.5e-3, 6000, 32);
  Costs costs;
  costs.block = &block;
  const Plan plan = make_plan(*make_schedule(o), o, p, costs);
  Hardware h;
  h.slowdown = f.slowdown;
  h.engines = f.engines;
  return static_cast<double>(closed_form(plan.graph, network->fabric, *network->routes, h).end) * 1e-12;
}

double message(double bytes) { return bytes / 12.934e9 + 5e-6; }

TEST(ClosedForm, IsTheFormulaOnLinksOfTheirOwn) {
  for (const unsigned n : {2u, 3u, 4u, 8u, 32u}) {
    const MessageTimes t{message(49.152e6), message(98.304e6), message(49.92e6), message(49.92e6)};
    EXPECT_NEAR(seconds(ScheduleKind::ring, n, {}), ring_seconds(n, t, 3.5e-3), 1e-7) << n;
    EXPECT_NEAR(seconds(ScheduleKind::token_ring, n, {}), token_ring_seconds(n, t, 3.5e-3), 1e-7) << n;
  }
}

TEST(ClosedForm, IsTheFormulaOnASharedPort) {
  Figures f;
  f.topology = TopologyKind::nvswitch;
  f.link_gbytes_per_s = 100;
  f.port_gbytes_per_s = 12.934;
  const MessageTimes t{message(49.152e6), message(98.304e6), message(49.92e6), message(99.072e6)};
  EXPECT_NEAR(seconds(ScheduleKind::token_ring, 16, f), token_ring_seconds(16, t, 3.5e-3), 1e-6);
  EXPECT_NEAR(seconds(ScheduleKind::ring, 16, f), ring_seconds(16, t, 3.5e-3), 1e-6);
}

TEST(ClosedForm, MultiRingIsFasterByTheNumberOfItsRings) {
  Figures f;
  f.engines = 64;
  // Ten GPUs, eight rings: K and V take an eighth of the time and hide behind kernels. S = 6000 N divides.
  const double ring = seconds(ScheduleKind::ring, 10, f), multi = seconds(ScheduleKind::multi_ring, 10, f);
  EXPECT_NEAR(ring, 9 * message(98.304e6) + 3.5e-3, 1e-6);
  EXPECT_NEAR(multi, 10 * 3.5e-3, 1e-6);
}

TEST(ClosedForm, FewEnginesHoldMessagesBack) {
  // Whether Q and results go together or one after the other: with one engine and a flow limit, the sum.
  Figures two, one;
  one.engines = 1;
  EXPECT_LE(seconds(ScheduleKind::token_ring, 8, two), seconds(ScheduleKind::token_ring, 8, one));
}

TEST(ClosedForm, MessagesSlowKernelsDown) {
  Figures f;
  f.slowdown = {1.0, 1.2, 1.4};
  // GQA 8:1: a message of 0.955 ms slows the first part of every kernel but the last down by 1.2.
  const double t = message(12.288e6);
  const double kernel = t + (3.5e-3 - t / 1.2);
  EXPECT_NEAR(seconds(ScheduleKind::ring, 4, f, 4), 3 * kernel + 3.5e-3, 1e-9);
}

}  // namespace
