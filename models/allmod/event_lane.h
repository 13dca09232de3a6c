// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/allmod/flow.h"
#include "models/allmod/lane.h"
#include "sim/core/clock_domain.h"
#include "sim/core/clocked.h"

namespace allmod {

// detail: event. Works through as many cycles in one activation as both ends have settled (at most `burst`),
// then sleeps until the next cycle in which a transfer is possible. Values are computed operand by operand,
// every register of the data path, when an operand is accepted; when it leaves is the flow's business.
template <class Flow>
class EventLane final : public sim::Clocked, public Lane {
 public:
  EventLane(std::string name, sim::ClockDomain& domain, const Datapath& datapath,
            std::shared_ptr<const Tables> tables, LaneStats& stats, sim::record::Recorder& recorder,
            sim::Cycle burst);

  void bind(OperandSource& source, ResultSink& sink) override;
  void wake(sim::Cycle at) override { domain_.wake(*this, at); }
  bool out_valid() const override { return flow_.out_valid(); }
  bool in_ready(bool sink_ready) const override { return flow_.in_ready(sink_ready); }
  const Limb* out_data() const override { return results_.data() + first_result_ * datapath_.n_limbs(); }
  std::uint64_t held() const override { return flow_.held(); }
  void set_tables(std::shared_ptr<const Tables> tables) override;
  Counters counters() const override { return evaluator_.counters(); }

  void evaluate(sim::Cycle now) override;
  sim::Cycle next_cycle(sim::Cycle now) const override;
  void reset() override;
  bool busy() const override { return flow_.held() > 0; }
  std::string state() const override;

 private:
  // Simulates the cycles [clock_, horizon).
  void advance(sim::Cycle horizon);
  void roll_forward(sim::Cycle to);
  void refresh(sim::Cycle c);
  // First cycle >= c in which a transfer may happen, as far as the ends have said.
  sim::Cycle next_transfer(sim::Cycle c) const;
  bool offered(sim::Cycle c) const { return taken_ < offer_.count && offer_.begin <= c; }
  bool ready(sim::Cycle c) const { return ready_.begin <= c && c < ready_.end; }
  // A full pipeline between two willing ends: `count` cycles that leave it as it is.
  std::size_t steady_cycles(sim::Cycle c, sim::Cycle horizon) const;
  void accept(sim::Cycle c, std::size_t count);
  void deliver(sim::Cycle c, std::size_t count);
  // No transfer happens in [from, to), the state stands still or moves inside only.
  void pass(sim::Cycle from, sim::Cycle to);
  // Computes the operands accepted from the present offer and tells the source.
  void close_offer();
  // Gives the results of this activation to the sink.
  void hand_over();

  sim::ClockDomain& domain_;
  const Datapath& datapath_;
  std::shared_ptr<const Tables> tables_;
  Evaluator evaluator_;
  LaneStats& stats_;
  sim::record::Recorder& recorder_;
  sim::record::TrackId track_;
  sim::record::NameId span_name_;
  sim::Cycle burst_;
  OperandSource* source_ = nullptr;
  ResultSink* sink_ = nullptr;
  Flow flow_;
  sim::Cycle clock_ = 0;  // cycles before this one are done

  Offer offer_;                // what the source offered last ...
  std::size_t taken_ = 0;      // ... how many of it were accepted ...
  sim::Cycle last_taken_ = 0;  // ... and when the last one
  Interval ready_;             // what the sink said last
  bool stale_ = false;         // woken for a cycle already done: ask again at clock_

  std::vector<sim::Cycle> accepted_at_;  // of the operands inside and of those delivered in this activation
  std::size_t first_accepted_ = 0;
  std::vector<sim::Cycle> delivered_at_;  // of this activation
  std::vector<Limb> results_;             // computed, not yet handed over
  std::size_t first_result_ = 0;
};

}  // namespace allmod
