// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/numeric/exp.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace workload {
namespace {

TEST(Exp, IsWithinTwoUnitsInTheLastPlace) {
  for (int i = -87000; i <= 88000; ++i) {
    const float x = static_cast<float>(i) / 1000.0F;
    const double exact = std::exp(static_cast<double>(x));
    const float rounded = static_cast<float>(exact);
    const double unit =
        static_cast<double>(std::nextafter(rounded, std::numeric_limits<float>::infinity())) - rounded;
    ASSERT_NEAR(exp_f32(x), exact, 2 * unit) << x;
  }
}

TEST(Exp, KnowsItsEnds) {
  EXPECT_EQ(exp_f32(0.0F), 1.0F);
  EXPECT_EQ(exp_f32(-0.0F), 1.0F);
  EXPECT_EQ(exp_f32(-100.0F), 0.0F);
  EXPECT_EQ(exp_f32(-std::numeric_limits<float>::infinity()), 0.0F);
}

TEST(Exp, IsTheSameOneByOneAndInPlace) {
  float x[37];
  float expected[37];
  for (int i = 0; i < 37; ++i) {
    x[i] = static_cast<float>(i - 30) * 1.37F;
    expected[i] = exp_f32(x[i]);
  }
  exp_f32(x, 37, x);
  for (int i = 0; i < 37; ++i) EXPECT_EQ(x[i], expected[i]) << i;
}

}  // namespace
}  // namespace workload
