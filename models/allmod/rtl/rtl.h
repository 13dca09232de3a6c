// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/allmod/function/cost.h"
#include "models/allmod/function/datapath.h"
#include "models/allmod/function/tables.h"

namespace allmod {

struct RtlOptions {
  bool elastic = true;                 // stall policy; false: global
  RomStyle rom = RomStyle::automatic;  // where synthesis shall put the tables
  Device device;                       // prices of the resource estimate and of RomStyle::automatic
  unsigned vectors = 1000;             // operands of the self-checking bench, the adversarial ones first
  std::uint64_t seed = 1;              // of the random ones
  std::string version;                 // of the program, for the headers
};

struct RtlFile {
  std::string path;  // relative, '/' between folders
  std::string text;
};

// Why this design cannot be written as RTL, naming the parameter and the remedy; empty if it can.
std::string rtl_refusal(const Design& design);

// One lane of the reducer in Verilog-2005, with the contents of its tables for the modulus, a self-checking
// bench with operands and results from the function library, a Makefile (targets lint, icarus, verilator)
// and the resource estimate. Ports: clk, rst (synchronous, active high), in_valid, in_ready, in_data [2n],
// out_valid, out_ready, out_data [n]; transfers at rising edges at which valid and ready are high. Every
// output is the same in every cycle as that of the SystemC unit's pins (PinAdaptor).
// Throws sim::Error(Exit::usage) with rtl_refusal()'s text. The tables must be built.
std::vector<RtlFile> rtl_files(const Tables& tables, const RtlOptions& options);

}  // namespace allmod
