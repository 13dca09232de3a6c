// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/placement.h"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "models/sme/function/mapping.h"
#include "models/sme/function/networks.h"
#include "models/sme/function/quantizer.h"
#include "sim/core/error.h"

namespace sme {
namespace {

LayerMap map_of(std::uint32_t inputs, std::uint32_t outputs, SignMode sign, unsigned degree,
                bool packing = false) {
  WeightMatrix w;
  w.name = "w";
  w.inputs = inputs;
  w.outputs = outputs;
  fill_synthetic(w, WeightLaw::gaussian, 1, 3);
  MappingSettings m;
  m.sign = sign;
  m.squeeze_degree = degree;
  m.pack_narrow = packing;
  return map_layer(make_quantizer({})->quantize(w), m);
}

ChipConfig chip(PlacementKind kind, unsigned banks) {
  ChipConfig c;
  c.banks = banks;
  c.units = 4;
  c.placement = kind;
  return c;
}

// Every crossbar of every tile is in exactly one CU of one round, no CU holds more than it can.
void expect_complete(const std::vector<const LayerMap*>& maps, const ChipConfig& c,
                     const Placement& placement) {
  std::map<std::tuple<std::uint32_t, std::uint32_t, unsigned>, std::uint32_t> seen;
  std::uint64_t crossbars = 0;
  for (const Round& round : placement.rounds) {
    std::map<std::uint32_t, unsigned> filled;
    for (const Part& part : round.parts) {
      EXPECT_LT(part.unit, c.banks * c.units);
      EXPECT_NE(part.mask, 0u);
      std::uint32_t& mask = seen[{part.layer, part.slot, part.set}];
      EXPECT_EQ(mask & part.mask, 0u);
      mask |= part.mask;
      filled[part.unit] += static_cast<unsigned>(__builtin_popcount(part.mask));
      crossbars += static_cast<unsigned>(__builtin_popcount(part.mask));
    }
    for (const auto& [unit, count] : filled) EXPECT_LE(count, c.crossbars) << unit;
  }
  EXPECT_EQ(crossbars, placement.crossbars);
  std::uint64_t wanted = 0;
  for (const LayerMap* map : maps) wanted += map->crossbars;
  EXPECT_EQ(crossbars, wanted);
}

TEST(Placement, HoldsEveryCrossbarOnce) {
  for (const SignMode sign : {SignMode::magnitude, SignMode::differential}) {
    for (const unsigned degree : {0u, 2u}) {
      for (const bool packing : {false, true}) {
        const LayerMap a = map_of(300, 200, sign, degree, packing),
                       b = map_of(128, 16, sign, degree, packing);
        const std::vector<const LayerMap*> maps = {&a, &b};
        for (const PlacementKind kind : {PlacementKind::automatic, PlacementKind::per_tile,
                                         PlacementKind::whole, PlacementKind::dense}) {
          for (const unsigned banks : {1u, 3u, 8u}) {
            const ChipConfig c = chip(kind, banks);
            expect_complete(maps, c, place(maps, c));
          }
        }
      }
    }
  }
}

TEST(Placement, AutomaticSharesNoMoreThanItMust) {
  const LayerMap a = map_of(256, 256, SignMode::magnitude, 2);  // 4 tiles of 6 crossbars
  const std::vector<const LayerMap*> maps = {&a};
  ASSERT_EQ(a.crossbars, 24u);
  ChipConfig c = chip(PlacementKind::automatic, 1);
  EXPECT_EQ(place(maps, c).kind, PlacementKind::per_tile);
  c.units = 3;
  const Placement dense = place(maps, c);
  EXPECT_EQ(dense.kind, PlacementKind::dense);
  EXPECT_EQ(dense.rounds.size(), 1u);
  c.units = 2;
  EXPECT_EQ(place(maps, c).rounds.size(), 2u);
  c.units = 2;
  c.crossbars = 12;
  EXPECT_EQ(place(maps, c).kind, PlacementKind::whole);
}

TEST(Placement, RefusesATileThatNoChipHolds) {
  const LayerMap a = map_of(100, 100, SignMode::magnitude, 0);
  ChipConfig c = chip(PlacementKind::dense, 1);
  c.units = 1;
  c.crossbars = 7;
  EXPECT_THROW(place({&a}, c), sim::Error);
}

// Sums meet in one home; every tile, part and input is in the work once.
TEST(Work, AddsUp) {
  for (const BankOrder order : {BankOrder::packed, BankOrder::spread}) {
    for (const PlacementKind kind : {PlacementKind::per_tile, PlacementKind::dense}) {
      const LayerMap a = map_of(700, 300, SignMode::differential, 1);
      const std::vector<const LayerMap*> maps = {&a};
      ChipConfig c = chip(kind, 16);
      c.bank_order = order;
      const Placement placement = place(maps, c);
      ASSERT_EQ(placement.rounds.size(), 1u);
      LayerWork work;
      ASSERT_TRUE(build_work(maps, 0, placement.rounds[0], 0, c, 8, work));
      EXPECT_EQ(work.blocks, 3u);
      std::uint64_t crossbars = 0;
      std::map<std::uint32_t, unsigned> homes, foreign, contributors;
      for (const BankWork& bank : work.banks) {
        std::vector<unsigned> local(bank.blocks.size());
        for (const TileOp& op : bank.ops) {
          crossbars += op.crossbars;
          ++local[op.block];
          EXPECT_EQ(op.input_cycles, 8 + a.tiles[op.tile].degree);
        }
        for (std::size_t i = 0; i < bank.blocks.size(); ++i) {
          const BlockWork& block = bank.blocks[i];
          EXPECT_EQ(block.local, local[i]);
          ++contributors[block.block];
          if (block.home) {
            ++homes[block.block];
            foreign[block.block] = block.foreign;
            EXPECT_EQ(block.home_bank, bank.bank);
          }
        }
      }
      EXPECT_EQ(crossbars, a.crossbars);
      for (std::uint32_t b = 0; b < 3; ++b) {
        EXPECT_EQ(homes[b], 1u);
        EXPECT_EQ(foreign[b] + 1, contributors[b]);
      }
      // Fewer planes: those crossbars only, squeezed tiles one more.
      LayerWork few;
      ASSERT_TRUE(build_work(maps, 0, placement.rounds[0], 3, c, 8, few));
      for (const BankWork& bank : few.banks) {
        for (const TileOp& op : bank.ops) EXPECT_EQ(op.crossbar_mask >> (3 + a.tiles[op.tile].degree), 0u);
      }
    }
  }
}

}  // namespace
}  // namespace sme
