// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/pareto.h"

#include <cmath>
#include <random>

#include <gmock/gmock.h>

namespace sim::sweep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Points = std::vector<std::vector<double>>;

// By the definition: everything against everything.
std::vector<std::size_t> brute_force(const Points& points) {
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < points.size(); ++i) {
    bool beaten = false;
    for (const auto& other : points) {
      bool nowhere_larger = true, somewhere_smaller = false;
      for (std::size_t k = 0; k < other.size(); ++k) {
        nowhere_larger = nowhere_larger && other[k] <= points[i][k];
        somewhere_smaller = somewhere_smaller || other[k] < points[i][k];
      }
      beaten = beaten || (nowhere_larger && somewhere_smaller);
    }
    if (!beaten) front.push_back(i);
  }
  return front;
}

TEST(ParetoFront, of_few) {
  EXPECT_THAT(pareto_front({}), IsEmpty());
  EXPECT_THAT(pareto_front({{3}, {1}, {2}, {1}}), ElementsAre(1, 3));
  EXPECT_THAT(pareto_front({{1, 5}, {2, 4}, {2, 6}, {3, 4}, {0, 9}}), ElementsAre(0, 1, 4));
  EXPECT_THAT(pareto_front({{1, NAN}, {2, 4}}), ElementsAre(1));
  EXPECT_THAT(pareto_front({{INFINITY, 0}, {0, INFINITY}}), ElementsAre(0, 1));
}

TEST(ParetoFront, equals_brute_force) {
  std::mt19937 random(7);
  for (unsigned round = 0; round < 300; ++round) {
    Points points(random() % 60);
    const std::size_t objectives = 1 + random() % 4;
    for (auto& p : points) {
      for (std::size_t k = 0; k < objectives; ++k) p.push_back(static_cast<double>(random() % 8));
    }
    EXPECT_EQ(pareto_front(points), brute_force(points));
  }
}

}  // namespace
}  // namespace sim::sweep
