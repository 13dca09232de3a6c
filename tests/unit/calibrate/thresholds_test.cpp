// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/calibrate/thresholds.h"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace workload {
namespace {

// Two layers with a quarter of the weights each; `kl1` and `kl2` of the prefixes, token by token.
SwitchMeasurements two_layers(std::vector<double> pple, std::vector<double> kl1, std::vector<double> kl2) {
  SwitchMeasurements m;
  m.window_begin = {0};
  m.layer_share = {0.25, 0.25};
  m.prefix_kl = {std::vector<double>(pple.size(), 0.0), kl1, kl2};
  m.layer_kl = {kl1, kl2};
  m.pple = std::move(pple);
  return m;
}

flexquant::PolicySettings plain_policy() {
  flexquant::PolicySettings s;
  s.layer_order = {0, 1};
  s.thresholds = {0, 0};
  s.hysteresis = 0;
  s.window = 1;
  return s;
}

TEST(Simulate, ByHand) {
  // Token t is decided by the PPLE behind t - 1; the first token of a window is left out.
  const SwitchMeasurements m = two_layers({5, 3, 1, 9, 2}, {1, 1, 1, 1, 1}, {4, 4, 4, 4, 4});
  flexquant::PolicySettings s = plain_policy();
  s.thresholds = {4, 2};
  // Tokens 1 .. 4 see 5, 3, 1, 9: no layer, one, two, none.
  const SwitchResult r = simulate(m, s);
  EXPECT_DOUBLE_EQ(r.share, (0 + 0.25 + 0.5 + 0) / 4);
  EXPECT_DOUBLE_EQ(r.mean_kl, (0 + 1 + 4 + 0) / 4.0);
  s.hysteresis = 4;  // back only above 4 * 5 and 2 * 5
  EXPECT_DOUBLE_EQ(simulate(m, s).share, (0 + 0.25 + 0.5 + 0.5) / 4);
}

TEST(Simulate, EveryWindowStartsAfresh) {
  SwitchMeasurements m = two_layers({1, 1, 50, 1}, {1, 1, 1, 1}, {1, 1, 1, 1});
  m.window_begin = {0, 2};
  flexquant::PolicySettings s = plain_policy();
  s.thresholds = {2, 2};
  s.way_back = false;
  // Token 1 sees 1: two layers. Token 3 sees 50 in a new sequence: none.
  EXPECT_DOUBLE_EQ(simulate(m, s).share, 0.25);
}

TEST(SolveThresholds, TakesWhatIsFree) {
  const SwitchMeasurements m = two_layers({5, 3, 1, 9, 2}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 0});
  EXPECT_DOUBLE_EQ(simulate(m, solve_thresholds(m, plain_policy(), 0)).share, 0.5);
}

TEST(SolveThresholds, WithoutABudgetEverythingStaysAtInt8) {
  const SwitchMeasurements m = two_layers({5, 3, 1, 9, 2}, {1, 1, 1, 1, 1}, {1, 1, 1, 1, 1});
  const flexquant::PolicySettings s = solve_thresholds(m, plain_policy(), 0);
  EXPECT_EQ(s.thresholds, (std::vector<double>{0, 0}));
  EXPECT_EQ(simulate(m, s).share, 0);
}

TEST(SolveThresholds, SwitchesWhereItIsCheap) {
  // Uncertain tokens cost ten times as much.
  const SwitchMeasurements m =
      two_layers({1, 1, 8, 8, 1, 8, 1}, {9, 1, 1, 10, 10, 1, 10}, {9, 2, 2, 20, 20, 2, 20});
  const flexquant::PolicySettings s = solve_thresholds(m, plain_policy(), 1.0);  // 6 nats over 6 tokens
  const SwitchResult r = simulate(m, s);
  EXPECT_DOUBLE_EQ(r.mean_kl, 6.0 / 6);
  EXPECT_DOUBLE_EQ(r.share, 0.25);  // both layers on the three certain tokens
}

SwitchMeasurements random_measurements(unsigned seed, std::size_t layers, std::size_t tokens) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<double> uniform;
  SwitchMeasurements m;
  m.window_begin = {0, tokens / 2};
  m.layer_share.assign(layers, 0.9 / static_cast<double>(layers));
  m.prefix_kl.assign(layers + 1, std::vector<double>(tokens, 0.0));
  m.layer_kl.assign(layers, std::vector<double>(tokens, 0.0));
  for (std::size_t t = 0; t < tokens; ++t) {
    m.pple.push_back(1 + 20 * uniform(random));
    for (std::size_t k = 0; k < layers; ++k) {
      m.layer_kl[k][t] = uniform(random) * (1.0 + static_cast<double>(k)) * (t > 0 ? m.pple[t - 1] : 1) / 100;
      m.prefix_kl[k + 1][t] = m.prefix_kl[k][t] * (0.7 + 0.5 * uniform(random)) + m.layer_kl[k][t];
    }
  }
  return m;
}

TEST(SolveThresholds, KeepsItsBudgetGrowsWithItAndStaysBelowTheOptimum) {
  for (unsigned seed = 0; seed < 5; ++seed) {
    const SwitchMeasurements m = random_measurements(seed, 4, 600);
    flexquant::PolicySettings s = plain_policy();
    s.layer_order = {3, 1, 0, 2};
    s.thresholds.assign(4, 0);
    for (const double hysteresis : {0.0, 0.3}) {
      s.hysteresis = hysteresis;
      double before = 0;
      for (const double budget : {0.01, 0.05, 0.1, 0.2, 0.5, 5.0}) {
        const flexquant::PolicySettings solved = solve_thresholds(m, s, budget);
        const SwitchResult r = simulate(m, solved);
        EXPECT_LE(r.mean_kl, budget);
        EXPECT_GE(r.share, before - 1e-12);
        EXPECT_LE(r.share, offline_optimum(m, budget).any_prefix + 1e-9);
        EXPECT_TRUE(std::is_sorted(solved.thresholds.rbegin(), solved.thresholds.rend()));
        EXPECT_EQ(solved.layer_order, s.layer_order);
        before = r.share;
      }
      EXPECT_NEAR(before, 0.9, 1e-12);  // 5 nats pay for everything
    }
  }
}

TEST(SolveThresholds, IsOptimalAmongThresholdsWithoutHysteresis) {
  // Few distinct signals, so that all pairs of thresholds can be tried.
  std::mt19937 random(3);
  std::vector<double> pple;
  std::vector<double> kl1;
  std::vector<double> kl2;
  for (int t = 0; t < 400; ++t) {
    pple.push_back(static_cast<double>(1 + random() % 6));
    const double before = t > 0 ? pple[t - 1] : 1;
    kl1.push_back(before * static_cast<double>(random() % 100) / 1000);
    kl2.push_back(kl1.back() + before * before * static_cast<double>(random() % 100) / 1000);
  }
  const SwitchMeasurements m = two_layers(pple, kl1, kl2);
  for (const double budget : {0.05, 0.2, 0.6, 1.0}) {
    double best = 0;
    flexquant::PolicySettings s = plain_policy();
    for (double first = 0.5; first < 7; ++first) {
      for (double second = 0.5; second <= first; ++second) {
        s.thresholds = {first, second};
        const SwitchResult r = simulate(m, s);
        if (r.mean_kl <= budget) best = std::max(best, r.share);
      }
    }
    // The price finds the corners of the convex hull: at most one step of a bin away.
    EXPECT_GE(simulate(m, solve_thresholds(m, plain_policy(), budget)).share, best - 0.09) << budget;
  }
}

TEST(OfflineOptimum, ByHand) {
  // Three tokens; the first is not decided. Cheapest nats first: token 1 layer 1 (0.25 for 1), token 2 both
  // (0.5 for 4).
  const SwitchMeasurements m = two_layers({1, 1, 1}, {0, 1, 3}, {0, 9, 4});
  EXPECT_DOUBLE_EQ(offline_optimum(m, 0.5).any_prefix, 0.25 / 2);
  EXPECT_DOUBLE_EQ(offline_optimum(m, 2.5).any_prefix, 0.75 / 2);
  EXPECT_DOUBLE_EQ(offline_optimum(m, 100).any_prefix, 0.5);
  EXPECT_DOUBLE_EQ(offline_optimum(m, 0).any_prefix, 0);
  // Single layers cost 1, 9, 3, 4: the first, third and fourth for 8 nats.
  EXPECT_DOUBLE_EQ(offline_optimum(m, 4).any_layers, 0.75 / 2);
}

TEST(OfflineOptimum, IsAboveEveryAssignmentThatKeepsTheBudget) {
  const SwitchMeasurements m =
      random_measurements(9, 3, 7);  // five decided tokens of four prefixes: 1024 assignments
  std::vector<std::size_t> decided;
  for (std::size_t t = 0; t < 7; ++t)
    if (t != 0 && t != 3) decided.push_back(t);
  for (const double budget : {0.02, 0.1, 0.3}) {
    double best = 0;
    for (int code = 0; code < 1024; ++code) {
      double kl = 0;
      double share = 0;
      for (std::size_t i = 0; i < 5; ++i) {
        const std::size_t k = code >> (2 * i) & 3;
        kl += m.prefix_kl[k][decided[i]];
        share += 0.3 * static_cast<double>(k);
      }
      if (kl <= budget * 5) best = std::max(best, share / 5);
    }
    const double bound = offline_optimum(m, budget).any_prefix;
    EXPECT_GE(bound, best - 1e-12);
    EXPECT_LE(bound, best + 0.9 / 5);  // one token's worth
  }
}

}  // namespace
}  // namespace workload
