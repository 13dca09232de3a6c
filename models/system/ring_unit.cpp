// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/system/ring_unit.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "models/ring/function/analysis.h"

namespace platform {

using common::Cause;
using ring::ClusterMap;

void RingChannel::set_up() { set(ClusterMap::kControl, ClusterMap::kIrqEnable); }

void RingChannel::start(common::Command&) {
  set(ClusterMap::kControl, ClusterMap::kIrqEnable | ClusterMap::kStart);
}

void RingChannel::collect() {
  common::Command& command = *commands_under_way().front();
  const common::Ps now = this->now();
  command.passed(Cause::ring, now);
  command.finished = now;
  set(ClusterMap::kControl, 0);  // the interrupt stays for good otherwise
  command.passed(Cause::bus, this->now());
  done(command);
}

void RingUnit::elaborate(unsigned channel, common::HostLink& link, sim::app::RunContext& context) {
  sim::bus::PortTiming timing = settings_.gpu.unit.port();
  channel_ = std::make_unique<RingChannel>("host_ring", channel, link, context.failure);
  irq_ = std::make_unique<sc_core::sc_signal<bool>>("ring_irq");
  channel_->irq.bind(*irq_);
  if (settings_.fast()) {
    loose_ = std::make_unique<LooseRing>("ring_port", plan_, timing);
    return;
  }
  recorder_ = std::make_unique<sim::record::Recorder>(context.recorder, 1,
                                                      [](const std::string& path) { return "ring " + path; });
  ring::ClusterContext inner{context.failure,        &context.stats,       recorder_.get(),
                             context.check_protocol, context.shuffle_seed, true};
  cluster_ = std::make_unique<ring::Cluster>("ring", plan_.graph, plan_.network->fabric,
                                             *plan_.network->routes, plan_.hardware, inner);
  port_ = std::make_unique<ring::ClusterPort>("ring_port", *cluster_, plan_.graph.gpus, timing);
  port_->irq.bind(*irq_);
}

LooseRing::LooseRing(sc_core::sc_module_name name, const PrefillPlan& plan,
                     const sim::bus::PortTiming& timing)
    : sc_module(name), plan_(plan), port_("port", *this, timing) {}

sim::bus::LooseDevice::Reply LooseRing::access(tlm::tlm_generic_payload& payload,
                                               const sc_core::sc_time& at) {
  if (payload.get_address() != ClusterMap::kControl || !payload.is_write() || payload.get_data_length() != 8)
    return {tlm::TLM_ADDRESS_ERROR_RESPONSE};
  if ((payload.get_data_ptr()[0] & ClusterMap::kStart) == 0) return {};
  if (started_) return {tlm::TLM_GENERIC_ERROR_RESPONSE};
  started_ = true;
  execution_ = plan_.formula();
  return {tlm::TLM_OK_RESPONSE, at.value() + execution_.end};
}

bool RingUnit::finished() const { return loose_ ? loose_->started() : cluster_->finished(); }
const ring::Execution& RingUnit::execution() const {
  return loose_ ? loose_->execution() : cluster_->execution();
}
common::Ps RingUnit::length() const {
  if (loose_) return loose_->execution().end;
  return port_->ended() > port_->begun() ? port_->ended() - port_->begun() : 0;
}
std::string RingUnit::blocked() const {
  return cluster_ && cluster_->done() > 0 && !cluster_->finished() ? cluster_->blocked() : std::string();
}
tlm::tlm_target_socket<64>& RingUnit::socket() { return loose_ ? loose_->socket() : port_->socket(); }

void put_ring(nlohmann::ordered_json& keys, const RingUnit& unit, const Settings& settings) {
  const PrefillPlan& plan = unit.plan();
  const ring::Execution& all = unit.execution();
  const ring::Execution layer = plan.slice(all, 0);
  const ring::Analysis a = ring::analyse(plan.attention.graph, layer, plan.attention.steps);
  const auto seconds = [](ring::Ps ps) { return static_cast<double>(ps) * 1e-12; };
  const double time = seconds(layer.end);
  keys["schedule"] = settings.ring.schedule_word();
  keys["gpus"] = plan.graph.gpus;
  keys["seq_len"] = plan.problem.seq_len;
  keys["time_s"] = time;
  keys["step_times_s"] = nlohmann::ordered_json::array();
  for (const ring::StepTimes& step : a.slowest) keys["step_times_s"].push_back(seconds(step.duration));
  keys["exposed_comm_s"] = seconds(a.critical.exposed);
  keys["bytes_sent_per_gpu"] = a.bytes_sent;
  keys["packets"] = all.packets;
  const ring::Ps busiest = [&] {
    ring::Ps most = 0;
    for (const ring::LinkUse& use : all.links) most = std::max(most, use.busy);
    return most;
  }();
  const ring::Ps length = unit.length();
  keys["max_link_utilisation"] =
      length == 0 ? 0.0 : static_cast<double>(busiest) / static_cast<double>(length);
  keys["output_max_error"] = nullptr;
  keys["compute_imbalance"] = a.compute_imbalance;
  keys["tokens_per_s"] =
      length == 0 ? nlohmann::ordered_json(nullptr)
                  : nlohmann::ordered_json(static_cast<double>(plan.problem.real_tokens) / seconds(length));
  keys["level"] = ring::word(settings.ring.level);
  keys["units"] = nlohmann::ordered_json::array();
  for (unsigned g = 0; g < plan.graph.gpus; ++g) {
    std::uint64_t sent = 0;
    ring::Ps kernels = 0;
    for (ring::OpId op = 0; op < plan.graph.size(); ++op) {
      const ring::Op& o = plan.graph.ops[op];
      if (o.gpu != g || !all.ops[op].done()) continue;
      if (o.kind == ring::OpKind::transfer) {
        sent += o.bytes;
      } else {
        kernels += all.ops[op].finished - all.ops[op].started;
      }
    }
    keys["units"].push_back(
        {{"name", plan.network->fabric.names[g]}, {"bytes_sent", sent}, {"kernel_s", seconds(kernels)}});
  }
}

}  // namespace platform
