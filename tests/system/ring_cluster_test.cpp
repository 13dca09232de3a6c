// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Whole schedules on whole clusters: formulas, levels, order.
#include "tests/support/ring_cluster.h"

#include <gtest/gtest.h>

#include "models/ring/function/closed_forms.h"

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

}  // namespace
}  // namespace ring::test
