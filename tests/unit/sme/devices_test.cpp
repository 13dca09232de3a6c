// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "models/sme/function/layer.h"
#include "sim/core/error.h"
#include "tests/support/sme_reference.h"

namespace {

using namespace sme;

class SmeDevices : public testing::Test {
 protected:
  GemvResult run(const LayerSettings& settings, std::uint64_t stream = 0, bool is_signed = true) {
    GemvOptions options;
    options.signed_inputs = is_signed;
    options.noise_stream = stream;
    GemvResult result;
    Layer(matrix_, settings).gemv(a_.data(), 2, options, result);
    return result;
  }
  std::mt19937_64 random_{1};
  CodedMatrix matrix_ = test_support::random_codes(150, 20, 8, random_);
  std::vector<std::uint8_t> a_ = test_support::random_inputs(300, random_);
};

// Effects too small to matter: the cell-by-cell path is the bit-true one, in every mode.
TEST_F(SmeDevices, VanishingEffectsChangeNothing) {
  for (unsigned i = 0; i < 3 * 2 * 2 * 2; ++i) {
    LayerSettings s;
    s.mapping.sign = static_cast<SignMode>(i % 3);
    s.mapping.squeeze_degree = i / 3 % 2 * 2;
    s.mapping.crossbar.cell_bits = 1 + i / 6 % 2;
    s.adc_bits = i / 12 % 2 * 4;
    const GemvResult ideal = run(s);
    s.devices.read_noise = 1e-6;
    s.devices.variation = 1e-7;
    s.devices.on_off_ratio = 10;
    const GemvResult real = run(s);
    EXPECT_EQ(real.y, ideal.y) << i;
    EXPECT_EQ(real.exact, ideal.exact);
    EXPECT_EQ(real.clips, ideal.clips);
    EXPECT_EQ(real.conversions, ideal.conversions);
  }
}

TEST_F(SmeDevices, TheSeedDecides) {
  LayerSettings s;
  s.devices.variation = 0.1;
  s.devices.read_noise = 0.5;
  const GemvResult first = run(s);
  EXPECT_EQ(run(s).y, first.y);
  EXPECT_NE(run(s, 2).y, first.y);  // other read noise, the same cells
  s.devices.seed = 2;
  EXPECT_NE(run(s).y, first.y);
}

TEST_F(SmeDevices, ErrorsGrowWithTheEffect) {
  struct Effect {
    double DeviceEffects::*size;
    double steps[3];
  };
  for (const Effect& effect : {Effect{&DeviceEffects::variation, {0.1, 0.3, 0.9}},
                               {&DeviceEffects::stuck_at_0, {0.01, 0.1, 0.9}},
                               {&DeviceEffects::stuck_at_1, {0.01, 0.05, 0.2}},
                               {&DeviceEffects::read_noise, {0.3, 1, 3}},
                               {&DeviceEffects::ir_drop, {0.3, 0.6, 0.9}}}) {
    double before = 0;
    for (const double size : effect.steps) {
      LayerSettings s;
      s.mapping.sign = SignMode::magnitude;  // differential columns make up for each other
      s.devices.*effect.size = size;
      const GemvResult result = run(s, 0, false);  // without a sign bit, losses do not make up for each other
      EXPECT_GT(result.sum_abs_error, before) << size;
      before = result.sum_abs_error;
    }
  }
}

TEST_F(SmeDevices, StuckCellsAreAllOrNothing) {
  LayerSettings s;
  s.mapping.sign = SignMode::differential;
  s.devices.stuck_at_0 = 1;
  for (const std::int64_t y : run(s).y) EXPECT_EQ(y, 0);
  s.devices.stuck_at_0 = 0;
  s.devices.stuck_at_1 = 1;  // both sets full: they cancel
  for (const std::int64_t y : run(s).y) EXPECT_EQ(y, 0);
}

// A column's mean over many cells is what log-normal conductances have: exp(sigma^2 / 2) of the ideal.
TEST(SmeDevicesLaw, VariationIsLogNormal) {
  CodedMatrix matrix;
  matrix.inputs = 128;
  matrix.outputs = 128;
  matrix.planes = 1;
  matrix.scales = {1};
  matrix.codes.assign(128 * 128, 1);
  LayerSettings s;
  s.mapping.sign = SignMode::magnitude;
  s.adc_bits = 16;
  s.devices.variation = 0.5;
  const std::vector<std::uint8_t> a(128, 1);
  GemvResult result;
  Layer(matrix, s).gemv(a.data(), 1, {}, result);
  double mean = 0;
  for (const std::int64_t y : result.y) mean += static_cast<double>(y) / 128 / 128;
  EXPECT_NEAR(mean, std::exp(0.125), 0.02);  // five standard errors
}

TEST(SmeDevicesLaw, RefusesNumbersOutOfRange) {
  DeviceEffects effects;
  effects.stuck_at_0 = 0.6;
  effects.stuck_at_1 = 0.6;
  EXPECT_THROW(check(effects), sim::Error);
  effects = {};
  effects.variation = -1;
  EXPECT_THROW(check(effects), sim::Error);
  effects.variation = std::nan("");
  EXPECT_THROW(check(effects), sim::Error);
}

}  // namespace
