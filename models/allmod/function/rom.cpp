// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/rom.h"

#include <algorithm>
#include <iterator>

#include "sim/core/ceil_div.h"

namespace allmod {

namespace {

using sim::ceil_div;

struct Aspect {
  std::uint64_t depth, whole, half;  // bits of a word
};
constexpr Aspect kAspects[] = {{512, 72, 36}, {1024, 36, 18}, {2048, 18, 9}, {4096, 9, 4}};

// Halves for at most 4K words. Columns of whole RAMB36, and the columns that are left in halves.
std::uint64_t one_bank(std::uint64_t depth, std::uint64_t width) {
  const auto* aspect = std::find_if(std::begin(kAspects), std::end(kAspects),
                                    [depth](const Aspect& a) { return depth <= a.depth; });
  const std::uint64_t whole = width / aspect->whole;
  const std::uint64_t left = width % aspect->whole;
  return 2 * whole + std::min<std::uint64_t>(2, ceil_div(left, aspect->half));
}

}  // namespace

std::uint64_t mux_sites(std::uint64_t ways) {
  if (ways <= 1) return 0;
  if (ways <= 4) return 1;
  if (ways <= 8) return 2;
  if (ways <= 16) return 4;
  const std::uint64_t whole = ways / 16;
  const std::uint64_t left = ways % 16;
  return 4 * whole + mux_sites(left) + mux_sites(whole + (left > 0));
}

unsigned mux_levels(std::uint64_t ways) {
  if (ways <= 1) return 0;
  return ways <= 16 ? 1 : 1 + mux_levels(ceil_div(ways, 16));
}

RomCost lut_rom(std::uint64_t depth, std::uint64_t width, const Device& device) {
  RomCost cost;
  if (depth == 0 || width == 0) return cost;
  cost.levels = 1 + mux_levels(ceil_div(depth, 256));
  cost.lut_sites = depth <= 32 && device.dual_output
                       ? ceil_div(width, 2)
                       : width * (ceil_div(depth, 64) + mux_sites(ceil_div(depth, 256)));
  return cost;
}

RomCost bram_rom(std::uint64_t depth, std::uint64_t width) {
  constexpr std::uint64_t kBank = 4096;
  RomCost cost;
  if (depth == 0 || width == 0) return cost;
  cost.in_bram = true;
  const std::uint64_t whole = depth / kBank;
  const std::uint64_t left = depth % kBank;
  cost.bram18 = whole * one_bank(kBank, width) + (left > 0 ? one_bank(left, width) : 0);
  const std::uint64_t banks = whole + (left > 0);
  cost.lut_sites = width * mux_sites(banks);
  cost.levels = mux_levels(banks);
  return cost;
}

RomCost rom(std::uint64_t depth, std::uint64_t width, RomStyle style, const Device& device) {
  const RomCost in_luts = lut_rom(depth, width, device);
  if (style == RomStyle::lut) return in_luts;
  const RomCost in_bram = bram_rom(depth, width);
  if (style == RomStyle::bram) return in_bram;
  const double price =
      static_cast<double>(in_bram.lut_sites) + device.bram36_luts * static_cast<double>(in_bram.bram18) / 2;
  return static_cast<double>(in_luts.lut_sites) <= price ? in_luts : in_bram;
}

}  // namespace allmod
