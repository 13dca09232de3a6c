// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/record/record_config.h"

#include "sim/config/visitor.h"

namespace sim::record {

void RecordConfig::fields(config::Visitor& visitor) {
  using config::Meta;
  visitor.field("perfetto", perfetto, Meta("", "write timeline.json, for ui.perfetto.dev"));
  visitor.field("vcd", vcd, Meta("", "write waves.vcd, for waveform viewers"));
  visitor.field("fst", fst, Meta("", "with vcd: also write waves.fst, if vcd2fst is installed"));
  visitor.field("clock", clock,
                Meta("", "with vcd: a signal clk, two changes for every cycle of the window"));
  visitor.field("from_cycle", from_cycle, Meta("cycle", "first cycle recorded"));
  // In the file the open end is a word; in the program it is kNever.
  config::Auto<Cycle> end;
  if (to_cycle != kNever) end.value = to_cycle;
  visitor.field("to_cycle", end, Meta("cycle", "first cycle no longer recorded").word("end"));
  to_cycle = end.value_or(kNever);
  visitor.field("tracks", tracks,
                Meta("", "tracks of timeline.json that are recorded, as globs (unit/lane*); none: all"));
  visitor.field("signals", signals,
                Meta("", "signals of waves.vcd that are recorded, as globs (lane*.out_valid); none: all"));
}

}  // namespace sim::record
