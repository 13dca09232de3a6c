// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/integer_kernels.h"

#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "traces/workload/flexquant/activation.h"

namespace workload {
namespace {

using flexquant::Int4Format;
using flexquant::Int4Matrix;
using flexquant::Int8Matrix;

std::vector<SimdLevel> levels() {
  std::vector<SimdLevel> all;
  for (int i = 0; i <= static_cast<int>(detect_simd_level()); ++i) all.push_back(static_cast<SimdLevel>(i));
  return all;
}

enum class Fill { random, largest, smallest, alternating };

// Codes -limit .. limit; `smallest` is one below (a code that the quantisers never make).
std::vector<std::int8_t> codes(std::size_t size, int limit, Fill fill, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<std::int8_t> out(size);
  for (std::size_t i = 0; i < size; ++i) {
    int code = static_cast<int>(random() % (2 * limit + 1)) - limit;
    if (fill == Fill::largest) code = limit;
    if (fill == Fill::smallest) code = -limit - 1;
    if (fill == Fill::alternating) code = i % 2 == 0 ? limit : -limit;
    out[i] = static_cast<std::int8_t>(code);
  }
  return out;
}

constexpr Fill kFills[] = {Fill::random, Fill::largest, Fill::smallest, Fill::alternating};
constexpr std::size_t kCols[] = {1, 2, 15, 16, 63, 64, 65, 127, 128, 129, 256, 300, 1024, 1025, 11008};

TEST(GemvInt8, IsExactAtEveryLevel) {
  for (const std::size_t cols : kCols) {
    for (const Fill fill : kFills) {
      for (const Fill other : kFills) {
        const Int8Matrix w{3, cols, codes(3 * cols, 127, fill, 1), {1, 1, 1}};
        const std::vector<std::int8_t> a = codes(cols, 127, other, 2);
        std::vector<std::int32_t> expected(3);
        for (std::size_t row = 0; row < 3; ++row) {
          std::int64_t sum = 0;
          for (std::size_t i = 0; i < cols; ++i) sum += w.codes[row * cols + i] * a[i];
          expected[row] = static_cast<std::int32_t>(sum);
          ASSERT_EQ(expected[row], sum);
        }
        for (const SimdLevel level : levels()) {
          std::vector<std::int32_t> sums(3, 77);
          IntegerKernels(level).gemv_int8(w, a.data(), sums.data());
          ASSERT_EQ(sums, expected) << name(level) << ' ' << cols;
        }
      }
    }
  }
}

TEST(GemvInt8, TouchesItsRowsOnly) {
  const Int8Matrix w{4, 70, codes(280, 127, Fill::random, 1), {1, 1, 1, 1}};
  const std::vector<std::int8_t> a = codes(70, 127, Fill::random, 2);
  for (const SimdLevel level : levels()) {
    std::vector<std::int32_t> all(4);
    std::vector<std::int32_t> some(4, 12345);
    IntegerKernels(level).gemv_int8(w, a.data(), all.data());
    IntegerKernels(level).gemv_int8(w, a.data(), some.data(), 1, 3);
    EXPECT_EQ(some, (std::vector<std::int32_t>{12345, all[1], all[2], 12345}));
  }
}

TEST(GemmInt8, IsAGemvPerToken) {
  for (const std::size_t tokens : {1U, 3U, 4U, 5U, 9U}) {
    const Int8Matrix w{7, 130, codes(910, 127, Fill::random, 3), std::vector<float>(7, 1)};
    const std::vector<std::int8_t> a = codes(130 * tokens, 127, Fill::random, 4);
    for (const SimdLevel level : levels()) {
      const IntegerKernels kernels(level);
      std::vector<std::int32_t> sums(7 * tokens);
      kernels.gemm_int8(w, a.data(), tokens, sums.data(), 0, 7);
      for (std::size_t t = 0; t < tokens; ++t) {
        std::vector<std::int32_t> expected(7);
        IntegerKernels(SimdLevel::portable).gemv_int8(w, a.data() + t * 130, expected.data());
        for (std::size_t row = 0; row < 7; ++row) ASSERT_EQ(sums[t * 7 + row], expected[row]) << name(level);
      }
    }
  }
}

Int4Matrix int4(std::size_t rows, std::size_t cols, std::size_t group, Int4Format format, Fill fill) {
  Int4Matrix m;
  m.rows = rows;
  m.cols = cols;
  m.format = format;
  m.group = group;
  m.codes.assign(rows * m.row_bytes(), 0);
  m.scales.assign(rows * m.groups(), 1.0F);
  const std::vector<std::int8_t> values = codes(rows * cols, 7, fill, 5);
  for (std::size_t row = 0; row < rows; ++row)
    for (std::size_t col = 0; col < cols; ++col)
      m.codes[row * m.row_bytes() + col / 2] |=
          static_cast<std::uint8_t>((values[row * cols + col] & 15) << (col % 2 == 0 ? 0 : 4));
  return m;
}

TEST(GemvInt4, IsExactAtEveryLevel) {
  for (const std::size_t cols : kCols) {
    for (const std::size_t group :
         {std::size_t{128}, std::size_t{256}, std::size_t{64}, std::size_t{6}, std::size_t{0}}) {
      for (const Fill fill : kFills) {
        const Int4Matrix w = int4(3, cols, group == 0 ? cols : group,
                                  group == 0 ? Int4Format::nested : Int4Format::group, fill);
        for (const Fill other : kFills) {
          const std::vector<std::int8_t> a = codes(cols, 127, other, 6);
          std::vector<std::int32_t> expected(3 * w.groups(), 0);
          for (std::size_t row = 0; row < 3; ++row)
            for (std::size_t col = 0; col < cols; ++col)
              expected[row * w.groups() + (group == 0 ? 0 : col / group)] += w.code(row, col) * a[col];
          for (const SimdLevel level : levels()) {
            std::vector<std::int32_t> sums(expected.size(), 77);
            IntegerKernels(level).gemv_int4(w, a.data(), sums.data());
            ASSERT_EQ(sums, expected) << name(level) << ' ' << cols << ' ' << group;
          }
        }
      }
    }
  }
}

// From weights to outputs: the quantised product is near the exact one, and nearer with eight bits than with
// four.
TEST(IntegerPath, ComesNearTheProductItStandsFor) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  const std::size_t rows = 40;
  const std::size_t cols = 512;
  std::vector<float> weights(rows * cols);
  std::vector<float> x(cols);
  for (float& w : weights) w = normal(random);
  for (float& v : x) v = normal(random);
  const Int8Matrix w8 = flexquant::quantise_int8(weights.data(), rows, cols);
  const Int4Matrix w4 = flexquant::quantise_int4(weights.data(), rows, cols);
  const Int4Matrix nested = flexquant::nest_int4(w8);
  const flexquant::Activation a = flexquant::quantise_activation(x.data(), cols);
  const IntegerKernels kernels;
  std::vector<std::int32_t> sums(rows * w4.groups());
  std::vector<float> y(rows);
  const auto error = [&] {
    double squares = 0;
    double norm = 0;
    for (std::size_t row = 0; row < rows; ++row) {
      double exact = 0;
      for (std::size_t i = 0; i < cols; ++i) exact += double{weights[row * cols + i]} * x[i];
      squares += (y[row] - exact) * (y[row] - exact);
      norm += exact * exact;
    }
    return std::sqrt(squares / norm);
  };
  kernels.gemv_int8(w8, a.codes.data(), sums.data());
  flexquant::dequantise(w8, sums.data(), a.scale, 0, rows, y.data());
  const double error8 = error();
  kernels.gemv_int4(w4, a.codes.data(), sums.data());
  flexquant::dequantise(w4, sums.data(), a.scale, 0, rows, y.data());
  const double error4 = error();
  kernels.gemv_int4(nested, a.codes.data(), sums.data());
  flexquant::dequantise(nested, sums.data(), a.scale, 0, rows, y.data());
  const double error_nested = error();
  EXPECT_LT(error8, 0.02);
  EXPECT_LT(error4, 0.2);
  EXPECT_LT(error8, error4);
  EXPECT_LT(error4, error_nested);  // cut towards zero, one scale a row
  EXPECT_LT(error_nested, 0.6);
}

}  // namespace
}  // namespace workload
