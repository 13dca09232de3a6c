// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/rope.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace {

workload::ModelShape shape() {
  workload::ModelShape s = workload::synthetic_shape("tiny");
  s.head_dim = 4;
  s.rope_theta = 10000;  // frequencies 1 and 0.01
  return s;
}

TEST(Rope, position_0_changes_nothing) {
  std::vector<float> x = {1, 2, 3, 4, 5, 6, 7, 8};
  const std::vector<float> before = x;
  workload::Rope(shape()).turn(0, 2, x.data());
  EXPECT_EQ(x, before);
}

// Element i turns with element i + 2, not with i + 1.
TEST(Rope, halves_turn_together) {
  std::vector<float> x = {1, 0, 0, 0, 0, 1, 0, 0};
  workload::Rope(shape()).turn(2, 2, x.data());
  EXPECT_FLOAT_EQ(x[0], static_cast<float>(std::cos(2.0)));
  EXPECT_EQ(x[1], 0.0F);
  EXPECT_FLOAT_EQ(x[2], static_cast<float>(std::sin(2.0)));
  EXPECT_EQ(x[3], 0.0F);
  EXPECT_EQ(x[4], 0.0F);  // the second head: element 1 with frequency 0.01
  EXPECT_FLOAT_EQ(x[5], static_cast<float>(std::cos(0.02)));
  EXPECT_FLOAT_EQ(x[7], static_cast<float>(std::sin(0.02)));
}

// What the embedding is for: a product depends on the distance alone.
TEST(Rope, products_depend_on_the_distance) {
  const workload::Rope rope(shape());
  const auto product = [&](unsigned q_at, unsigned k_at) {
    std::vector<float> q = {1, -2, 0.5F, 3};
    std::vector<float> k = {0.25F, 1, -1, 2};
    rope.turn(q_at, 1, q.data());
    rope.turn(k_at, 1, k.data());
    double sum = 0;
    for (unsigned i = 0; i < 4; ++i) sum += static_cast<double>(q[i]) * static_cast<double>(k[i]);
    return sum;
  };
  EXPECT_NEAR(product(7, 2), product(105, 100), 1e-4);
  EXPECT_GT(std::abs(product(7, 2) - product(7, 3)), 1e-2);
}

}  // namespace
