// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What must hold of a chip whatever it computes: the same cycles at every level of detail and in every order
// of evaluation, nothing lost, nothing counted twice.
#include <memory>
#include <numeric>

#include <gtest/gtest.h>

#include "tests/support/sme_bench.h"

namespace sme::test {
namespace {

// A random small chip with layers of random shapes.
struct Draw {
  explicit Draw(std::uint64_t seed) : random(seed) {
    const auto pick = [this](std::initializer_list<unsigned> list) {
      return list.begin()[random() % list.size()];
    };
    chip.banks = pick({1, 2, 3, 5});
    chip.units = pick({1, 2, 4});
    chip.crossbars = pick({4, 8});
    if (chip.capacity() < 8) chip.units = 2;  // a tile has up to 8
    chip.unit.read = pick({1, 7, 40});
    chip.unit.pipelined = random() % 4 != 0;
    chip.unit.adc_khz = pick({300'000, 1'200'000, 3'000'000});
    chip.unit.input_registers = pick({1, 2, 3});
    chip.unit.output_registers = pick({1, 2, 3});
    chip.unit.convert_inputs = pick({0, 1, 9});
    chip.unit.shift = pick({0, 1, 3});
    chip.unit.output_register = pick({0, 1});
    chip.bus_bytes = pick({1, 4, 32});
    chip.bus_arbitration = pick({1, 2});
    chip.edram_read = pick({0, 2});
    chip.partial_add = pick({0, 1, 5});
    chip.activation_lanes = pick({1, 16});
    chip.pooling_latency = pick({0, 1});
    chip.chip_bus_bytes = pick({2, 16, 64});
    chip.window = pick({1, 2, 4});
    chip.arbiter = static_cast<ArbiterKind>(random() % 3);
    chip.schedule = static_cast<ScheduleKind>(random() % 2);
    chip.placement = static_cast<PlacementKind>(random() % 4);
    chip.bank_order = static_cast<BankOrder>(random() % 2);
    chip.write_row = 3;
    const unsigned count = pick({1, 2, 3});
    for (unsigned i = 0; i < count; ++i) {
      LayerSettings s = magnitude(pick({0, 1, 2}));
      s.mapping.sign = random() % 2 ? SignMode::differential : SignMode::magnitude;
      s.mapping.crossbar.rows = s.mapping.crossbar.cols = 32;
      s.input_bits = pick({4, 8});
      s.values = false;
      layers.push_back(make_layer(pick({5, 32, 70}), pick({3, 32, 50}), s, random()));
      passes.push_back({pick({1, 2, 5}), pick({0, 0, 3})});
    }
  }
  std::unique_ptr<ChipBench> bench(const std::string& name, Detail detail, std::uint64_t shuffle) {
    ChipConfig config = chip;
    config.detail = detail;
    auto b = std::make_unique<ChipBench>(name, config, layers);
    for (unsigned repeat = 0; repeat < 2; ++repeat) {
      for (std::uint32_t l = 0; l < layers.size(); ++l) b->add(l, passes[l].first, passes[l].second, l > 0);
    }
    b->chip.domain().shuffle(shuffle);
    return b;
  }
  std::mt19937_64 random;
  ChipConfig chip;
  std::vector<std::shared_ptr<const Layer>> layers;
  std::vector<std::pair<unsigned, unsigned>> passes;  // products, planes
};

class Levels : public testing::TestWithParam<unsigned> {};

TEST_P(Levels, AndOrdersGiveTheSameCycles) {
  std::vector<std::vector<std::unique_ptr<ChipBench>>> groups;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    Draw draw(1000 * GetParam() + seed);
    const std::string name = "s" + std::to_string(seed);
    std::vector<std::unique_ptr<ChipBench>> group;
    group.push_back(draw.bench(name + "a", Detail::event, 0));
    group.push_back(draw.bench(name + "b", Detail::event, 7 * seed));
    group.push_back(draw.bench(name + "c", Detail::clocked, 0));
    group.push_back(draw.bench(name + "d", Detail::clocked, 5 * seed + 1));
    groups.push_back(std::move(group));
  }
  sc_core::sc_start();
  for (const auto& group : groups) {
    const ChipBench& first = *group.front();
    SCOPED_TRACE(first.stats.name());
    std::uint64_t products = 0;
    for (const auto& bench : group) {
      bench->failure.rethrow();
      EXPECT_TRUE(bench->chip.controller().exhausted());
      EXPECT_EQ(bench->script.products, first.script.products);
      EXPECT_EQ(bench->script.begins, first.script.begins);
      EXPECT_EQ(bench->script.ends, first.script.ends);
      for (unsigned b = 0; b < first.chip.config().banks; ++b) {
        const BankCore& core = bench->chip.bank(b).core();
        const BankStats &got = core.stats(), &want = first.chip.bank(b).core().stats();
        EXPECT_EQ(got.products.value(), want.products.value());
        EXPECT_EQ(got.bus_busy.value(), want.bus_busy.value());
        EXPECT_EQ(got.bus_wait.value(), want.bus_wait.value());
        EXPECT_EQ(got.adc_busy.value(), want.adc_busy.value());
        EXPECT_EQ(got.result_stall.value(), want.result_stall.value());
        EXPECT_EQ(got.edram_peak.value(), want.edram_peak.value());
        // Nothing is left behind.
        EXPECT_EQ(core.in_flight(), 0u);
        EXPECT_EQ(core.edram_used(), 0u);
        EXPECT_EQ(got.loads.value(), got.products.value());
        EXPECT_EQ(got.results.value(), got.products.value());
      }
      // What the units counted is what the work says.
      for (std::uint32_t l = 0; l < first.chip.maps().size(); ++l) {
        for (const LayerWork* work : bench->chip.works(l)) {
          Activity expected;
          expected.add(bench->chip.expected(*work), work->products);
          EXPECT_EQ(bench->chip.counted(*work).events, expected.events);
          products += work->products;
        }
      }
    }
    EXPECT_GT(products, 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Levels, testing::Range(0u, 5u));

// A chip with nothing to do schedules no edge.
TEST(Idle, CostsNothing) {
  ChipConfig config;
  ChipBench bench("idle", config, {make_layer(64, 64)});
  sc_core::sc_start();
  EXPECT_LE(bench.chip.domain().edges(), 1u);
}

// Banks that take no part in a layer are not evaluated.
TEST(Idle, BanksSleep) {
  ChipConfig config;
  ChipBench bench("sleep", config, {make_layer(128, 128, magnitude())});
  bench.add(0, 10);
  sc_core::sc_start();
  EXPECT_EQ(bench.script.products.size(), 10u);
  EXPECT_LT(bench.chip.domain().evaluations(), 400u);  // of 9,800 cycles
}

// Weights that do not fit are written again, and the writing takes its time.
TEST(Reload, IsPartOfTheRun) {
  ChipConfig config;
  config.banks = 1;
  config.units = 1;
  config.write_row = 10;
  config.writers = 8;
  ChipBench bench("reload", config,
                  {make_layer(128, 128, magnitude(), 1), make_layer(128, 128, magnitude(), 2)});
  ASSERT_EQ(bench.chip.placement().rounds.size(), 2u);
  bench.add(0, 1);
  bench.add(1, 1);
  bench.add(0, 1);
  sc_core::sc_start();
  bench.failure.rethrow();
  ASSERT_EQ(bench.script.ends.size(), 6u);  // each behind its writing
  EXPECT_EQ(bench.chip.bank(0).core().stats().write_busy.value(), 3 * 128 * 10u);
  for (std::size_t i = 0; i < 6; i += 2) {
    // 8 crossbars of 2 KB over a bus of 64 bytes, 128 rows of 10 cycles, and the way to the bank and back.
    EXPECT_EQ(bench.script.ends[i].cycle - bench.script.begins[i].cycle, 1 + 256 + 1280 + 1u);
  }
}

// INT4 drives the planes it needs: as many cycles, fewer conversions.
TEST(Planes, FewerDrivenTakeLessEnergy) {
  ChipConfig config;
  config.banks = 1;
  ChipBench bench("planes", config, {make_layer(128, 128, magnitude())});
  bench.add(0, 1);
  bench.add(0, 1, 3);
  sc_core::sc_start();
  ASSERT_EQ(bench.script.ends.size(), 2u);
  EXPECT_EQ(bench.script.ends[0].cycle - bench.script.begins[0].cycle,
            bench.script.ends[1].cycle - bench.script.begins[1].cycle);
  const auto works = bench.chip.works(0);
  ASSERT_EQ(works.size(), 2u);
  EXPECT_EQ(bench.chip.counted(*works[0])[Component::adc], 8u * 8 * 128);
  EXPECT_EQ(bench.chip.counted(*works[1])[Component::adc], 3u * 8 * 128);
}

}  // namespace
}  // namespace sme::test
