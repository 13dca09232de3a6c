// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <limits>

namespace allmod {

// What the cost model knows about an FPGA family; the defaults are 7-series. Settings of section cost.device
// carry the same numbers with their sources.
struct Device {
  double adder_ns = 1.39;        // register, one addition of no bits, register
  double subtraction_ns = 3.54;  // the same for a conditional subtraction: subtract, see the sign, select
  double carry_ns_per_bit = 0.0285;
  double lut_level_ns = 0.6;  // one more level of LUTs on a path, wire included
  double bram_ns = 2.0;       // a block RAM's clock-to-output time over a flip-flop's
  unsigned step_sites = 2;    // kappa: LUT sites a bit of a conditional subtraction
  bool dual_output = true;    // two table bits share a LUT where the address has at most 5 bits
  unsigned srl_min = 3;       // shortest delay that shift-register LUTs take; kNoSrl: none
  unsigned srl_depth = 32;    // cycles that one of them delays
  double bram36_luts = 547;   // LUTs that one RAMB36 is worth, where a single number is wanted
};

constexpr unsigned kNoSrl = std::numeric_limits<unsigned>::max();

}  // namespace allmod
