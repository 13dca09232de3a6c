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

// All-LUT and pure iterative, both one operand a cycle, with the design's r, rho and segment where its form
// has them; folded_iterative() with its u, or u = r; deep_rom_lane(); and beside a serial hybrid the same
// lanes with m = 0. Where a table width is free it is the one with the least scalar_luts(); widths whose
// table has more than 2^22 words are not tried. An end point that cannot be built with the design's segment
// is left out.
std::vector<EndPoint> end_points(const Design& design, const CostOptions& options);

// Form::iterative with `u` conditional subtractions a cycle. ii = ceil((n+1)/u), latency = ii + 2.
Cost folded_iterative(unsigned n, unsigned u, const CostOptions& options);

// Form::serial with m = p = 0 and one memory of all groups of w bits, u conditional subtractions a cycle.
// cc = ceil(n/w), J = bitlen(cc + 1): ii = max(cc, ceil(J/u)), latency = cc + ceil(J/u) + 3.
Cost deep_rom_lane(unsigned n, unsigned w, unsigned u, const CostOptions& options);

}  // namespace allmod
