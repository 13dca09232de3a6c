// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include "models/allmod/function/cost.h"

namespace allmod {

// A design to hold any other against, at the same modulus length.
struct EndPoint {
  std::string name;
  std::string what;  // its parameters
  Cost cost;
};

// All-LUT and pure iterative, both one operand a cycle, with the design's r, rho and segment; pure iterative
// on one subtractor stage of r steps; and one time-multiplexed deep table with one adder. Where a table width
// is free it is the one with the least scalar_luts(); widths whose table has more than 2^22 words are not
// tried. An end point that cannot be built with the design's segment is left out.
std::vector<EndPoint> end_points(const Design& design, const CostOptions& options);

// Closed formulas of two folded reducers. Both overlap their phases: an operand enters while the one before
// it is corrected.

// Restoring only: 2n-bit register, `u` conditional subtractions a cycle.
// ii = ceil((n+1)/u), latency = 1 + ii.
Cost folded_iterative(unsigned n, unsigned u, const CostOptions& options);

// All-LUT through one memory of all groups of w bits: ceil(n/w) look-ups one after the other, one accumulator
// which starts with the low n bits, then J = bitlen(groups + 1) restoring steps, `u` a cycle, on a stage of
// their own. cc = ceil(n/w): ii = max(cc, ceil(J/u)), latency = 1 + (cc + 1) + ceil(J/u).
Cost deep_rom_lane(unsigned n, unsigned w, unsigned u, const CostOptions& options);

}  // namespace allmod
