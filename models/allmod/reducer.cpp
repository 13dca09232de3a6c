// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/reducer.h"

#include <string>
#include <utility>

#include "models/allmod/clocked_lane.h"
#include "models/allmod/event_lane.h"
#include "sim/core/error.h"

namespace allmod {

using sim::Cycle;

class Reducer::Tap final : public ResultSink {
 public:
  Tap(ResultSink& sink, RetirementPort& port, unsigned lane, std::size_t limbs)
      : sink_(sink), port_(port), lane_(lane), limbs_(limbs) {}

  Interval ready(Cycle from) override { return sink_.ready(from); }
  Cycle settled_until(Cycle from) const override { return sink_.settled_until(from); }
  void put(const Cycle* at, const Limb* results, std::size_t count) override {
    if (port_.listened()) {
      for (std::size_t i = 0; i < count; ++i) port_.write({lane_, at[i], results + i * limbs_});
    }
    sink_.put(at, results, count);
  }

 private:
  ResultSink& sink_;
  RetirementPort& port_;
  unsigned lane_;
  std::size_t limbs_;
};

Reducer::Reducer(sc_core::sc_module_name name, const ReducerConfig& config, const Modulus& modulus,
                 sim::Failure& failure, sim::stats::Group& stats, sim::record::Recorder& recorder)
    : sc_module(name),
      operands("operands", config.lanes),
      results("results", config.lanes),
      irq("irq"),
      retired("retired"),
      config_(config),
      domain_("clock", config.clock_mhz, failure),
      datapath_(config.design, config.table_limit_bytes),
      tables_(std::make_shared<Tables>(datapath_, modulus, config.lazy ? Contents::none : Contents::built)),
      stats_(stats, "allmod") {
  for (unsigned i = 0; i < config.lanes; ++i) {
    lane_stats_.push_back(std::make_unique<LaneStats>(stats_, i));
    lanes_.push_back(make_lane(i, recorder));
  }
  HostPort::Unit unit;
  unit.held = [this] { return held(); };
  unit.wake = [this](unsigned lane) { lanes_[lane]->wake(domain_.edge_after(sc_core::sc_time_stamp())); };
  unit.load = [this](const Modulus& m) {
    const Contents contents = config_.lazy ? Contents::none : Contents::built;
    auto tables = std::make_shared<const Tables>(datapath_, m, contents);
    for (auto& lane : lanes_) lane->set_tables(tables);
    tables_ = std::move(tables);
  };
  unit.reset = [this] { domain_.reset(); };
  unit.irq_changes_at = [this](const sc_core::sc_time& delay) { irq_event_.notify(delay); };
  unit.latency_cycles = datapath_.latency();
  unit.ii_cycles = datapath_.ii();
  host_ = std::make_unique<HostPort>(domain_, datapath_, modulus, config.lanes, config.host, std::move(unit));

  const sc_core::sc_time& period = domain_.period();
  if (config.with_socket)
    port_ = std::make_unique<sim::bus::TargetPort<64>>(
        "host", *host_,
        sim::bus::PortTiming{period * config.host.accept_cycles, period * config.host.response_cycles,
                             period * config.host.beat_cycles});
  SC_HAS_PROCESS(Reducer);
  SC_METHOD(drive_irq);
  sensitive << irq_event_;
  dont_initialize();
}

Reducer::~Reducer() = default;

tlm::tlm_target_socket<64>& Reducer::socket() {
  if (!port_) throw sim::Error(sim::Exit::usage, std::string(this->name()) + ": built without a socket");
  return port_->socket;
}

std::unique_ptr<Lane> Reducer::make_lane(unsigned index, sim::record::Recorder& recorder) {
  LaneStats& s = *lane_stats_[index];
  if (config_.detail == Detail::clocked) {
    if (config_.stall == Stall::elastic) {
      return std::make_unique<ElasticClockedLane>(index, domain_, datapath_, tables_, s, recorder);
    }
    return std::make_unique<GlobalClockedLane>(index, domain_, datapath_, tables_, s, recorder);
  }
  const std::string name = "allmod.lane" + std::to_string(index);
  if (config_.stall == Stall::elastic) {
    return std::make_unique<EventLane<ElasticFlow>>(name, domain_, datapath_, tables_, s, recorder,
                                                    config_.burst);
  }
  return std::make_unique<EventLane<GlobalFlow>>(name, domain_, datapath_, tables_, s, recorder,
                                                 config_.burst);
}

// Binds each lane to its streams, or to the memory-mapped port.
void Reducer::end_of_elaboration() {
  for (unsigned i = 0; i < lanes(); ++i) {
    const bool streams = operands[i].size() > 0;
    if (streams != (results[i].size() > 0)) {
      throw sim::Error(sim::Exit::usage, std::string(this->name()) + ": lane " + std::to_string(i) +
                                             " has only one of its stream ports bound; bind both or neither");
    }
    OperandSource& source = streams ? *operands[i].operator->() : host_->source(i);
    ResultSink& sink = streams ? *results[i].operator->() : host_->sink(i);
    taps_.push_back(std::make_unique<Tap>(sink, retired, i, datapath_.n_limbs()));
    lanes_[i]->bind(source, *taps_.back());
  }
}

void Reducer::drive_irq() {
  if (irq.size() > 0) irq->write(host_->irq());
}

std::uint64_t Reducer::held() const {
  std::uint64_t sum = 0;
  for (const auto& lane : lanes_) sum += lane->held();
  return sum;
}

std::uint64_t Reducer::retired_count() const {
  std::uint64_t sum = 0;
  for (const auto& s : lane_stats_) sum += s->retired.value();
  return sum;
}

Counters Reducer::counters() const {
  Counters sum;
  for (const auto& lane : lanes_) {
    const Counters c = lane->counters();
    sum.reductions += c.reductions;
    sum.extra_adjustments += c.extra_adjustments;
  }
  return sum;
}

}  // namespace allmod
