// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Every latency of models/sme/README.md is exact: the product is not there one cycle earlier, and is there.
#include <memory>

#include <gtest/gtest.h>

#include "models/sme/product_time.h"
#include "tests/support/latency_table.h"
#include "tests/support/sme_bench.h"

namespace sme::test {
namespace {

const char* const kReadme = TRICYCLE_SOURCE_DIR "/models/sme/README.md";

struct Case {
  ChipConfig chip;
  std::uint32_t inputs = 128, outputs = 128;
  LayerSettings layer = magnitude();
  unsigned products = 1, planes = 0;
};

Case case_of(const std::map<std::string, std::string>& settings) {
  Case c;
  c.chip.banks = 4;
  for (const auto& [key, value] : settings) {
    const auto number = static_cast<unsigned>(std::stoul(value));
    if (key == "inputs")
      c.inputs = number;
    else if (key == "outputs")
      c.outputs = number;
    else if (key == "degree")
      c.layer.mapping.squeeze_degree = number;
    else if (key == "input_bits")
      c.layer.input_bits = number;
    else if (key == "planes")
      c.planes = number;
    else if (key == "products")
      c.products = number;
    else if (key == "cols")
      c.layer.mapping.crossbar.cols = number;
    else if (key == "adc_msps")
      c.chip.unit.adc_khz = number * 1000ull;
    else if (key == "adcs")
      c.chip.unit.adcs_per_crossbar = number;
    else if (key == "read")
      c.chip.unit.read = number;
    else if (key == "pipelined")
      c.chip.unit.pipelined = number != 0;
    else if (key == "rcmr")
      c.chip.unit.convert_inputs = number;
    else if (key == "shift")
      c.chip.unit.shift = number;
    else if (key == "accumulate")
      c.chip.unit.accumulate = number;
    else if (key == "shift_add")
      c.chip.unit.shift_add = number;
    else if (key == "output_register")
      c.chip.unit.output_register = number;
    else if (key == "input_registers")
      c.chip.unit.input_registers = number;
    else if (key == "output_registers")
      c.chip.unit.output_registers = number;
    else if (key == "bus_bytes")
      c.chip.bus_bytes = number;
    else if (key == "bus_arbitration")
      c.chip.bus_arbitration = number;
    else if (key == "edram_read")
      c.chip.edram_read = number;
    else if (key == "add")
      c.chip.partial_add = number;
    else if (key == "lanes")
      c.chip.activation_lanes = number;
    else if (key == "activation")
      c.chip.activation_latency = number;
    else if (key == "pooling")
      c.chip.pooling_latency = number;
    else if (key == "chip_bus_bytes")
      c.chip.chip_bus_bytes = number;
    else if (key == "chip_bus_arbitration")
      c.chip.chip_bus_arbitration = number;
    else if (key == "issue")
      c.chip.issue = number;
    else if (key == "units")
      c.chip.units = number;
    else if (key == "window")
      c.chip.window = number;
    else
      throw std::runtime_error("unknown key " + key);
  }
  return c;
}

std::vector<std::unique_ptr<ChipBench>> benches(const std::string& prefix, const Case& c) {
  std::vector<std::unique_ptr<ChipBench>> list;
  for (const Detail detail : {Detail::event, Detail::clocked}) {
    ChipConfig config = c.chip;
    config.detail = detail;
    LayerSettings layer = c.layer;
    layer.values = false;
    list.push_back(std::make_unique<ChipBench>(prefix + (detail == Detail::event ? "e" : "c"), config,
                                               std::vector{make_layer(c.inputs, c.outputs, layer)}));
    list.back()->add(0, c.products, c.planes);
  }
  return list;
}

// The last of the products, from the edge at which the controller has the turn.
TEST(Latency, OfAProductIsTheDocumentedOne) {
  std::vector<std::pair<std::unique_ptr<ChipBench>, ::test::TableRow>> all;
  const auto rows = ::test::read_table(kReadme, "sme latencies");
  for (const auto& row : rows) {
    for (auto& bench : benches("t" + std::to_string(all.size()), case_of(row.settings("product")))) {
      all.emplace_back(std::move(bench), row);
    }
  }
  EXPECT_GE(rows.size(), 25u);
  sc_core::sc_start();
  for (const auto& [bench, row] : all) {
    SCOPED_TRACE(row.cells.at("product"));
    bench->failure.rethrow();
    ASSERT_FALSE(bench->script.products.empty());
    ASSERT_EQ(bench->script.begins.at(0).cycle, 1u);
    EXPECT_EQ(bench->script.products.back().cycle, 1 + row.number("latency"));
  }
}

// What the loosely timed chip takes a product to last is the same table, but for products under way together.
TEST(Latency, ClosedFormOfAProductIsTheDocumentedOne) {
  std::size_t rows = 0;
  for (const auto& row : ::test::read_table(kReadme, "sme latencies")) {
    Case c = case_of(row.settings("product"));
    if (c.products > 1) continue;
    SCOPED_TRACE(row.cells.at("product"));
    c.layer.values = false;
    ChipBench bench("f" + std::to_string(rows++), c.chip, {make_layer(c.inputs, c.outputs, c.layer)});
    const LayerWork* work = bench.chip.work(0, c.planes, 0, c.layer.input_bits);
    ASSERT_NE(work, nullptr);
    EXPECT_EQ(product_cycles(*work, c.chip), row.number("latency"));
  }
  EXPECT_GE(rows, 25u);
}

// Larger layers, several tiles a CU, several banks: arbitration differs, and not by much.
TEST(Latency, ClosedFormIsNearTheEventsWhereBusesAreShared) {
  std::vector<std::unique_ptr<ChipBench>> list;
  for (const PlacementKind placement : {PlacementKind::per_tile, PlacementKind::dense}) {
    for (const unsigned units : {4u, 12u}) {
      for (const std::uint32_t size : {300u, 900u}) {
        Case c;
        c.chip.banks = 64;
        c.chip.units = units;
        c.chip.placement = placement;
        c.layer.values = false;
        list.push_back(std::make_unique<ChipBench>("n" + std::to_string(list.size()), c.chip,
                                                   std::vector{make_layer(size, 2 * size, c.layer)}));
        list.back()->add(0, 1);
      }
    }
  }
  sc_core::sc_start();
  for (const auto& bench : list) {
    const auto cycles = static_cast<double>(bench->script.products.at(0).cycle - 1);
    const LayerWork* work = bench->chip.work(0, 0, 0, bench->chip.layer(0).settings().input_bits);
    EXPECT_NEAR(static_cast<double>(product_cycles(*work, bench->chip.config())), cycles, 0.02 * cycles);
  }
}

// ADC rates and columns: whole conversions within the cycles, not one cycle less.
TEST(Conversion, IsRoundedUpOnceAWalk) {
  UnitTiming t;
  EXPECT_EQ(t.conversion(128), 107u);  // 106.67
  EXPECT_EQ(t.conversion(6), 5u);      // 5 exactly
  EXPECT_EQ(t.conversion(1), 1u);
  EXPECT_EQ(t.conversion(7), 6u);
  for (unsigned columns = 1; columns <= 512; ++columns) {
    for (const std::uint64_t khz : {1u, 333'333u, 999'999u, 1'000'000u, 1'200'000u, 7'000'001u}) {
      t.adc_khz = khz;
      const Cycle c = t.conversion(columns);
      EXPECT_GE(c * khz, columns * t.clock_khz);
      EXPECT_LT((c - 1) * khz, columns * t.clock_khz);
    }
  }
}

// The bus is free again behind the last beat: of two units that ask in the same cycle, the second waits for
// the first one's beats, and not longer.
TEST(Arbitration, TheSecondWaitsForTheBeatsOfTheFirst) {
  std::vector<std::unique_ptr<ChipBench>> list;
  for (const unsigned width : {4u, 32u, 128u}) {
    Case c;
    c.chip.banks = 1;
    c.chip.bus_bytes = width;
    c.outputs = 256;  // two tiles, two CUs, the same inputs
    for (auto& bench : benches("b" + std::to_string(width), c)) list.push_back(std::move(bench));
  }
  sc_core::sc_start();
  for (const auto& bench : list) {
    const BankStats& stats = bench->chip.bank(0).core().stats();
    const Cycle inputs = ChipConfig::beats(128, bench->chip.config().bus_bytes);
    const Cycle results = ChipConfig::beats(512, bench->chip.config().bus_bytes);
    EXPECT_EQ(stats.bus_busy.value(), 2 * inputs + 2 * results);
    // Inputs: both ask at once. Results: the second is done `inputs` cycles later.
    const Cycle wait = results > inputs ? results - inputs : 0;
    EXPECT_EQ(stats.bus_wait.value(), inputs + wait);
  }
}

}  // namespace
}  // namespace sme::test
