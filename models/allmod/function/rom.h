// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// How a table of `depth` words of `width` bits is packed into an FPGA's memories.
#pragma once

#include <cstdint>

#include "models/allmod/function/device.h"

namespace allmod {

enum class RomStyle {
  automatic,  // the cheaper one at Device::bram36_luts LUTs a RAMB36
  lut,
  bram,
};

struct RomCost {
  std::uint64_t lut_sites = 0;  // the table itself, or the multiplexer behind the banks of block RAM
  std::uint64_t bram18 = 0;     // halves of a RAMB36
  unsigned levels = 0;          // LUT levels: of the table, or behind the block RAM
  bool in_bram = false;         // then its output register comes with the memory
};

// LUT sites a bit of a multiplexer with `ways` inputs: 4 a LUT6, 8 in two and 16 in four (F7 and F8 are
// free), above that 16 at a time.
std::uint64_t mux_sites(std::uint64_t ways);
// LUT levels of the same.
unsigned mux_levels(std::uint64_t ways);

// 64 words a LUT6 and bit (32 words: half of one, with Device::dual_output); up to 256 words the F7 and F8
// multiplexers of the slice join them free, more need mux_sites().
RomCost lut_rom(std::uint64_t depth, std::uint64_t width, const Device& device);

// RAMB36 as 512x72, 1Kx36, 2Kx18 or 4Kx9, or halves of it (512x36, 1Kx18, 2Kx9, 4Kx4), in the mix that takes
// the fewest halves; above 4K words in banks with a multiplexer behind them.
RomCost bram_rom(std::uint64_t depth, std::uint64_t width);

RomCost rom(std::uint64_t depth, std::uint64_t width, RomStyle style, const Device& device);

}  // namespace allmod
