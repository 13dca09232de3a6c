// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>

#include <nlohmann/json_fwd.hpp>

#include "models/common/unit_channel.h"
#include "models/ring/cluster.h"
#include "models/ring/cluster_port.h"
#include "models/system/prefill.h"
#include "models/system/settings.h"
#include "sim/app/model.h"

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

class RingUnit {
 public:
  explicit RingUnit(const Settings& settings) : settings_(settings), plan_(settings) {}

  void elaborate(unsigned channel, common::HostLink& link, sim::app::RunContext& context);
  // As ring::Cluster: throws sim::Error (check) where something was lost.
  void conclude(bool partial) { cluster_->conclude(partial); }

  const PrefillPlan& plan() const { return plan_; }
  ring::Cluster& cluster() { return *cluster_; }
  const ring::Cluster& cluster() const { return *cluster_; }
  ring::ClusterPort& port() { return *port_; }
  const ring::ClusterPort& port() const { return *port_; }
  RingChannel& channel() { return *channel_; }

 private:
  const Settings& settings_;
  PrefillPlan plan_;
  std::unique_ptr<ring::Cluster> cluster_;
  std::unique_ptr<ring::ClusterPort> port_;
  std::unique_ptr<RingChannel> channel_;
  std::unique_ptr<sc_core::sc_signal<bool>> irq_;
};

// Keys of model ring for the attention of one layer, and `units`.
void put_ring(nlohmann::ordered_json& keys, const RingUnit& unit, const Settings& settings);

}  // namespace platform
