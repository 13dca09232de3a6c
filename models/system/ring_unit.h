// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "models/common/unit_channel.h"
#include "models/ring/cluster.h"
#include "models/ring/cluster_port.h"
#include "models/system/prefill.h"
#include "models/system/settings.h"
#include "sim/app/model.h"
#include "sim/record/recorder.h"
#include "sim/tlm/loose_port.h"

namespace platform {

// The host's queue of the cluster: one command, the prompt.
class RingChannel final : public common::UnitChannel {
 public:
  using UnitChannel::UnitChannel;

 private:
  void set_up() override;
  bool room() const override { return under_way() == 0; }
  void start(common::Command& command) override;
  void collect() override;
};

// The cluster, loosely timed: START works the whole prompt out in closed form (PrefillPlan::formula()) and
// says when it will be done. Registers: CONTROL of ClusterMap.
class LooseRing final : public sc_core::sc_module, public sim::bus::LooseDevice {
 public:
  LooseRing(sc_core::sc_module_name name, const PrefillPlan& plan, const sim::bus::PortTiming& timing);

  tlm::tlm_target_socket<64>& socket() { return port_.socket; }
  bool started() const { return started_; }
  const ring::Execution& execution() const { return execution_; }
  Reply access(tlm::tlm_generic_payload& payload, const sc_core::sc_time& at) override;

 private:
  const PrefillPlan& plan_;
  sim::bus::LoosePort<64> port_;
  bool started_ = false;
  ring::Execution execution_;
};

class RingUnit {
 public:
  explicit RingUnit(const Settings& settings) : settings_(settings), plan_(settings) {}

  void elaborate(unsigned channel, common::HostLink& link, sim::app::RunContext& context);
  // As ring::Cluster: throws sim::Error (check) where something was lost.
  void conclude(bool partial) {
    if (cluster_) cluster_->conclude(partial);
  }

  const PrefillPlan& plan() const { return plan_; }
  bool finished() const;
  const ring::Execution& execution() const;
  common::Ps length() const;    // from START to the end
  std::string blocked() const;  // empty: nothing is under way
  tlm::tlm_target_socket<64>& socket();
  RingChannel& channel() { return *channel_; }

 private:
  const Settings& settings_;
  PrefillPlan plan_;
  std::unique_ptr<LooseRing> loose_;                 // null: the cluster
  std::unique_ptr<sim::record::Recorder> recorder_;  // its times are picoseconds
  std::unique_ptr<ring::Cluster> cluster_;
  std::unique_ptr<ring::ClusterPort> port_;
  std::unique_ptr<RingChannel> channel_;
  std::unique_ptr<sc_core::sc_signal<bool>> irq_;
};

// Keys of model ring for the attention of one layer, and `units`.
void put_ring(nlohmann::ordered_json& keys, const RingUnit& unit, const Settings& settings);

}  // namespace platform
