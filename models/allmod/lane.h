// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <string>

#include "models/allmod/flow.h"
#include "models/allmod/function/datapath.h"
#include "models/allmod/function/evaluate.h"
#include "models/allmod/function/tables.h"
#include "models/allmod/stream.h"
#include "sim/core/units.h"
#include "sim/record/recorder.h"
#include "sim/stats/stat.h"

namespace allmod {

// What a lane counts; the same numbers at every level of detail.
struct LaneStats {
  LaneStats(sim::stats::Group& parent, std::size_t index)
      : group(parent, "lane", index),
        accepted(group, "accepted", "operand", "operands taken from the source"),
        retired(group, "retired", "result", "results handed to the sink"),
        input_stall(group, "input_stall", "cycle", "cycles in which an operand was valid but not accepted"),
        output_stall(group, "output_stall", "cycle", "cycles in which a result was valid but not taken"),
        latency(group, "latency", "cycle", "cycles from accepting an operand to delivering its result") {}

  sim::stats::Group group;
  sim::stats::Counter accepted;
  sim::stats::Counter retired;
  sim::stats::Counter input_stall;
  sim::stats::Counter output_stall;
  sim::stats::Histogram latency;
};

// The stages of a data path as a flow sees them.
inline FlowShape flow_shape(const Datapath& datapath) {
  FlowShape shape;
  shape.stages = static_cast<unsigned>(datapath.stages().size());
  for (unsigned s = 0; s < shape.stages; ++s) {
    if (datapath.stages()[s].cycles > 1) shape.slow.push_back({s, datapath.stages()[s].cycles});
  }
  return shape;
}

// One reducer: operands in, results out, in order. Implementations differ in how much they evaluate, not in
// any observable cycle: EventLane (detail: event) and ClockedLane (detail: clocked).
class Lane {
 public:
  virtual ~Lane() = default;

  // Both ends must outlive the lane. To be called once, before the simulation starts.
  virtual void bind(OperandSource& source, ResultSink& sink) = 0;
  // Something at either end became different from what it said before, visible from cycle `at` on.
  virtual void wake(sim::Cycle at) = 0;

  // Committed state in the present cycle, for pins.
  virtual bool out_valid() const = 0;
  virtual bool in_ready(bool sink_ready) const = 0;
  // The waiting result (n_limbs); only while out_valid().
  virtual const Limb* out_data() const = 0;

  // Operands inside.
  virtual std::uint64_t held() const = 0;
  // New modulus; the lane must be empty (sim::Error otherwise).
  virtual void set_tables(std::shared_ptr<const Tables> tables) = 0;
  virtual Counters counters() const = 0;
};

}  // namespace allmod
