// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <gtest/gtest.h>

#include "models/sme/arbiter.h"
#include "models/sme/layer_schedule.h"
#include "models/sme/ring.h"

namespace sme {
namespace {

TEST(Arbiter, RoundRobinGoesRoundThoseThatAsk) {
  const auto arbiter = make_round_robin_arbiter();
  const Request all[4] = {{5, false}, {9, false}, {sim::kNever, false}, {2, true}};
  EXPECT_EQ(arbiter->grant(all, 4, 1), Arbiter::kNobody);
  EXPECT_EQ(arbiter->grant(all, 4, 9), 0u);
  EXPECT_EQ(arbiter->grant(all, 4, 9), 1u);
  EXPECT_EQ(arbiter->grant(all, 4, 9), 3u);
  EXPECT_EQ(arbiter->grant(all, 4, 8), 0u);  // 1 does not ask yet
  EXPECT_EQ(arbiter->grant(all, 4, 8), 3u);
}

TEST(Arbiter, OldestTakesTheLongestWaiting) {
  const auto arbiter = make_oldest_arbiter();
  const Request all[4] = {{5, false}, {2, false}, {2, true}, {sim::kNever, false}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(arbiter->grant(all, 4, 6), 1u);
  EXPECT_EQ(arbiter->grant(all, 4, 1), Arbiter::kNobody);
}

TEST(Arbiter, ResultsFirst) {
  const auto arbiter = make_results_first_arbiter();
  const Request all[4] = {{1, false}, {3, true}, {1, false}, {3, true}};
  EXPECT_EQ(arbiter->grant(all, 4, 2), 0u);
  EXPECT_EQ(arbiter->grant(all, 4, 3), 1u);
  EXPECT_EQ(arbiter->grant(all, 4, 3), 3u);
  EXPECT_EQ(arbiter->grant(all, 4, 3), 1u);
  EXPECT_EQ(arbiter->grant(all, 4, 2), 2u);
}

TEST(Schedule, SerialWaitsForAll) {
  const auto serial = make_serial_schedule();
  EXPECT_EQ(serial->layers_in_flight(), 1u);
  EXPECT_EQ(serial->released(50, 100, 99), 0u);
  EXPECT_EQ(serial->released(50, 100, 100), 50u);
}

TEST(Schedule, StreamedNeverGoesBackAndEndsWithAll) {
  const auto streamed = make_streamed_schedule(3);
  EXPECT_EQ(streamed->layers_in_flight(), 3u);
  for (const std::uint64_t previous : {1u, 4u, 49u, 196u, 3136u}) {
    for (const std::uint64_t positions : {1u, 49u, 196u, 12544u}) {
      std::uint64_t before = 0;
      for (std::uint64_t done = 0; done <= previous; ++done) {
        const std::uint64_t now = streamed->released(positions, previous, done);
        EXPECT_GE(now, before);
        EXPECT_LE(now * previous, done == previous ? positions * previous : done * positions);
        before = now;
      }
      EXPECT_EQ(before, positions);
    }
  }
}

TEST(Ring, KeepsItsOrderAsItGrows) {
  Ring<int> ring;
  int next = 0, expected = 0;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 7; ++i) ring.push(next++);
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(ring.front(), expected++);
      ring.pop();
    }
    EXPECT_EQ(ring.size(), static_cast<std::size_t>(next - expected));
    for (std::size_t i = 0; i < ring.size(); ++i) EXPECT_EQ(ring[i], expected + static_cast<int>(i));
  }
}

}  // namespace
}  // namespace sme
