// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/clocked_lane.h"

#include <utility>

#include "sim/core/error.h"

namespace allmod {

using sim::Cycle;
using sim::kNever;

ClockedLaneBase::ClockedLaneBase(std::size_t index, sim::ClockDomain& domain, const Datapath& datapath,
                                 std::shared_ptr<const Tables> tables, LaneStats& stats,
                                 sim::record::Recorder& recorder)
    : edges_(domain),
      datapath_(datapath),
      tables_(std::move(tables)),
      evaluator_(datapath, *tables_),
      stats_(stats),
      recorder_(recorder),
      waves_(recorder, index, datapath, tables_->built()),
      result_(datapath.n_limbs()),
      span_name_(recorder.name("reduction")) {
  for (const Stage& s : datapath.stages()) {
    tracks_.push_back(recorder.track("allmod/lane" + std::to_string(index) + "/" + s.name));
  }
}

void ClockedLaneBase::set_tables(std::shared_ptr<const Tables> tables) {
  if (held_ > 0) throw sim::Error(sim::Exit::internal, "allmod lane: new tables while operands are inside");
  tables_ = std::move(tables);
  evaluator_.use(*tables_);
}

const Limb* ClockedLaneBase::shown(Cycle now) {
  const Offer offer = source_->offer(now);
  return offer.count > 0 && offer.begin <= now ? offer.operands : nullptr;
}

bool ClockedLaneBase::sink_ready(Cycle now) { return sink_->ready(now).begin <= now; }

ClockedLaneBase::FlightPtr ClockedLaneBase::accept(Cycle now, const Limb* operand) {
  FlightPtr flight;
  if (spare_.empty()) {
    flight = std::make_unique<Flight>();
    flight->token = evaluator_.make_token();
  } else {
    flight = std::move(spare_.back());
    spare_.pop_back();
  }
  evaluator_.load(flight->token, operand);
  source_->taken(1, now);
  flight->accepted = now;
  flight->entered = now + 1;
  ++stats_.accepted;
  flight->id = stats_.accepted.value();
  ++held_;
  return flight;
}

void ClockedLaneBase::enter(Flight& flight, unsigned to, Cycle now) {
  recorder_.span(tracks_[to - 1], span_name_, flight.entered, now + 1, flight.id);
  evaluator_.run_stage(to, flight.token);
  flight.entered = now + 1;
}

void ClockedLaneBase::deliver(FlightPtr flight, Cycle now) {
  recorder_.span(tracks_.back(), span_name_, flight->entered, now + 1, flight->id);
  evaluator_.result(flight->token, result_.data());
  stats_.latency.add(now - flight->accepted);
  ++stats_.retired;
  --held_;
  spare_.push_back(std::move(flight));
  sink_->put(&now, result_.data(), 1);
}

GlobalClockedLane::GlobalClockedLane(std::size_t index, sim::ClockDomain& domain, const Datapath& datapath,
                                     std::shared_ptr<const Tables> tables, LaneStats& stats,
                                     sim::record::Recorder& recorder)
    : Clocked("allmod.lane" + std::to_string(index)),
      ClockedLaneBase(index, domain, datapath, std::move(tables), stats, recorder),
      slots_(stages()),
      cycles_left_(stages()) {}

void GlobalClockedLane::bind(OperandSource& source, ResultSink& sink) {
  source_ = &source;
  sink_ = &sink;
  edges_.add(*this);
  waves_.start();
}

bool GlobalClockedLane::leaves(unsigned s) const {
  if (slots_[s] == nullptr) return true;
  if (cycles_left_[s] > 1) return false;
  return s + 1 == stages() || leaves(s + 1);
}

bool GlobalClockedLane::in_ready(bool sink_ready) const {
  return (!out_valid() || sink_ready) && (slots_.front() == nullptr || leaves(0));
}

const Limb* GlobalClockedLane::out_data() const {
  evaluator_.result(slots_.back()->token, result_.data());
  return result_.data();
}

void GlobalClockedLane::evaluate(Cycle now) {
  // 1. What both ends show in this cycle.
  const Limb* operand = shown(now);
  const bool ready = sink_ready(now);
  const bool enabled = !out_valid() || ready;
  const bool accepted = operand != nullptr && in_ready(ready);
  if (waves_.on()) {
    waves_.input(now, operand != nullptr, in_ready(ready), operand);
    waves_.output(now, out_valid(), ready, out_valid() ? out_data() : nullptr);
    for (unsigned s = 0; s < stages(); ++s) waves_.stage(now, s, slots_[s] ? &slots_[s]->token : nullptr);
  }
  if (operand != nullptr && !accepted) ++stats_.input_stall;
  if (!enabled) ++stats_.output_stall;
  settling_ = held_ > 0 || accepted;
  if (enabled) {
    // 2. The foremost first, so that each stage finds the next one free if it is going to be.
    if (out_valid()) deliver(std::move(slots_.back()), now);
    for (unsigned s = stages() - 1; s-- > 0;) {
      if (slots_[s] == nullptr) continue;
      if (cycles_left_[s] > 1) {
        --cycles_left_[s];
      } else if (slots_[s + 1] == nullptr) {
        enter(*slots_[s], s + 1, now);
        slots_[s + 1] = std::move(slots_[s]);
        cycles_left_[s + 1] = datapath_.stages()[s + 1].cycles;
      }
    }
    if (accepted) {
      slots_[0] = accept(now, operand);
      cycles_left_[0] = datapath_.stages()[0].cycles;
    }
  }
  // 3. When the next operand shows.
  next_offer_ = source_->offer(now + 1).begin;
}

Cycle GlobalClockedLane::next_cycle(Cycle now) const {
  return held_ > 0 || settling_ ? now + 1 : std::max(now + 1, next_offer_);
}

void GlobalClockedLane::reset() {
  for (FlightPtr& slot : slots_) slot.reset();
  held_ = 0;
  next_offer_ = 0;
}

std::string GlobalClockedLane::state() const {
  std::string text = std::to_string(held_) + " operands inside";
  if (out_valid()) text += ", a result waits for its sink";
  return text;
}

}  // namespace allmod
