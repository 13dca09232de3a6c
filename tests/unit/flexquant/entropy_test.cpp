// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/flexquant/entropy.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "sim/core/error.h"

namespace flexquant {
namespace {

TEST(Entropy, OfAUniformDistributionIsTheLogarithmOfItsSize) {
  const std::vector<float> logits(256, 3.5F);
  EXPECT_NEAR(entropy(logits.data(), 256), std::log(256.0), 1e-12);
  EXPECT_NEAR(pple(logits.data(), 256), 256, 1e-9);
}

TEST(Entropy, ByHand) {
  // p = 1/2, 1/4, 1/4: H = 1.5 ln 2, PPLE = 2^1.5.
  const float logits[] = {std::log(2.0F) + 10, 10, 10};
  EXPECT_NEAR(entropy(logits, 3), 1.5 * std::log(2.0), 1e-6);
  EXPECT_NEAR(pple(logits, 3), std::pow(2.0, 1.5), 1e-5);
}

TEST(Entropy, OfACertainTokenIsZero) {
  const float logits[] = {-10000, 20000, 0};
  EXPECT_EQ(entropy(logits, 3), 0);
  EXPECT_EQ(pple(logits, 3), 1);
  const float one[] = {5};
  EXPECT_EQ(entropy(one, 1), 0);
}

TEST(Entropy, RefusesWhatIsNoDistribution) {
  const float logits[] = {1, std::numeric_limits<float>::infinity()};
  EXPECT_THROW(entropy(logits, 2), sim::Error);
  EXPECT_THROW(entropy(logits, 0), sim::Error);
  EXPECT_THROW(log_probability(logits, 1, 1), sim::Error);
}

TEST(KlDivergence, ByHand) {
  // p = 3/4, 1/4; q = 1/2, 1/2.
  const float p[] = {std::log(3.0F), 0};
  const float q[] = {7, 7};
  EXPECT_NEAR(kl_divergence(p, q, 2), 0.75 * std::log(1.5) + 0.25 * std::log(0.5), 1e-7);
  EXPECT_NEAR(kl_divergence(q, p, 2), 0.5 * std::log(2.0 / 3) + 0.5 * std::log(2.0), 1e-7);
}

TEST(KlDivergence, IsZeroForTheSameDistributionAndNeverNegative) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0, 4);
  for (int round = 0; round < 100; ++round) {
    std::vector<float> p(50);
    std::vector<float> q(50);
    std::vector<float> shifted(50);
    for (int i = 0; i < 50; ++i) {
      p[i] = std::round(normal(random) * 1024) / 1024;  // so that the shift below is exact
      q[i] = normal(random);
      shifted[i] = p[i] + 8;
    }
    EXPECT_EQ(kl_divergence(p.data(), p.data(), 50), 0);
    EXPECT_NEAR(kl_divergence(p.data(), shifted.data(), 50), 0, 1e-12);
    EXPECT_GT(kl_divergence(p.data(), q.data(), 50), 0);
  }
}

TEST(LogProbability, ByHand) {
  const float logits[] = {std::log(3.0F), 0};
  EXPECT_NEAR(log_probability(logits, 2, 0), std::log(0.75), 1e-7);
  EXPECT_NEAR(log_probability(logits, 2, 1), std::log(0.25), 1e-7);
}

TEST(MovingMean, IsOfWhatThereIsAndThenOfTheWindow) {
  MovingMean mean(3);
  EXPECT_EQ(mean.add(3), 3);
  EXPECT_EQ(mean.add(5), 4);
  EXPECT_EQ(mean.add(10), 6);
  EXPECT_EQ(mean.add(0), 5);   // 5 10 0
  EXPECT_EQ(mean.add(-4), 2);  // 10 0 -4
  MovingMean last(1);
  last.add(3);
  EXPECT_EQ(last.add(7), 7);
  EXPECT_THROW(MovingMean(0), sim::Error);
}

}  // namespace
}  // namespace flexquant
