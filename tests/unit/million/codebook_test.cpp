// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/million/codebook.h"

#include <gtest/gtest.h>

#include "sim/core/error.h"

namespace million {
namespace {

TEST(Codebook, RefusesShapesThatDoNotFit) {
  EXPECT_THROW(check({128, 48, 8}), sim::Error);
  EXPECT_THROW(check({128, 0, 8}), sim::Error);
  EXPECT_THROW(check({128, 64, 0}), sim::Error);
  EXPECT_THROW(check({128, 64, 13}), sim::Error);
  EXPECT_NO_THROW(check({128, 32, 12}));
}

TEST(Codebook, RefusesCentroidsThatDoNotFit) {
  EXPECT_THROW(Codebook({4, 2, 1}, std::vector<Float16>(7)), sim::Error);
  std::vector<Float16> centroids(8, 0);
  EXPECT_NO_THROW(Codebook({4, 2, 1}, centroids));
  centroids[5] = 0x7c00;
  EXPECT_THROW(Codebook({4, 2, 1}, centroids), sim::Error);
  centroids[5] = 0x7e01;
  EXPECT_THROW(Codebook({4, 2, 1}, centroids), sim::Error);
}

}  // namespace
}  // namespace million
