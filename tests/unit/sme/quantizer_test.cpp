// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/quantizer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "sim/core/error.h"

namespace {

using namespace sme;

WeightMatrix matrix_of(std::vector<float> values, std::uint32_t outputs) {
  WeightMatrix m;
  m.name = "m";
  m.outputs = outputs;
  m.inputs = static_cast<std::uint32_t>(values.size()) / outputs;
  m.values = std::move(values);
  return m;
}

std::unique_ptr<Quantizer> quantizer(QuantizerKind kind, unsigned s = 3, unsigned bits = 8,
                                     bool per_channel = false) {
  QuantizerSettings settings;
  settings.kind = kind;
  settings.s = s;
  settings.bits = bits;
  settings.per_channel = per_channel;
  return make_quantizer(settings);
}

// The four weights of the paper, quantised with S = 3 and 8 bits: 0.875, 0.625, 0.375 and 0.01953125.
TEST(SmeQuantizer, GivesThePapersExamples) {
  const auto codes = quantizer(QuantizerKind::sme)->code_set(8);
  EXPECT_EQ(nearest_code(codes, 256 * 0.876) / 256.0, 0.875);
  EXPECT_EQ(nearest_code(codes, 256 * 0.618) / 256.0, 0.625);
  EXPECT_EQ(nearest_code(codes, 256 * 0.389) / 256.0, 0.375);
  EXPECT_EQ(nearest_code(codes, 256 * 0.020) / 256.0, 0.01953125);
  // The same through a matrix, whose largest weight goes to 1 - 2^-3.
  const CodedMatrix coded =
      quantizer(QuantizerKind::sme)->quantize(matrix_of({0.876F, 0.618F, -0.389F, 0.020F}, 2));
  EXPECT_EQ(coded.codes, (std::vector<std::int16_t>{224, 160, -96, 5}));
  EXPECT_FLOAT_EQ(coded.scale(0) * 224, 0.876F);
}

// Every S and number of bits: the set is what its definition says, one number after the other.
TEST(SmeQuantizer, CodesHaveTheirOnesInSConsecutivePlaces) {
  for (unsigned bits = 1; bits <= 8; ++bits)
    for (unsigned s = 1; s <= 8; ++s) {
      const auto set = quantizer(QuantizerKind::sme, s, bits)->code_set(bits);
      for (unsigned code = 0; code < 1u << bits; ++code) {
        unsigned first = 0, last = 0;
        for (unsigned b = 0; b < bits; ++b)
          if (code >> b & 1) {
            last = b;
            if ((code & ((1u << b) - 1)) == 0) first = b;
          }
        const bool expected = code == 0 || last - first + 1 <= s;
        EXPECT_EQ(std::binary_search(set.begin(), set.end(), code), expected) << code << " s " << s;
      }
    }
}

TEST(SmeQuantizer, OtherSetsAreTheirDefinitions) {
  EXPECT_EQ(quantizer(QuantizerKind::int8)->code_set(8).size(), 256u);
  EXPECT_EQ(quantizer(QuantizerKind::po2, 5)->code_set(8),
            (std::vector<unsigned>{0, 1, 2, 4, 8, 16, 32, 64, 128}));
  // Li et al.'s 4-bit magnitudes of two terms: {0, 2^0, 2^-2, 2^-4} + {0, 2^-1, 2^-3, 2^-5}, here in 32nds.
  EXPECT_EQ(quantizer(QuantizerKind::apot)->code_set(6),
            (std::vector<unsigned>{0, 1, 2, 3, 4, 6, 8, 9, 12, 16, 18, 24, 32, 33, 36, 48}));
}

// Every half step of the scaled weight: nearest code, ties to the smaller one.
TEST(SmeQuantizer, TakesTheNearestCodeExhaustively) {
  for (unsigned s = 1; s <= 8; ++s) {
    const auto q = quantizer(QuantizerKind::sme, s);
    const auto set = q->code_set(8);
    std::vector<float> values;
    for (unsigned k = 0; k <= 4 * set.back(); ++k) values.push_back(static_cast<float>(k) / 4);
    const CodedMatrix coded = q->quantize(matrix_of(values, 1));
    for (std::size_t i = 0; i < values.size(); ++i) {
      unsigned best = 0;
      for (const unsigned code : set)
        if (std::fabs(static_cast<float>(code) - values[i]) < std::fabs(static_cast<float>(best) - values[i]))
          best = code;
      ASSERT_EQ(coded.codes[i], static_cast<int>(best)) << "s " << s << " value " << values[i];
    }
  }
}

TEST(SmeQuantizer, IntegersAreRoundedToEven) {
  const CodedMatrix coded =
      quantizer(QuantizerKind::int8)->quantize(matrix_of({255, 0.5F, 1.5F, 2.5F, -127.5F, 254.4F}, 6));
  EXPECT_EQ(coded.codes, (std::vector<std::int16_t>{255, 0, 2, 2, -128, 254}));
}

TEST(SmeQuantizer, ScalesPerChannelOrTensor) {
  const WeightMatrix m = matrix_of({1, 0.01F, -0.5F, 0.02F, 0, 0}, 2);
  const CodedMatrix tensor = quantizer(QuantizerKind::int8)->quantize(m);
  EXPECT_EQ(tensor.scales.size(), 1u);
  EXPECT_EQ(tensor.codes, (std::vector<std::int16_t>{255, 3, -128, 5, 0, 0}));
  const CodedMatrix channel = quantizer(QuantizerKind::int8, 3, 8, true)->quantize(m);
  EXPECT_EQ(channel.scales.size(), 2u);
  EXPECT_EQ(channel.codes, (std::vector<std::int16_t>{255, 128, -128, 255, 0, 0}));
  EXPECT_LT(channel.rms_error, tensor.rms_error);
  const CodedMatrix zeros = quantizer(QuantizerKind::sme)->quantize(matrix_of({0, 0, 0, 0}, 2));
  EXPECT_EQ(zeros.codes, std::vector<std::int16_t>(4, 0));
  EXPECT_EQ(zeros.rms_error, 0);
}

// The paper: S = 4 has almost no error over plain 8 bits; fewer consecutive ones have more.
TEST(SmeQuantizer, ErrorFallsWithS) {
  std::mt19937_64 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(4096);
  for (float& v : values) v = normal(random);
  const WeightMatrix m = matrix_of(values, 64);
  double before = 1;
  for (unsigned s = 1; s <= 8; ++s) {
    const double error = quantizer(QuantizerKind::sme, s)->quantize(m).rms_error;
    EXPECT_LT(error, before) << s;
    before = error;
  }
  EXPECT_LT(before, 0.005);
}

TEST(SmeQuantizer, MixedTakesTheFewestBitsWithinTheError) {
  std::mt19937_64 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(4096);
  for (float& v : values) v = normal(random);
  const WeightMatrix m = matrix_of(values, 64);
  QuantizerSettings settings;
  settings.kind = QuantizerKind::mixed;
  unsigned before = 8;
  for (const double error : {0.0, 0.06, 0.07, 0.1, 1.0}) {
    settings.mixed_error = error;
    const CodedMatrix coded = make_quantizer(settings)->quantize(m);
    EXPECT_LE(coded.planes, before);
    EXPECT_TRUE(coded.rms_error <= error || coded.planes == 8);
    before = coded.planes;
  }
  EXPECT_EQ(before, 5u);
}

TEST(SmeQuantizer, RefusesNumbersOutOfRange) {
  for (const QuantizerKind kind : {QuantizerKind::sme, QuantizerKind::int8, QuantizerKind::apot}) {
    EXPECT_THROW(quantizer(kind, 0), sim::Error);
    EXPECT_THROW(quantizer(kind, 9), sim::Error);
    EXPECT_THROW(quantizer(kind, 3, 0), sim::Error);
    EXPECT_THROW(quantizer(kind, 3, 9), sim::Error);
  }
}

TEST(SmeMatrix, RefusesWhatIsNoMatrix) {
  WeightMatrix m = matrix_of({1, 2, 3, 4}, 2);
  EXPECT_NO_THROW(check(m, "file"));
  m.values[3] = std::numeric_limits<float>::quiet_NaN();
  try {
    check(m, "file");
    FAIL();
  } catch (const sim::Error& error) {
    EXPECT_EQ(error.exit_code(), sim::Exit::input);
    EXPECT_STREQ(error.what(), "file: m: the weight at row 1, column 1 is NaN; weights must be finite");
  }
  m.values[3] = std::numeric_limits<float>::infinity();
  EXPECT_THROW(check(m, "file"), sim::Error);
  m.values.pop_back();
  EXPECT_THROW(check(m, "file"), sim::Error);
  m.inputs = 0;
  EXPECT_THROW(check(m, "file"), sim::Error);
  m.inputs = kMaxInputs + 1;
  EXPECT_THROW(check(m, "file"), sim::Error);
}

}  // namespace
