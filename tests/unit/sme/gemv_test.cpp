// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Values of a mapped layer against the slow reference, in every mode.
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "models/sme/function/kernels.h"
#include "models/sme/function/layer.h"
#include "sim/core/error.h"
#include "tests/support/sme_reference.h"

namespace {

using namespace sme;
using test_support::random_codes;
using test_support::random_inputs;
using test_support::SmeReference;
using workload::SimdLevel;

std::vector<SimdLevel> levels() {
  std::vector<SimdLevel> all{SimdLevel::portable};
  if (workload::detect_simd_level() != SimdLevel::portable) all.push_back(SimdLevel::avx2);
  if (kernels(SimdLevel::avx512).name == std::string("avx512")) all.push_back(SimdLevel::avx512);
  return all;
}

// Layer against reference for one vector, at every level; errors and clips too.
void expect_equal(const CodedMatrix& matrix, const LayerSettings& settings,
                  const std::vector<std::uint8_t>& a, bool is_signed, unsigned driven = 0,
                  std::uint32_t group = 0) {
  const Layer layer(matrix, settings);
  const SmeReference reference(matrix, settings);
  const auto expected = reference.gemv(a.data(), is_signed, driven, group);
  GemvOptions options;
  options.signed_inputs = is_signed;
  options.planes_driven = driven;
  options.group = group;
  for (const SimdLevel level : levels()) {
    GemvResult result;
    layer.gemv(a.data(), 1, options, result, level);
    ASSERT_EQ(result.y, expected.y) << name(level);
    ASSERT_EQ(result.clips, expected.clips) << name(level);
    if (group == 0) {
      ASSERT_EQ(result.exact, reference.exact(a.data(), is_signed, driven)) << name(level);
    }
    std::vector<std::int64_t> oracle;
    layer.exact(a.data(), 1, options, oracle);
    ASSERT_EQ(result.exact, oracle);
  }
}

class SmeGemvMode : public testing::TestWithParam<std::tuple<int, int, int, int>> {
 protected:
  LayerSettings settings() const {
    LayerSettings s;
    s.mapping.sign = static_cast<SignMode>(std::get<0>(GetParam()));
    s.mapping.kind = static_cast<MappingKind>(std::get<1>(GetParam()));
    s.mapping.crossbar.cell_bits = static_cast<unsigned>(std::get<2>(GetParam()));
    s.mapping.squeeze_degree = static_cast<unsigned>(std::get<3>(GetParam()));
    return s;
  }
  bool allowed() const { return std::get<1>(GetParam()) == 0 || std::get<3>(GetParam()) == 0; }
};

TEST_P(SmeGemvMode, EqualsTheReferenceOnRandomMatrices) {
  if (!allowed()) return;  // conventional mappings are not squeezed: checked in mapping_test
  std::mt19937_64 random(7);
  LayerSettings s = settings();
  const std::pair<unsigned, unsigned> sides[] = {{128, 128}, {16, 8}, {64, 20}, {200, 128}};
  for (unsigned i = 0; i < 12; ++i) {
    std::tie(s.mapping.crossbar.rows, s.mapping.crossbar.cols) = sides[i % 4];
    s.adc_bits = std::uniform_int_distribution<unsigned>(0, 6)(random);
    s.input_bits = i % 3 == 2 ? std::uniform_int_distribution<unsigned>(1, 7)(random) : 8;
    const bool is_signed = random() % 2 == 0;
    const auto planes = std::uniform_int_distribution<unsigned>(3, 8)(random);
    const CodedMatrix matrix = random_codes(std::uniform_int_distribution<std::uint32_t>(1, 150)(random),
                                            std::uniform_int_distribution<std::uint32_t>(1, 40)(random),
                                            planes, random, i % 2 == 0 ? 0.1 : 0.6);
    const auto a = random_inputs(matrix.inputs, random, s.input_bits, is_signed);
    SCOPED_TRACE("case " + std::to_string(i));
    expect_equal(matrix, s, a, is_signed);
    if (s.mapping.crossbar.cell_bits == 1) expect_equal(matrix, s, a, is_signed, 1 + i % planes);
    if (i % 4 == 1) expect_equal(matrix, s, a, is_signed, 0, 4);
    if (i % 4 == 1) expect_equal(matrix, s, a, is_signed, 0, 32);
  }
}

TEST_P(SmeGemvMode, EqualsTheReferenceOnAdversarialMatrices) {
  if (!allowed()) return;
  LayerSettings s = settings();
  CodedMatrix matrix;
  matrix.inputs = 130;
  matrix.outputs = 9;
  matrix.planes = 8;
  matrix.scales = {1};
  const std::uint8_t corners[] = {0x80, 0xff, 0x7f, 0x55};
  for (const int code : {255, -255, 128, 1, 0})
    for (const std::uint8_t corner : corners) {
      matrix.codes.assign(std::size_t{130} * 9, static_cast<std::int16_t>(code));
      const std::vector<std::uint8_t> a(130, corner);
      for (const unsigned adc : {0u, 6u}) {
        s.adc_bits = adc;
        expect_equal(matrix, s, a, true);
        expect_equal(matrix, s, a, false);
      }
    }
  // Neighbours of opposite sign: what the two sign sets hold cancels.
  for (std::size_t i = 0; i < matrix.codes.size(); ++i)
    matrix.codes[i] = static_cast<std::int16_t>(i % 2 == 0 ? 255 : -255);
  expect_equal(matrix, s, std::vector<std::uint8_t>(130, 0xff), false);
}

INSTANTIATE_TEST_SUITE_P(Modes, SmeGemvMode,
                         testing::Combine(testing::Values(0, 1, 2), testing::Values(0, 1),
                                          testing::Values(1, 2), testing::Values(0, 1, 2, 3)));

// Every 2 x 1 matrix of 3-bit codes, every pair of 3-bit inputs, every degree, ADCs of 1 bit and exact.
TEST(SmeGemv, EqualsTheReferenceExhaustivelyOnSmallMatrices) {
  CodedMatrix matrix;
  matrix.inputs = 2;
  matrix.outputs = 1;
  matrix.planes = 3;
  matrix.scales = {1};
  LayerSettings s;
  s.input_bits = 3;
  s.mapping.crossbar.rows = 2;
  s.mapping.crossbar.cols = 2;
  GemvOptions options;
  options.signed_inputs = false;
  std::vector<std::uint8_t> a;
  for (std::uint8_t x = 0; x < 8; ++x)
    for (std::uint8_t y = 0; y < 8; ++y) a.insert(a.end(), {x, y});
  for (unsigned degree = 0; degree <= 3; ++degree)
    for (const unsigned adc : {1u, 0u})
      for (int w0 = -7; w0 <= 7; ++w0)
        for (int w1 = -7; w1 <= 7; ++w1) {
          s.adc_bits = adc;
          s.mapping.squeeze_degree = degree;
          matrix.codes = {static_cast<std::int16_t>(w0), static_cast<std::int16_t>(w1)};
          const Layer layer(matrix, s);
          const SmeReference reference(matrix, s);
          GemvResult result;
          layer.gemv(a.data(), 64, options, result);
          std::uint64_t clips = 0;
          for (std::size_t v = 0; v < 64; ++v) {
            const auto expected = reference.gemv(a.data() + 2 * v, false);
            ASSERT_EQ(result.y[v], expected.y[0])
                << w0 << ' ' << w1 << " degree " << degree << " adc " << adc;
            clips += expected.clips;
          }
          ASSERT_EQ(result.clips, clips);
        }
}

TEST(SmeGemv, BatchIsTheVectorsOneByOne) {
  std::mt19937_64 random(3);
  const CodedMatrix matrix = random_codes(300, 140, 8, random);
  LayerSettings s;
  s.adc_bits = 4;
  s.mapping.squeeze_degree = 2;
  const Layer layer(matrix, s);
  const auto a = random_inputs(300 * 5, random);
  GemvResult together, one;
  layer.gemv(a.data(), 5, {}, together);
  for (std::size_t v = 0; v < 5; ++v) {
    layer.gemv(a.data() + 300 * v, 1, {}, one);
    EXPECT_TRUE(
        std::equal(one.y.begin(), one.y.end(), together.y.begin() + static_cast<std::ptrdiff_t>(140 * v)));
  }
  EXPECT_EQ(one.clips, together.clips);
  EXPECT_EQ(one.conversions, together.conversions);
  EXPECT_EQ(one.driven_ones, together.driven_ones);
  EXPECT_EQ(one.max_abs_error, together.max_abs_error);
  EXPECT_GT(one.clips, 0u);
}

// Nothing is driven: nothing comes out, in any mode, and no conversion is left out of the counts.
TEST(SmeGemv, AVectorOfZerosGivesZeros) {
  std::mt19937_64 random(17);
  const CodedMatrix matrix = random_codes(257, 130, 8, random);
  for (const auto sign : {SignMode::magnitude, SignMode::differential, SignMode::offset}) {
    LayerSettings s;
    s.mapping.sign = sign;
    s.adc_bits = 3;
    const Layer layer(matrix, s);
    GemvResult zeros, one, both;
    std::vector<std::uint8_t> a(257 * 2, 0);
    layer.gemv(a.data(), 1, {}, zeros);
    a[257] = 1;
    layer.gemv(a.data() + 257, 1, {}, one);
    layer.gemv(a.data(), 2, {}, both);
    EXPECT_EQ(zeros.y, std::vector<std::int64_t>(130, 0));
    EXPECT_EQ(zeros.exact, zeros.y);
    EXPECT_EQ(zeros.outputs, 130u);
    EXPECT_EQ(zeros.clips + zeros.driven_ones, 0u);
    EXPECT_EQ(zeros.conversions, one.conversions);
    EXPECT_TRUE(std::equal(one.y.begin(), one.y.end(), both.y.begin() + 130));
    EXPECT_TRUE(std::equal(zeros.y.begin(), zeros.y.end(), both.y.begin()));
  }
}

// MACs and bits are conserved: with exact ADCs and no squeezing every mode computes the same product, and the
// bits that are driven are those of the inputs.
TEST(SmeGemv, ExactAdcsLoseNothing) {
  std::mt19937_64 random(11);
  const CodedMatrix matrix = random_codes(257, 130, 8, random);
  const auto a = random_inputs(257, random);
  std::uint64_t ones = 0;
  for (const std::uint8_t byte : a) ones += static_cast<unsigned>(__builtin_popcount(byte));
  for (const auto sign : {SignMode::magnitude, SignMode::differential, SignMode::offset})
    for (const auto kind : {MappingKind::inter_crossbar, MappingKind::conventional}) {
      LayerSettings s;
      s.mapping.sign = sign;
      s.mapping.kind = kind;
      s.mapping.release_empty = false;
      const Layer layer(matrix, s);
      GemvResult result;
      layer.gemv(a.data(), 1, {}, result);
      EXPECT_EQ(result.y, result.exact);
      EXPECT_EQ(result.clips, 0u);
      EXPECT_EQ(result.max_abs_error, 0);
      EXPECT_EQ(result.driven_ones, 2 * ones);  // two tiles across
      EXPECT_EQ(layer.map().macs, 257u * 130u);
      const unsigned planes = sign == SignMode::offset ? 9 : 8;
      EXPECT_EQ(result.conversions, 8u * 3 * 130 * planes * layer.map().sign_sets);
    }
}

TEST(SmeGemv, DepthwiseDiagonalComputesEveryChannelFromItsOwnInputs) {
  std::mt19937_64 random(5);
  CodedMatrix matrix = random_codes(9, 50, 8, random);
  matrix.kind = MatrixKind::depthwise;
  for (const auto sign : {SignMode::magnitude, SignMode::differential, SignMode::offset}) {
    LayerSettings s;
    s.mapping.sign = sign;
    const Layer layer(matrix, s);
    EXPECT_EQ(layer.map().inputs, 450u);
    EXPECT_EQ(layer.map().tiles.size(), 4u);  // of 14 channels
    const auto a = random_inputs(450, random);
    GemvResult result;
    layer.gemv(a.data(), 1, {}, result);
    for (std::uint32_t c = 0; c < 50; ++c) {
      std::int64_t sum = 0;
      for (std::uint32_t i = 0; i < 9; ++i)
        sum += matrix.codes[i * 50 + c] * static_cast<std::int8_t>(a[c * 9 + i]);
      EXPECT_EQ(result.y[c], sum);
    }
    EXPECT_EQ(result.y, result.exact);
    s.mapping.squeeze_degree = 2;
    const Layer squeezed(matrix, s);
    GemvResult lossy;
    squeezed.gemv(a.data(), 1, {}, lossy);
    EXPECT_EQ(lossy.exact, result.exact);
  }
}

TEST(SmeGemv, RefusesWhatItCannotDo) {
  std::mt19937_64 random(5);
  const CodedMatrix matrix = random_codes(10, 5, 7, random);
  const std::vector<std::uint8_t> a(10, 0x7f);
  GemvResult result;
  LayerSettings s;
  s.values = false;
  const Layer counted(matrix, s);
  EXPECT_THROW(counted.gemv(a.data(), 1, {}, result), sim::Error);
  s.values = true;
  s.input_bits = 4;
  const Layer narrow(matrix, s);
  EXPECT_THROW(narrow.gemv(a.data(), 1, {}, result), sim::Error);
  s.input_bits = 9;
  EXPECT_THROW(Layer(matrix, s), sim::Error);
  s.input_bits = 8;
  s.adc_bits = 17;
  EXPECT_THROW(Layer(matrix, s), sim::Error);
  s.adc_bits = 0;
  s.mapping.crossbar.cell_bits = 2;
  const Layer multi_level(matrix, s);
  GemvOptions options;
  options.planes_driven = 3;
  EXPECT_THROW(multi_level.gemv(a.data(), 1, options, result), sim::Error);
  options.planes_driven = 8;
  EXPECT_THROW(multi_level.gemv(a.data(), 1, options, result), sim::Error);
  options.planes_driven = 0;
  options.group = 3;
  EXPECT_THROW(multi_level.gemv(a.data(), 1, options, result), sim::Error);
}

}  // namespace
