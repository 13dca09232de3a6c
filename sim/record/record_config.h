// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include "sim/core/units.h"

namespace sim::config {
class Visitor;
}

namespace sim::record {

// What a run records. Everything is off by default: recordings are large and slow the simulation down.
// The window is from_cycle <= cycle < to_cycle. Globs: * any text (also across / and .), ? one character,
// [a-c] a class; an empty list selects everything.
struct RecordConfig {
  bool perfetto = false;  // timeline.json
  bool vcd = false;       // waves.vcd
  bool fst = true;        // also waves.fst, when vcd is on and vcd2fst is installed
  bool clock = false;     // a signal `clk` in waves.vcd: two changes for every cycle of the window
  Cycle from_cycle = 0;
  Cycle to_cycle = kNever;
  std::vector<std::string> tracks;   // globs on the paths of tracks, for timeline.json
  std::vector<std::string> signals;  // globs on the paths of signals, for waves.vcd

  void fields(config::Visitor& visitor);
};

}  // namespace sim::record
