// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/rom.h"

#include <gtest/gtest.h>

namespace allmod {
namespace {

TEST(Rom, MultiplexersByHand) {
  EXPECT_EQ(mux_sites(1), 0u);
  EXPECT_EQ(mux_sites(2), 1u);
  EXPECT_EQ(mux_sites(4), 1u);               // one LUT6: 4 data, 2 select
  EXPECT_EQ(mux_sites(8), 2u);               // two of them and F7
  EXPECT_EQ(mux_sites(16), 4u);              // four, F7, F8
  EXPECT_EQ(mux_sites(17), 5u);              // 16:1, and 2:1 with the 17th
  EXPECT_EQ(mux_sites(37), 4u + 4 + 2 + 1);  // 16, 16, 5; then 3:1
  EXPECT_EQ(mux_levels(16), 1u);
  EXPECT_EQ(mux_levels(37), 2u);
}

TEST(Rom, LutTablesByHand) {
  Device device;
  EXPECT_EQ(lut_rom(64, 128, device).lut_sites, 128u);  // a LUT6 a bit
  EXPECT_EQ(lut_rom(48, 128, device).lut_sites, 128u);
  EXPECT_EQ(lut_rom(32, 128, device).lut_sites, 64u);               // two bits a LUT
  EXPECT_EQ(lut_rom(16, 7, device).lut_sites, 4u);                  // ceil(7 / 2)
  EXPECT_EQ(lut_rom(128, 128, device).lut_sites, 2 * 128u);         // F7
  EXPECT_EQ(lut_rom(256, 128, device).lut_sites, 4 * 128u);         // F8
  EXPECT_EQ(lut_rom(512, 10, device).lut_sites, 10 * (8 + 1u));     // 2:1
  EXPECT_EQ(lut_rom(2048, 10, device).lut_sites, 10 * (32 + 2u));   // 8:1
  EXPECT_EQ(lut_rom(4096, 10, device).lut_sites, 10 * (64 + 4u));   // 16:1
  EXPECT_EQ(lut_rom(8192, 10, device).lut_sites, 10 * (128 + 9u));  // two 16:1 and a 2:1
  EXPECT_EQ(lut_rom(256, 1, device).levels, 1u);
  EXPECT_EQ(lut_rom(512, 1, device).levels, 2u);
  EXPECT_EQ(lut_rom(0, 8, device).lut_sites, 0u);
  device.dual_output = false;
  EXPECT_EQ(lut_rom(32, 128, device).lut_sites, 128u);
}

TEST(Rom, BlockRamByHand) {
  EXPECT_EQ(bram_rom(512, 72).bram18, 2u);
  EXPECT_EQ(bram_rom(512, 36).bram18, 1u);
  EXPECT_EQ(bram_rom(512, 100).bram18, 3u);    // 72 + 28: a RAMB36 and a half
  EXPECT_EQ(bram_rom(64, 128).bram18, 4u);     // depth wasted: 72 + 56 = 2 + 2 halves
  EXPECT_EQ(bram_rom(1024, 128).bram18, 8u);   // 3 x 36 + 20 > 18
  EXPECT_EQ(bram_rom(2048, 128).bram18, 15u);  // 7 x 18 + 2
  EXPECT_EQ(bram_rom(4096, 64).bram18, 15u);   // 7 x 9 + 1 <= 4
  EXPECT_EQ(bram_rom(4096, 36).bram18, 8u);
  const RomCost banks = bram_rom(8192, 36);  // two banks of 4K, 2:1 behind them
  EXPECT_EQ(banks.bram18, 16u);
  EXPECT_EQ(banks.lut_sites, 36u);
  EXPECT_EQ(banks.levels, 1u);
  EXPECT_EQ(bram_rom(4096 + 512, 36).bram18, 8u + 1);  // a shallow last bank
  EXPECT_TRUE(banks.in_bram);
}

TEST(Rom, AutomaticTakesTheCheaper) {
  const Device device;  // 547 LUTs a RAMB36
  // 256 x 72: 4 * 72 = 288 LUTs against one RAMB36; 512 x 72: 9 * 72 = 648.
  EXPECT_FALSE(rom(256, 72, RomStyle::automatic, device).in_bram);
  EXPECT_TRUE(rom(512, 72, RomStyle::automatic, device).in_bram);
  EXPECT_TRUE(rom(2, 1, RomStyle::bram, device).in_bram);
  EXPECT_FALSE(rom(1 << 16, 8, RomStyle::lut, device).in_bram);
  Device dear = device;
  dear.bram36_luts = 649;
  EXPECT_FALSE(rom(512, 72, RomStyle::automatic, dear).in_bram);
}

TEST(Rom, NeverShrinksWithDepthOrWidth) {
  const Device device;
  for (const RomStyle style : {RomStyle::lut, RomStyle::bram}) {
    for (std::uint64_t depth = 1; depth < 20000; depth = depth * 5 / 4 + 1) {
      for (std::uint64_t width = 1; width < 300; width = width * 4 / 3 + 1) {
        const RomCost at = rom(depth, width, style, device);
        const RomCost wider = rom(depth, width + 1, style, device);
        EXPECT_GE(wider.lut_sites, at.lut_sites);
        EXPECT_GE(wider.bram18, at.bram18);
        const RomCost deeper = rom(depth + 1, width, style, device);
        EXPECT_GE(deeper.bram18, at.bram18) << depth << " x " << width;
        EXPECT_GE(deeper.lut_sites, at.lut_sites) << depth << " x " << width;
      }
    }
  }
}

}  // namespace
}  // namespace allmod
