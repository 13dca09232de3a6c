// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/allmod/lane.h"
#include "models/allmod/lane_waves.h"
#include "sim/core/clock_domain.h"
#include "sim/core/clocked.h"
#include "sim/core/fifo.h"

namespace allmod {

// What the two clocked lanes share: the arithmetic of one stage at a time, statistics and recordings.
class ClockedLaneBase : public Lane {
 public:
  struct Flight {  // an operand on its way
    Token token;
    sim::Cycle accepted = 0;
    sim::Cycle entered = 0;  // first cycle in its present stage
    std::uint64_t id = 0;
  };
  using FlightPtr = std::unique_ptr<Flight>;

  ClockedLaneBase(std::size_t index, sim::ClockDomain& domain, const Datapath& datapath,
                  std::shared_ptr<const Tables> tables, LaneStats& stats, sim::record::Recorder& recorder);

  void set_tables(std::shared_ptr<const Tables> tables) override;
  Counters counters() const override { return evaluator_.counters(); }
  std::uint64_t held() const override { return held_; }

 protected:
  unsigned stages() const { return static_cast<unsigned>(datapath_.stages().size()); }
  // The operand that the source shows in cycle `now`, or nullptr.
  const Limb* shown(sim::Cycle now);
  bool sink_ready(sim::Cycle now);
  FlightPtr accept(sim::Cycle now, const Limb* operand);
  // Stage `to` - 1 is over, the operand enters stage `to` and is seen there from now + 1 on.
  void enter(Flight& flight, unsigned to, sim::Cycle now);
  void deliver(FlightPtr flight, sim::Cycle now);

  sim::ClockDomain& edges_;
  const Datapath& datapath_;
  std::shared_ptr<const Tables> tables_;
  Evaluator evaluator_;
  LaneStats& stats_;
  sim::record::Recorder& recorder_;
  LaneWaves waves_;
  OperandSource* source_ = nullptr;
  ResultSink* sink_ = nullptr;
  std::uint64_t held_ = 0;
  mutable std::vector<Limb> result_;

 private:
  std::vector<FlightPtr> spare_;
  std::vector<sim::record::TrackId> tracks_;
  sim::record::NameId span_name_;
};

// detail: clocked, stall: elastic. Every stage is a member of the clock domain; registered two-entry FIFOs
// stand between them.
class ElasticClockedLane final : public ClockedLaneBase {
 public:
  ElasticClockedLane(std::size_t index, sim::ClockDomain& domain, const Datapath& datapath,
                     std::shared_ptr<const Tables> tables, LaneStats& stats, sim::record::Recorder& recorder);
  ~ElasticClockedLane() override;

  void bind(OperandSource& source, ResultSink& sink) override;
  void wake(sim::Cycle at) override;
  bool out_valid() const override { return fifos_.back()->can_pop(); }
  bool in_ready(bool /*sink_ready*/) const override { return fifos_.front()->can_push(); }
  const Limb* out_data() const override;

 private:
  class Entry;
  class Mover;
  class Exit;

  std::vector<std::unique_ptr<sim::Fifo<FlightPtr>>> fifos_;  // stage registers
  std::vector<std::unique_ptr<sim::Clocked>> members_;        // entry, movers, exit
};

// detail: clocked, stall: global. One clock enable stops every stage, so the lane is one member.
class GlobalClockedLane final : public sim::Clocked, public ClockedLaneBase {
 public:
  GlobalClockedLane(std::size_t index, sim::ClockDomain& domain, const Datapath& datapath,
                    std::shared_ptr<const Tables> tables, LaneStats& stats, sim::record::Recorder& recorder);

  void bind(OperandSource& source, ResultSink& sink) override;
  void wake(sim::Cycle at) override { edges_.wake(*this, at); }
  bool out_valid() const override { return slots_.back() != nullptr; }
  bool in_ready(bool sink_ready) const override;
  const Limb* out_data() const override;

  void evaluate(sim::Cycle now) override;
  sim::Cycle next_cycle(sim::Cycle now) const override;
  void reset() override;
  bool busy() const override { return held_ > 0; }
  std::string state() const override;

 private:
  // Whether the operand of stage s may leave it at the end of an enabled cycle.
  bool leaves(unsigned s) const;

  std::vector<FlightPtr> slots_;       // by stage; nullptr = bubble
  std::vector<unsigned> cycles_left_;  // of the operand's service in that stage, the present cycle included
  sim::Cycle next_offer_ = 1;
  bool settling_ = true;  // one more edge, so that the waveform shows the empty lane
};

}  // namespace allmod
