// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/sampler.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "sim/core/error.h"

namespace {

using workload::Sampler;

TEST(Sampler, greedy_takes_the_largest_and_the_first_of_equals) {
  Sampler greedy({0, 0, 9});
  EXPECT_EQ(greedy.choose({0.5F, 2.0F, -1.0F, 2.0F}), 1U);
  EXPECT_EQ(greedy.choose({-3.0F, -3.0F}), 0U);
  EXPECT_EQ(greedy.text(), "greedy");
}

TEST(Sampler, draws_follow_the_distribution) {
  // p = 0.5, 0.3, 0.2 at temperature 1; squares of it, normalised, at temperature 1/2.
  const std::vector<float> logits = {std::log(0.5F), std::log(0.3F), std::log(0.2F)};
  const auto shares = [&](double temperature, unsigned top_k) {
    Sampler sampler({temperature, top_k, 4});
    std::vector<double> counts(3);
    for (int i = 0; i < 20000; ++i) counts[sampler.choose(logits)] += 1.0 / 20000;
    return counts;
  };
  const auto plain = shares(1, 0);
  EXPECT_NEAR(plain[0], 0.5, 0.015);
  EXPECT_NEAR(plain[1], 0.3, 0.015);
  EXPECT_NEAR(plain[2], 0.2, 0.015);
  const auto colder = shares(0.5, 0);
  EXPECT_NEAR(colder[0], 0.25 / 0.38, 0.015);
  EXPECT_NEAR(colder[2], 0.04 / 0.38, 0.015);
  const auto two = shares(1, 2);
  EXPECT_NEAR(two[0], 0.5 / 0.8, 0.015);
  EXPECT_EQ(two[2], 0.0);
}

TEST(Sampler, a_seed_gives_the_same_draws) {
  const std::vector<float> logits(50, 0.25F);
  const auto draws = [&](std::uint64_t seed) {
    Sampler sampler({0.8, 0, seed});
    std::vector<std::uint32_t> ids;
    for (int i = 0; i < 40; ++i) ids.push_back(sampler.choose(logits));
    return ids;
  };
  EXPECT_EQ(draws(3), draws(3));
  EXPECT_NE(draws(3), draws(4));
  EXPECT_EQ(Sampler({0.8, 0, 3}).text(), "temperature 0.8 seed 3");
  EXPECT_EQ(Sampler({0.8, 40, 3}).text(), "temperature 0.8 top-k 40 seed 3");
}

TEST(Sampler, temperatures_that_are_none) {
  EXPECT_THROW(Sampler({-1, 0, 0}), sim::Error);
  EXPECT_THROW(Sampler({std::numeric_limits<double>::infinity(), 0, 0}), sim::Error);
  EXPECT_THROW(Sampler({std::numeric_limits<double>::quiet_NaN(), 0, 0}), sim::Error);
}

}  // namespace
