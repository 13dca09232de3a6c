// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <vector>

#include <systemc>
#include <tlm>

#include "models/allmod/host_port.h"
#include "models/allmod/lane.h"
#include "models/allmod/stream.h"
#include "sim/core/clock_domain.h"
#include "sim/record/recorder.h"
#include "sim/stats/group.h"
#include "sim/tlm/target_port.h"

namespace allmod {

enum class Stall { elastic, global };  // who waits when a result is not taken: FIFO by FIFO, or everybody
enum class Detail { event, clocked };  // same cycles; clocked evaluates every stage and can show waveforms

struct ReducerConfig {
  Design design;
  unsigned lanes = 1;
  Stall stall = Stall::elastic;
  Detail detail = Detail::event;
  double clock_mhz = 200;
  sim::Cycle burst = 1024;  // most cycles that an event lane works through in one activation
  bool with_socket = true;  // false: no memory-mapped socket, every lane has its stream ports bound
  HostPortConfig host;
  std::uint64_t table_limit_bytes = kDefaultTableLimit;
  bool lazy = false;  // results by GMP's division, in the same cycles: no tables are built
};

// A result that left a lane, for monitors.
struct Retirement {
  unsigned lane;
  sim::Cycle cycle;
  const Limb* result;  // n_limbs; valid during write() only
};

// An analysis port that knows whether anybody listens, so that silence costs nothing.
class RetirementPort : public tlm::tlm_analysis_port<Retirement> {
 public:
  using tlm_analysis_port::tlm_analysis_port;
  void bind(tlm::tlm_analysis_if<Retirement>& listener) override {
    tlm_analysis_port::bind(listener);
    listened_ = true;
  }
  bool listened() const { return listened_; }

 private:
  bool listened_ = false;
};

// ALLMod's large-number modular reduction unit: `lanes` reducers that share their tables, Y = X mod M.
//
// Operands come in, and results go out, by the stream ports of each lane (valid/ready, one a cycle) or, for
// lanes whose stream ports are not bound, by the memory-mapped socket. Bind both stream ports of a lane or
// neither. The unit brings its own clock domain. README.md has the register map and the timing.
class Reducer : public sc_core::sc_module {
 public:
  template <class If>
  using StreamPort = sc_core::sc_port<If, 1, sc_core::SC_ZERO_OR_MORE_BOUND>;

  // `failure`, `stats` and `recorder` must outlive the unit. Throws sim::Error(Exit::usage) for a design that
  // cannot be built or a modulus of the wrong length.
  Reducer(sc_core::sc_module_name name, const ReducerConfig& config, const Modulus& modulus,
          sim::Failure& failure, sim::stats::Group& stats, sim::record::Recorder& recorder);
  ~Reducer() override;

  tlm::tlm_target_socket<64>& socket();                    // only if with_socket
  sc_core::sc_vector<StreamPort<OperandSource>> operands;  // by lane
  sc_core::sc_vector<StreamPort<ResultSink>> results;      // by lane
  sc_core::sc_port<sc_core::sc_signal_inout_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND> irq;
  RetirementPort retired;

  sim::ClockDomain& domain() { return domain_; }
  const sim::ClockDomain& domain() const { return domain_; }
  const Datapath& datapath() const { return datapath_; }
  const Tables& tables() const { return *tables_; }
  Lane& lane(unsigned i) { return *lanes_[i]; }
  unsigned lanes() const { return static_cast<unsigned>(lanes_.size()); }
  const LaneStats& lane_stats(unsigned i) const { return *lane_stats_[i]; }
  HostPort& host_port() { return *host_; }
  std::uint64_t held() const;  // operands inside all lanes
  std::uint64_t retired_count() const;
  Counters counters() const;  // of all lanes

 private:
  class Tap;  // hands results on and tells the monitors

  void end_of_elaboration() override;
  std::unique_ptr<Lane> make_lane(unsigned index, sim::record::Recorder& recorder);
  void drive_irq();

  ReducerConfig config_;
  sim::ClockDomain domain_;
  Datapath datapath_;
  std::shared_ptr<const Tables> tables_;
  sim::stats::Group stats_;
  std::vector<std::unique_ptr<LaneStats>> lane_stats_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unique_ptr<HostPort> host_;
  std::unique_ptr<sim::bus::TargetPort<64>> port_;
  std::vector<std::unique_ptr<Tap>> taps_;
  sc_core::sc_event irq_event_;
};

}  // namespace allmod
