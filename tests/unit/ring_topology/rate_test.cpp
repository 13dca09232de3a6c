// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/topology/rate.h"

#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "models/ring/topology/fabric.h"
#include "sim/core/error.h"

namespace {

using ring::Picoseconds;
using ring::Rate;
using ring::service_ps;

__extension__ typedef unsigned __int128 Wide;

TEST(Rate, RoundsToTheNearestPicosecondHalvesUp) {
  EXPECT_EQ(service_ps(256, ring::rate_of_gbytes_per_s(12.934)), 19793u);  // 19792.79
  EXPECT_EQ(service_ps(272, ring::rate_of_gbytes_per_s(450)), 604u);       // 604.44
  EXPECT_EQ(service_ps(144, ring::rate_of_gbytes_per_s(450)), 320u);
  EXPECT_EQ(service_ps(1, {2'000'000'000'000}), 1u);  // half a picosecond
  EXPECT_EQ(service_ps(3, {2'000'000'000'000}), 2u);
  EXPECT_EQ(service_ps(3, {2'000'000'000'001}), 1u);
  EXPECT_EQ(service_ps(1, {1'000'000'000'000'000'000}), 1u);  // never 0
}

TEST(Rate, WithoutALimitNothingTakesTime) {
  EXPECT_EQ(service_ps(1u << 30, {}), 0u);
  EXPECT_EQ(service_ps(0, {1000}), 0u);
  EXPECT_FALSE(ring::rate_of_gbytes_per_s(0).limited());
  EXPECT_EQ(ring::slower({}, {5}).bytes_per_s, 5u);
  EXPECT_EQ(ring::slower({7}, {}).bytes_per_s, 7u);
  EXPECT_EQ(ring::slower({7}, {5}).bytes_per_s, 5u);
}

TEST(Rate, IsExactForEverySize) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20000; ++i) {
    const std::uint64_t bytes = 1 + (random() >> (24 + random() % 40));
    const std::uint64_t rate = 1'000'000 + random() % 2'000'000'000'000;
    const auto exact = (static_cast<Wide>(bytes) * 1'000'000'000'000u + rate / 2) / rate;
    if (exact > std::numeric_limits<std::uint64_t>::max()) continue;
    ASSERT_EQ(service_ps(bytes, {rate}), std::max<std::uint64_t>(1, static_cast<std::uint64_t>(exact)))
        << bytes << " B at " << rate;
  }
}

TEST(Rate, RefusesWhatIsNoRateOrTime) {
  EXPECT_THROW(ring::rate_of_gbytes_per_s(-1), sim::Error);
  EXPECT_THROW(ring::rate_of_gbytes_per_s(std::numeric_limits<double>::quiet_NaN()), sim::Error);
  EXPECT_THROW(ring::picoseconds(-1e-12), sim::Error);
  EXPECT_THROW(ring::picoseconds(1e9), sim::Error);
  EXPECT_EQ(ring::picoseconds(5e-6), 5'000'000u);
  EXPECT_EQ(ring::rate_of_gbytes_per_s(1e-12).bytes_per_s, 1u);
}

TEST(Packets, CutAMessage) {
  EXPECT_EQ(ring::packets_of(1024, 256).count(), 4u);
  EXPECT_EQ(ring::packets_of(1025, 256).count(), 5u);
  EXPECT_EQ(ring::packets_of(1025, 256).rest, 1u);
  EXPECT_EQ(ring::packets_of(0, 256).count(), 1u);
  ring::LinkClass link;
  link.payload_bytes = 256;
  link.header_bytes = 16;
  EXPECT_EQ(link.wire_bytes(256), 272u);
  EXPECT_EQ(link.wire_bytes(4096), 4096u + 16 * 16);  // cut for a larger unit elsewhere
  EXPECT_EQ(link.wire_bytes(1), 17u);
}

}  // namespace
