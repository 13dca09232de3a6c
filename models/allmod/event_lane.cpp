// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/event_lane.h"

#include <algorithm>
#include <utility>

#include "sim/core/error.h"

namespace allmod {

using sim::Cycle;
using sim::kNever;

template <class Flow>
EventLane<Flow>::EventLane(std::string name, sim::ClockDomain& domain, const Datapath& datapath,
                           std::shared_ptr<const Tables> tables, LaneStats& stats,
                           sim::record::Recorder& recorder, Cycle burst)
    : Clocked(std::move(name)),
      domain_(domain),
      datapath_(datapath),
      tables_(std::move(tables)),
      evaluator_(datapath, *tables_),
      stats_(stats),
      recorder_(recorder),
      track_(recorder.track("allmod/lane" + std::to_string(*stats.group.index()))),
      span_name_(recorder.name("reduction")),
      burst_(std::max<Cycle>(burst, 1)),
      flow_(flow_shape(datapath)) {}

template <class Flow>
void EventLane<Flow>::bind(OperandSource& source, ResultSink& sink) {
  source_ = &source;
  sink_ = &sink;
  domain_.add(*this);
}

template <class Flow>
void EventLane<Flow>::set_tables(std::shared_ptr<const Tables> tables) {
  if (flow_.held() > 0)
    throw sim::Error(sim::Exit::internal, name() + ": new tables while operands are inside");
  tables_ = std::move(tables);
  evaluator_.use(*tables_);
}

template <class Flow>
void EventLane<Flow>::evaluate(Cycle now) {
  stale_ = now < clock_;
  if (stale_) return;
  pass(clock_, now);
  clock_ = now;
  ready_ = {};
  offer_ = {};
  const Cycle settled = std::min(source_->settled_until(now), sink_->settled_until(now));
  advance(std::max(now + 1, std::min(settled, now + burst_)));
}

// One cycle after the other, but for those that can be skipped or taken together.
template <class Flow>
void EventLane<Flow>::advance(Cycle horizon) {
  Cycle c = clock_;
  while (c < horizon) {
    refresh(c);
    const bool sink_ready = ready(c);
    const bool in = offered(c) && flow_.in_ready(sink_ready);
    const bool out = sink_ready && flow_.out_valid();
    if (in && out && flow_.steady()) {
      const std::size_t cycles = steady_cycles(c, horizon);
      accept(c, cycles);
      deliver(c, cycles);
      c += cycles;
    } else if (in || out) {
      if (!in && offered(c)) ++stats_.input_stall;
      if (!out && flow_.out_valid()) ++stats_.output_stall;
      flow_.step(in, out);
      if (in) accept(c, 1);
      if (out) deliver(c, 1);
      ++c;
    } else {
      const Cycle next = std::min(std::max(next_transfer(c), c + 1), horizon);
      pass(c, next);
      c = next;
    }
  }
  clock_ = horizon;
  if (taken_ > 0) close_offer();
  hand_over();
  refresh(clock_);
}

template <class Flow>
void EventLane<Flow>::refresh(Cycle c) {
  if (taken_ == offer_.count) {
    if (taken_ > 0) close_offer();
    offer_ = source_->offer(c);
  }
  if (ready_.begin == kNever || ready_.end <= c) ready_ = sink_->ready(c);
}

template <class Flow>
Cycle EventLane<Flow>::next_transfer(Cycle c) const {
  Cycle next = kNever;
  if (flow_.in_ready(false) && taken_ < offer_.count) next = std::max(c, offer_.begin);
  if (!flow_.still()) return std::min(next, c + flow_.quiet());
  if (flow_.out_valid() && ready_.begin != kNever) next = std::min(next, std::max(c, ready_.begin));
  return next;
}

template <class Flow>
std::size_t EventLane<Flow>::steady_cycles(Cycle c, Cycle horizon) const {
  return static_cast<std::size_t>(std::min<Cycle>(offer_.count - taken_, std::min(ready_.end, horizon) - c));
}

template <class Flow>
void EventLane<Flow>::pass(Cycle from, Cycle to) {
  if (from >= to) return;
  const Cycle cycles = to - from;
  if (flow_.out_valid()) stats_.output_stall += cycles;
  if (taken_ < offer_.count && offer_.begin < to && !flow_.in_ready(false)) {
    stats_.input_stall += to - std::max(from, offer_.begin);
  }
  if (flow_.empty()) return;
  if (!flow_.still() && flow_.quiet() >= cycles) {
    flow_.skip(cycles);
  } else {
    for (Cycle c = from; c < to && !flow_.still(); ++c) flow_.step(false, false);
  }
}

template <class Flow>
void EventLane<Flow>::accept(Cycle c, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) accepted_at_.push_back(c + i);
  taken_ += count;
  last_taken_ = c + count - 1;
  stats_.accepted += count;
}

template <class Flow>
void EventLane<Flow>::deliver(Cycle c, std::size_t count) {
  std::size_t run = 0;
  Cycle latency = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Cycle accepted = accepted_at_[first_accepted_++];
    delivered_at_.push_back(c + i);
    if (recorder_.spans())
      recorder_.span(track_, span_name_, accepted, c + i + 1, stats_.retired.value() + i + 1);
    if (c + i - accepted != latency && run > 0) {
      stats_.latency.add(latency, run);
      run = 0;
    }
    latency = c + i - accepted;
    ++run;
  }
  stats_.latency.add(latency, run);
  stats_.retired += count;
}

template <class Flow>
void EventLane<Flow>::close_offer() {
  const std::size_t limbs = datapath_.n_limbs();
  const std::size_t old = results_.size();
  results_.resize(old + taken_ * limbs);
  evaluator_.reduce_many(offer_.operands, taken_, datapath_.x_limbs(), results_.data() + old, limbs);
  source_->taken(taken_, last_taken_);
  offer_ = {};
  taken_ = 0;
}

template <class Flow>
void EventLane<Flow>::hand_over() {
  const std::size_t count = delivered_at_.size();
  if (count > 0) {
    const std::size_t limbs = datapath_.n_limbs();
    sink_->put(delivered_at_.data(), results_.data() + first_result_ * limbs, count);
    delivered_at_.clear();
    first_result_ += count;
    if (first_result_ * limbs * 2 >= results_.size()) {
      results_.erase(results_.begin(), results_.begin() + static_cast<std::ptrdiff_t>(first_result_ * limbs));
      first_result_ = 0;
    }
  }
  if (first_accepted_ * 2 >= accepted_at_.size()) {
    accepted_at_.erase(accepted_at_.begin(),
                       accepted_at_.begin() + static_cast<std::ptrdiff_t>(first_accepted_));
    first_accepted_ = 0;
  }
}

template <class Flow>
Cycle EventLane<Flow>::next_cycle(Cycle now) const {
  if (stale_) return std::max(now + 1, clock_);
  if (clock_ == 0) return now + 1;  // not yet evaluated: ask both ends
  return std::max(now + 1, next_transfer(clock_));
}

template <class Flow>
void EventLane<Flow>::reset() {
  flow_.reset();
  clock_ = domain_.now() + 1;
  stale_ = true;
  offer_ = {};
  ready_ = {};
  accepted_at_.clear();
  results_.clear();
  first_accepted_ = first_result_ = 0;
}

template <class Flow>
std::string EventLane<Flow>::state() const {
  std::string text = std::to_string(flow_.held()) + " operands inside";
  if (flow_.out_valid() && !ready(clock_)) text += ", a result waits for its sink";
  return text;
}

template class EventLane<ElasticFlow>;
template class EventLane<GlobalFlow>;

}  // namespace allmod
