// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <utility>

#include "models/allmod/clocked_lane.h"

namespace allmod {

using sim::Cycle;
using sim::kNever;

namespace {

std::string member_name(std::size_t lane, const std::string& part) {
  return "allmod.lane" + std::to_string(lane) + "." + part;
}

}  // namespace

// Takes operands from the source into the first stage.
class ElasticClockedLane::Entry final : public sim::Clocked {
 public:
  Entry(std::string name, ElasticClockedLane& lane) : Clocked(std::move(name)), lane_(lane) {}

  void evaluate(Cycle now) override {
    const Limb* operand = lane_.shown(now);
    sim::Fifo<FlightPtr>& first = *lane_.fifos_.front();
    const bool ready = first.can_push();
    lane_.waves_.input(now, operand != nullptr, ready, operand);
    if (operand != nullptr && ready) {
      first.push(lane_.accept(now, operand));
    } else if (operand != nullptr) {
      ++lane_.stats_.input_stall;
    }
    shown_ = operand != nullptr;
    next_ = lane_.source_->offer(now + 1).begin;
  }
  Cycle next_cycle(Cycle now) const override {
    if (shown_ && lane_.waves_.on()) return now + 1;
    return std::max(now + 1, next_);
  }
  void reset() override { next_ = 0; }

 private:
  ElasticClockedLane& lane_;
  Cycle next_ = 0;
  bool shown_ = false;  // one more edge, so that the waveform shows that the operand is gone
};

// Moves operands out of stage `to` - 1 when their service there is over and stage `to` had room.
class ElasticClockedLane::Mover final : public sim::Clocked {
 public:
  Mover(std::string name, ElasticClockedLane& lane, unsigned to)
      : Clocked(std::move(name)),
        lane_(lane),
        to_(to),
        from_(*lane.fifos_[to - 1]),
        into_(*lane.fifos_[to]),
        service_(lane.datapath_.stages()[to - 1].cycles) {
    from_.bind_consumer(*this);
    into_.bind_producer(*this);
  }

  void evaluate(Cycle now) override {
    const bool holds = from_.can_pop();
    lane_.waves_.stage(now, to_ - 1, holds ? &from_.front()->token : nullptr);
    settling_ = holds;
    if (!holds) return;
    ++served_;
    if (served_ < service_ || !into_.can_push()) return;
    served_ = 0;
    FlightPtr flight = from_.pop();
    lane_.enter(*flight, to_, now);
    into_.push(std::move(flight));
  }
  Cycle next_cycle(Cycle now) const override { return !from_.empty() || settling_ ? now + 1 : kNever; }
  void reset() override { served_ = 0; }
  bool busy() const override { return !from_.empty(); }
  std::string state() const override {
    return into_.size() == into_.capacity() ? "the next stage is full" : "at work";
  }

 private:
  ElasticClockedLane& lane_;
  unsigned to_;
  sim::Fifo<FlightPtr>& from_;
  sim::Fifo<FlightPtr>& into_;
  unsigned service_;
  unsigned served_ = 0;    // cycles that the foremost operand has been served
  bool settling_ = false;  // one more edge, so that the waveform shows the empty stage
};

// Hands results to the sink.
class ElasticClockedLane::Exit final : public sim::Clocked {
 public:
  Exit(std::string name, ElasticClockedLane& lane) : Clocked(std::move(name)), lane_(lane) {
    lane.fifos_.back()->bind_consumer(*this);
  }

  void evaluate(Cycle now) override {
    sim::Fifo<FlightPtr>& last = *lane_.fifos_.back();
    const bool valid = last.can_pop();
    const bool ready = lane_.sink_ready(now);
    if (lane_.waves_.on()) {
      lane_.waves_.stage(now, lane_.stages() - 1, valid ? &last.front()->token : nullptr);
      lane_.waves_.output(now, valid, ready, valid ? lane_.out_data() : nullptr);
    }
    settling_ = valid;
    if (valid && ready) {
      lane_.deliver(last.pop(), now);
    } else if (valid) {
      ++lane_.stats_.output_stall;
    }
  }
  Cycle next_cycle(Cycle now) const override {
    return !lane_.fifos_.back()->empty() || settling_ ? now + 1 : kNever;
  }
  bool busy() const override { return !lane_.fifos_.back()->empty(); }
  std::string state() const override { return "a result waits for its sink"; }

 private:
  ElasticClockedLane& lane_;
  bool settling_ = false;
};

ElasticClockedLane::ElasticClockedLane(std::size_t index, sim::ClockDomain& domain, const Datapath& datapath,
                                       std::shared_ptr<const Tables> tables, LaneStats& stats,
                                       sim::record::Recorder& recorder)
    : ClockedLaneBase(index, domain, datapath, std::move(tables), stats, recorder) {
  constexpr std::size_t kEntries = 2;  // the least that sustain one operand a cycle
  for (const Stage& s : datapath.stages()) {
    fifos_.push_back(
        std::make_unique<sim::Fifo<FlightPtr>>(domain, member_name(index, s.name + ".register"), kEntries));
  }
  members_.push_back(std::make_unique<Entry>(member_name(index, "entry"), *this));
  for (unsigned s = 1; s < stages(); ++s) {
    members_.push_back(std::make_unique<Mover>(member_name(index, datapath.stages()[s - 1].name), *this, s));
  }
  members_.push_back(std::make_unique<Exit>(member_name(index, datapath.stages().back().name), *this));
}

ElasticClockedLane::~ElasticClockedLane() = default;

void ElasticClockedLane::bind(OperandSource& source, ResultSink& sink) {
  source_ = &source;
  sink_ = &sink;
  for (auto& member : members_) edges_.add(*member);
  waves_.start();
}

void ElasticClockedLane::wake(Cycle at) {
  edges_.wake(*members_.front(), at);
  edges_.wake(*members_.back(), at);
}

const Limb* ElasticClockedLane::out_data() const {
  evaluator_.result(fifos_.back()->front()->token, result_.data());
  return result_.data();
}

}  // namespace allmod
