// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/float_kernels.h"

#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace {

using workload::FloatKernels;
using workload::SimdLevel;

std::vector<float> random_values(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> v(count);
  for (float& x : v) x = normal(random);
  return v;
}

std::vector<SimdLevel> levels() {
  std::vector<SimdLevel> all = {SimdLevel::portable};
  if (workload::detect_simd_level() >= SimdLevel::avx2) all.push_back(SimdLevel::avx2);
  if (workload::detect_simd_level() >= SimdLevel::avx512) all.push_back(SimdLevel::avx512);
  return all;
}

// The definition in the header, one operation at a time.
float defined_dot(const float* a, const float* b, std::size_t size) {
  float lanes[16] = {};
  const std::size_t whole = size - size % 16;
  for (std::size_t i = 0; i < whole; ++i) {
    const volatile float product = a[i] * b[i];
    lanes[i % 16] += product;
  }
  for (unsigned half = 8; half > 0; half /= 2) {
    for (unsigned l = 0; l < half; ++l) lanes[l] += lanes[l + half];
  }
  for (std::size_t i = whole; i < size; ++i) {
    const volatile float product = a[i] * b[i];
    lanes[0] += product;
  }
  return lanes[0];
}

TEST(FloatKernels, a_dot_product_is_what_the_header_defines_at_every_level) {
  for (const std::size_t size : {0, 1, 7, 15, 16, 17, 31, 32, 43, 128, 172, 640, 4099}) {
    const auto a = random_values(size, 1 + static_cast<unsigned>(size));
    const auto b = random_values(size, 7777 + static_cast<unsigned>(size));
    double exact = 0;
    double scale = 0;
    for (std::size_t i = 0; i < size; ++i) {
      exact += static_cast<double>(a[i]) * static_cast<double>(b[i]);
      scale += std::abs(static_cast<double>(a[i]) * static_cast<double>(b[i]));
    }
    for (const SimdLevel level : levels()) {
      const float dot = FloatKernels(level).dot(a.data(), b.data(), size);
      EXPECT_EQ(dot, defined_dot(a.data(), b.data(), size)) << size << " " << name(level);
      EXPECT_NEAR(static_cast<double>(dot), exact, 1e-6 * scale + 1e-30) << size;
    }
  }
}

TEST(FloatKernels, rows_are_dot_products_and_ranges_touch_nothing_else) {
  constexpr std::size_t kRows = 13;
  constexpr std::size_t kCols = 37;
  const auto w = random_values(kRows * kCols, 5);
  const auto x = random_values(kCols, 6);
  for (const SimdLevel level : levels()) {
    const FloatKernels kernels(level);
    std::vector<float> y(kRows, -1.0F);
    kernels.gemv(w.data(), kCols, x.data(), y.data(), 2, 11);
    for (std::size_t r = 0; r < kRows; ++r) {
      const float expected = r >= 2 && r < 11 ? defined_dot(x.data(), w.data() + r * kCols, kCols) : -1.0F;
      EXPECT_EQ(y[r], expected) << r << " " << name(level);
    }
  }
}

TEST(FloatKernels, a_batch_has_the_bits_of_single_tokens) {
  constexpr std::size_t kRows = 9;
  constexpr std::size_t kCols = 50;
  constexpr std::size_t kTokens = 71;  // more than two blocks, and a rest
  const auto w = random_values(kRows * kCols, 5);
  const auto x = random_values(kTokens * kCols, 6);
  for (const SimdLevel level : levels()) {
    const FloatKernels kernels(level);
    std::vector<float> y(kTokens * kRows);
    kernels.gemm(w.data(), kRows, kCols, x.data(), kTokens, y.data(), 0, 4);
    kernels.gemm(w.data(), kRows, kCols, x.data(), kTokens, y.data(), 4, kRows);
    std::vector<float> one(kRows);
    for (std::size_t t = 0; t < kTokens; ++t) {
      kernels.gemv(w.data(), kCols, x.data() + t * kCols, one.data(), 0, kRows);
      for (std::size_t r = 0; r < kRows; ++r) ASSERT_EQ(y[t * kRows + r], one[r]) << t << " " << r;
    }
  }
}

TEST(FloatKernels, root_mean_square_norm) {
  const std::vector<float> x = {3, 4, 0, 0};  // mean of squares 6.25
  const std::vector<float> weight = {1, 2, 3, 4};
  std::vector<float> out(4);
  rms_norm(FloatKernels(), x.data(), weight.data(), 4, 0.0F, out.data());
  EXPECT_FLOAT_EQ(out[0], 1.2F);
  EXPECT_FLOAT_EQ(out[1], 3.2F);
  EXPECT_EQ(out[2], 0.0F);
  rms_norm(FloatKernels(), x.data(), weight.data(), 4, 2.75F, out.data());  // sqrt(9) = 3
  EXPECT_FLOAT_EQ(out[0], 1.0F);
}

TEST(FloatKernels, gate_through_the_sigmoid) {
  const std::vector<float> gate = {0, 1, -1, 20, -200, 200};
  const std::vector<float> up = {5, 2, 2, 3, 4, 0.5F};
  std::vector<float> out(6);
  workload::swiglu(gate.data(), up.data(), 6, out.data());
  EXPECT_EQ(out[0], 0.0F);
  EXPECT_FLOAT_EQ(out[1], 2.0F / (1.0F + std::exp(-1.0F)));
  EXPECT_FLOAT_EQ(out[2], -2.0F / (1.0F + std::exp(1.0F)));
  EXPECT_FLOAT_EQ(out[3], 60.0F);
  EXPECT_NEAR(out[4], 0.0F, 1e-30F);  // and neither infinite nor NaN
  EXPECT_FLOAT_EQ(out[5], 100.0F);
}

}  // namespace
