// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/tech.h"

#include <gtest/gtest.h>

#include "models/sme/settings.h"
#include "sim/config/document.h"
#include "sim/config/reader.h"

namespace sme {
namespace {

// configs/tech/reram_32nm.yaml repeats the defaults, with the same sources.
TEST(Tech, FileIsTheDefault) {
  using namespace sim::config;
  Diagnostics diagnostics;
  const Document document = Document::load(TRICYCLE_SOURCE_DIR "/configs/tech/reram_32nm.yaml", diagnostics);
  Settings given;
  const Resolved resolved = read(document, given, diagnostics);
  ASSERT_TRUE(diagnostics.ok()) << diagnostics.text();
  Diagnostics none;
  Settings built_in;
  const Resolved defaults = read(Document::parse("{}", "empty", none), built_in, none);
  unsigned constants = 0;
  for (const Resolved::Entry& entry : resolved.entries()) {
    if (entry.path.rfind("tech.", 0) != 0) continue;
    ++constants;
    EXPECT_TRUE(entry.explicit_) << entry.path;
    EXPECT_EQ(entry.value, defaults.find(entry.path)->value) << entry.path;
    EXPECT_EQ(entry.provenance, defaults.find(entry.path)->provenance) << entry.path;
    EXPECT_EQ(entry.source, defaults.find(entry.path)->source) << entry.path;
    EXPECT_NE(entry.provenance, Provenance::choice) << entry.path;
    EXPECT_FALSE(entry.source.empty()) << entry.path;
  }
  EXPECT_EQ(constants, 32u);
}

// A CU at work takes the powers of Table I.
TEST(Tech, ABusyUnitTakesThePowersOfTableI) {
  ChipConfig config;
  config.banks = config.units = 1;
  const CostTable cost = cost_table({}, config, 128, 128, 6, 100);
  TileOp op;
  op.rows = op.columns = op.sums = 128;
  op.crossbars = 8;
  op.input_cycles = 8;
  const Activity a = product_activity(op, config, 0);
  const double seconds = 8 * 128 / 1.2e9;  // ADCs without a pause
  EXPECT_NEAR(cost.energy_j(a, Component::adc) / seconds, 5.14e-3, 1e-9);
  EXPECT_NEAR(cost.energy_j(a, Component::mux) / seconds, 0.56e-3, 1e-9);
  EXPECT_NEAR(cost.energy_j(a, Component::sample_hold) / seconds, 0.0011e-3, 1e-12);
  EXPECT_NEAR(cost.energy_j(a, Component::dac) / (8 * 100e-9), 4.25e-3,
              1e-9);  // rows driven for 100 ns a bit
  EXPECT_NEAR(cost.energy_j(a, Component::array) / (8 * 100e-9), 1.3e-3, 1e-9);
  EXPECT_NEAR(cost.area_mm2[static_cast<std::size_t>(Component::adc)], 4.7e-3, 1e-12);
  EXPECT_NEAR(cost.area_mm2[static_cast<std::size_t>(Component::mux)], 4.23e-3, 1e-12);
  EXPECT_NEAR(cost.area_mm2[static_cast<std::size_t>(Component::array)], 2.03e-3, 1e-12);
  // ISAAC's 8-bit converters.
  const CostTable eight = cost_table({}, config, 128, 128, 8, 100);
  EXPECT_NEAR(eight.energy_j(a, Component::adc) / seconds, 16e-3, 0.02e-3);
  EXPECT_NEAR(eight.area_mm2[static_cast<std::size_t>(Component::adc)], 9.6e-3, 0.02e-3);
}

}  // namespace
}  // namespace sme
