// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/numeric/float16.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace workload {
namespace {

std::uint32_t bits_of(float x) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

std::vector<SimdLevel> levels() {
  std::vector<SimdLevel> all;
  for (int i = 0; i <= static_cast<int>(detect_simd_level()); ++i) all.push_back(static_cast<SimdLevel>(i));
  return all;
}

// The definition of the format, in double precision.
double value_of(unsigned bits) {
  const double sign = (bits & 0x8000U) != 0 ? -1 : 1;
  const int exponent = static_cast<int>((bits >> 10) & 31U);
  const double fraction = bits & 0x3ffU;
  return exponent == 0 ? sign * std::ldexp(fraction, -24) : sign * std::ldexp(1024 + fraction, exponent - 25);
}

TEST(Float16, EveryNumberIsWidenedToItsDefinition) {
  for (unsigned bits = 0; bits < 65536; ++bits) {
    const float x = to_float(static_cast<Float16>(bits));
    if ((bits & 0x7c00U) != 0x7c00U) {
      ASSERT_EQ(static_cast<double>(x), value_of(bits)) << bits;
      ASSERT_EQ(std::signbit(x), bits >= 0x8000U) << bits;
    } else if ((bits & 0x3ffU) == 0) {
      ASSERT_TRUE(std::isinf(x)) << bits;
    } else {
      ASSERT_TRUE(std::isnan(x)) << bits;
    }
  }
}

TEST(Float16, EveryNumberComesBack) {
  for (unsigned bits = 0; bits < 65536; ++bits) {
    const bool nan = (bits & 0x7c00U) == 0x7c00U && (bits & 0x3ffU) != 0;
    const unsigned expected = nan ? bits | 0x200U : bits;  // NaN becomes quiet
    ASSERT_EQ(to_float16(to_float(static_cast<Float16>(bits))), expected) << bits;
  }
}

TEST(Float16, BetweenNeighboursRoundsToTheNearerAndTiesToEven) {
  for (unsigned bits = 0; bits < 0x7bff; ++bits) {  // all finite neighbours
    const auto low = to_float(static_cast<Float16>(bits));
    const auto high = to_float(static_cast<Float16>(bits + 1));
    const float middle = low + (high - low) / 2;  // exact in f32
    ASSERT_EQ(to_float16(middle), bits % 2 == 0 ? bits : bits + 1) << bits;
    ASSERT_EQ(to_float16(std::nextafter(middle, low)), bits) << bits;
    ASSERT_EQ(to_float16(std::nextafter(middle, high)), bits + 1) << bits;
    ASSERT_EQ(to_float16(-std::nextafter(middle, high)), (bits + 1) | 0x8000U) << bits;
  }
}

TEST(Float16, BeyondTheRange) {
  EXPECT_EQ(to_float16(65519.996F), 0x7bff);
  EXPECT_EQ(to_float16(65520.0F), 0x7c00);
  EXPECT_EQ(to_float16(-1e30F), 0xfc00);
  EXPECT_EQ(to_float16_saturated(65520.0F), 0x7bff);
  EXPECT_EQ(to_float16_saturated(-std::numeric_limits<float>::infinity()), 0xfbff);
  EXPECT_EQ(to_float16_saturated(1.0F), 0x3c00);
  EXPECT_EQ(to_float16(1e-10F), 0);
  EXPECT_EQ(to_float16(-1e-10F), 0x8000);
}

TEST(Float16, VectorCodeGivesTheSameBitsAtEveryLevel) {
  std::vector<Float16> halves(65536 + 5);
  for (unsigned i = 0; i < halves.size(); ++i) halves[i] = static_cast<Float16>(i);
  std::vector<float> floats;
  std::uint32_t state = 1;
  for (int i = 0; i < 300001; ++i) {
    state = state * 1664525U + 1013904223U;
    const std::uint32_t bits =
        i % 3 == 0 ? state : (state & 0x8fffffffU) | 0x30000000U;  // two thirds near fp16's range
    float x = 0;
    std::memcpy(&x, &bits, sizeof x);
    floats.push_back(x);
  }
  for (const SimdLevel level : levels()) {
    std::vector<float> widened(halves.size());
    to_float(halves.data(), halves.size(), widened.data(), level);
    for (unsigned i = 0; i < halves.size(); ++i)
      ASSERT_EQ(bits_of(widened[i]), bits_of(to_float(halves[i]))) << name(level) << ' ' << i;
    std::vector<Float16> narrowed(floats.size());
    to_float16(floats.data(), floats.size(), narrowed.data(), level);
    for (unsigned i = 0; i < floats.size(); ++i)
      ASSERT_EQ(narrowed[i], to_float16(floats[i])) << name(level) << ' ' << std::hex << bits_of(floats[i]);
  }
}

}  // namespace
}  // namespace workload
