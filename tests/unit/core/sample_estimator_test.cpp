// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/sample_estimator.h"

#include <cmath>

#include <gtest/gtest.h>

namespace {

using sim::SampleEstimator;
using sim::student_t_975;

TEST(SampleEstimator, NothingWithoutWindows) {
  SampleEstimator e;
  EXPECT_FALSE(e.mean_per_op());
  EXPECT_FALSE(e.ci95_half_width());
  EXPECT_FALSE(e.extrapolate(10));
  e.add_window(0, 5);
  EXPECT_EQ(e.windows(), 0U);
}

TEST(SampleEstimator, OneWindowHasAMeanAndNoInterval) {
  SampleEstimator e;
  e.add_window(100, 250);
  EXPECT_DOUBLE_EQ(*e.mean_per_op(), 2.5);
  EXPECT_FALSE(e.ci95_half_width());
  EXPECT_DOUBLE_EQ(e.extrapolate(1000)->cycles, 2500);
  EXPECT_FALSE(e.extrapolate(1000)->half_width);
}

TEST(SampleEstimator, IntervalOfEqualWindowsByHand) {
  // Cycles per operation 1.0, 2.0, 3.0, 2.0, 2.0: mean 2, sample variance (1 + 1) / 4 = 0.5,
  // standard error sqrt(0.5 / 5) = 0.316228, t(4) = 2.7764: 0.87798.
  SampleEstimator e;
  for (double cpi : {1.0, 2.0, 3.0, 2.0, 2.0}) e.add_window(10, 10 * cpi);
  EXPECT_DOUBLE_EQ(*e.mean_per_op(), 2);
  EXPECT_NEAR(*e.ci95_half_width(), 0.87798, 1e-4);
  EXPECT_NEAR(*e.extrapolate(1000)->half_width, 877.98, 0.1);
}

TEST(SampleEstimator, TwoWindowsByHand) {
  // 1 and 3: s = sqrt(2), se = 1, t(1) = 12.7062.
  SampleEstimator e;
  e.add_window(1, 1);
  e.add_window(1, 3);
  EXPECT_NEAR(*e.ci95_half_width(), 12.7062, 1e-3);
}

TEST(SampleEstimator, UnequalWindowsAreARatio) {
  // Ops 10, 30; cycles 10, 90: ratio 100 / 40 = 2.5. Residuals 10 - 25 = -15 and 90 - 75 = 15, so
  // s^2 = 450 / 1, se = sqrt(450 / 2) / 20 = 0.75, t(1) = 12.7062: 9.52965.
  SampleEstimator e;
  e.add_window(10, 10);
  e.add_window(30, 90);
  EXPECT_DOUBLE_EQ(*e.mean_per_op(), 2.5);
  EXPECT_NEAR(*e.ci95_half_width(), 9.52965, 1e-3);
}

TEST(SampleEstimator, EqualWindowsHaveNoSpread) {
  SampleEstimator e;
  for (int i = 0; i < 8; ++i) e.add_window(1000000, 1234567);
  EXPECT_NEAR(*e.ci95_half_width(), 0, 1e-12);
}

TEST(StudentT, AgreesWithTables) {
  EXPECT_NEAR(student_t_975(1), 12.706, 0.001);
  EXPECT_NEAR(student_t_975(10), 2.228, 0.0005);
  EXPECT_NEAR(student_t_975(30), 2.042, 0.0005);
  EXPECT_NEAR(student_t_975(31), 2.0395, 0.0005);
  EXPECT_NEAR(student_t_975(40), 2.021, 0.0005);
  EXPECT_NEAR(student_t_975(120), 1.980, 0.0005);
  EXPECT_NEAR(student_t_975(1000000), 1.95997, 0.0001);
  EXPECT_TRUE(std::isinf(student_t_975(0)));
}

TEST(StudentT, FallsMonotonically) {
  for (std::size_t n = 2; n < 200; ++n) EXPECT_LT(student_t_975(n), student_t_975(n - 1)) << n;
}

}  // namespace
