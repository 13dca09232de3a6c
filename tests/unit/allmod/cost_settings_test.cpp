// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/cost_settings.h"

#include <gtest/gtest.h>

#include "models/allmod/settings.h"
#include "sim/config/document.h"
#include "sim/config/reader.h"

namespace allmod {
namespace {

// configs/tech/fpga_7series.yaml repeats the defaults, with the same sources.
TEST(CostSettings, SevenSeriesFileIsTheDefault) {
  using namespace sim::config;
  Diagnostics diagnostics;
  const Document document =
      Document::load(TRICYCLE_SOURCE_DIR "/configs/tech/fpga_7series.yaml", diagnostics);
  Settings given;
  const Resolved resolved = read(document, given, diagnostics);
  ASSERT_TRUE(diagnostics.ok()) << diagnostics.text();
  Diagnostics none;
  Settings built_in;
  const Resolved defaults = read(Document::parse("{}", "empty", none), built_in, none);
  unsigned constants = 0;
  for (const Resolved::Entry& entry : resolved.entries()) {
    if (entry.path.rfind("cost.device.", 0) != 0) continue;
    ++constants;
    EXPECT_TRUE(entry.explicit_) << entry.path;
    EXPECT_EQ(entry.value, defaults.find(entry.path)->value) << entry.path;
    EXPECT_EQ(entry.provenance, defaults.find(entry.path)->provenance) << entry.path;
    EXPECT_EQ(entry.source, defaults.find(entry.path)->source) << entry.path;
  }
  EXPECT_EQ(constants, 10u);
}

TEST(CostSettings, ReachTheModel) {
  using namespace sim::config;
  Diagnostics diagnostics;
  Settings settings;
  read(Document::parse("cost: {rom: bram, scalar: true, device: {adder_ns: 2, srl_min: 5}}", "text",
                       diagnostics),
       settings, diagnostics);
  ASSERT_TRUE(diagnostics.ok()) << diagnostics.text();
  const CostOptions options = settings.cost.options(false, 3);
  EXPECT_EQ(options.rom, RomStyle::bram);
  EXPECT_TRUE(settings.cost.scalar);
  EXPECT_EQ(options.device.adder_ns, 2);
  EXPECT_EQ(options.device.srl_min, 5u);
  EXPECT_FALSE(options.elastic);
  EXPECT_EQ(options.lanes, 3u);
}

}  // namespace
}  // namespace allmod
