// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/flexquant/policy.h"

#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "sim/core/error.h"

namespace flexquant {
namespace {

using Bits = std::vector<std::uint8_t>;

PolicySettings settings() {
  PolicySettings s;
  s.layer_order = {2, 0, 1};
  s.thresholds = {10, 8, 2};
  s.hysteresis = 0.5;
  s.window = 1;
  return s;
}

TEST(Policy, SwitchesLayersInTheirOrder) {
  PrecisionPolicy policy(4, settings());
  EXPECT_EQ(policy.layer_bits(), (Bits{8, 8, 8, 8}));
  policy.observe(10);  // not below
  EXPECT_EQ(policy.layer_bits(), (Bits{8, 8, 8, 8}));
  policy.observe(9.9);
  EXPECT_EQ(policy.layer_bits(), (Bits{8, 8, 4, 8}));
  policy.observe(7);
  EXPECT_EQ(policy.layer_bits(), (Bits{4, 8, 4, 8}));
  policy.observe(1.9);
  EXPECT_EQ(policy.layer_bits(), (Bits{4, 4, 4, 8}));  // layer 3 is not in the order
  policy.observe(0);
  EXPECT_EQ(policy.switched(), 3U);
}

TEST(Policy, SeveralLayersMaySwitchAtOnce) {
  PrecisionPolicy policy(3, settings());
  policy.observe(1);
  EXPECT_EQ(policy.layer_bits(), (Bits{4, 4, 4}));
  policy.observe(1000);
  EXPECT_EQ(policy.layer_bits(), (Bits{8, 8, 8}));
}

TEST(Policy, HysteresisHoldsALayer) {
  PrecisionPolicy policy(3, settings());
  policy.observe(7);  // layers 2 and 0
  policy.observe(12);
  EXPECT_EQ(policy.switched(), 2U);  // 12 is not above 8 * 1.5
  policy.observe(12.01);
  EXPECT_EQ(policy.layer_bits(), (Bits{8, 8, 4}));
  policy.observe(15);
  EXPECT_EQ(policy.switched(), 1U);  // 15 is not above 10 * 1.5
  policy.observe(15.01);
  EXPECT_EQ(policy.switched(), 0U);
}

TEST(Policy, WithoutAWayBackLayersStay) {
  PolicySettings s = settings();
  s.way_back = false;
  PrecisionPolicy policy(3, s);
  policy.observe(1);
  policy.observe(1e9);
  EXPECT_EQ(policy.switched(), 3U);
}

TEST(Policy, DecidesOnTheSmoothedSignal) {
  PolicySettings s = settings();
  s.window = 4;
  PrecisionPolicy policy(3, s);
  policy.observe(40);
  policy.observe(4);  // mean 22
  policy.observe(4);  // mean 16
  EXPECT_EQ(policy.switched(), 0U);
  policy.observe(4);  // mean 13
  EXPECT_EQ(policy.smoothed(), 13);
  policy.observe(4);  // the 40 has left: 4
  EXPECT_EQ(policy.smoothed(), 4);
  EXPECT_EQ(policy.switched(), 2U);
}

// With falling thresholds and no hysteresis the state is a function of the signal alone; hysteresis only ever
// keeps more layers at INT4, and a signal that stays put stays decided.
TEST(Policy, PropertiesOverRandomSignals) {
  std::mt19937 random(4);
  std::uniform_real_distribution<double> signal(0, 14);
  PolicySettings plain = settings();
  plain.hysteresis = 0;
  PrecisionPolicy memoryless(3, plain);
  PrecisionPolicy held(3, settings());
  for (int i = 0; i < 2000; ++i) {
    const double s = signal(random);
    memoryless.observe(s);
    held.observe(s);
    const unsigned expected = s < 2 ? 3 : s < 8 ? 2 : s < 10 ? 1 : 0;
    ASSERT_EQ(memoryless.switched(), expected) << s;
    ASSERT_GE(held.switched(), expected) << s;
    const unsigned before = held.switched();
    held.observe(s);
    ASSERT_EQ(held.switched(), before) << s;
  }
}

TEST(Policy, ThresholdsThatRiseDoNotOscillate) {
  PolicySettings s = settings();
  s.thresholds = {2, 8, 10};
  PrecisionPolicy policy(3, s);
  policy.observe(1);
  EXPECT_EQ(policy.switched(), 3U);
  for (int i = 0; i < 3; ++i) {
    policy.observe(5);  // above the first threshold, but the last switched decides
    EXPECT_EQ(policy.switched(), 3U);
  }
}

TEST(Policy, RefusesSettingsThatMakeNoSense) {
  const auto refused = [](auto change) {
    PolicySettings s = settings();
    change(s);
    EXPECT_THROW(PrecisionPolicy(3, s), sim::Error);
  };
  refused([](PolicySettings& s) { s.layer_order = {2, 0, 3}; });
  refused([](PolicySettings& s) { s.layer_order = {2, 0, 2}; });
  refused([](PolicySettings& s) { s.thresholds.pop_back(); });
  refused([](PolicySettings& s) { s.thresholds[0] = -1; });
  refused([](PolicySettings& s) { s.thresholds[0] = std::numeric_limits<double>::quiet_NaN(); });
  refused([](PolicySettings& s) { s.thresholds[0] = std::numeric_limits<double>::infinity(); });
  refused([](PolicySettings& s) { s.hysteresis = -0.1; });
  refused([](PolicySettings& s) { s.window = 0; });
}

}  // namespace
}  // namespace flexquant
