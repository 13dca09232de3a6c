// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/cluster.h"

#include <string>
#include <utility>

#include "models/ring/cluster_stats.h"
#include "models/ring/fabric_unit.h"
#include "models/ring/gpu_node.h"
#include "models/ring/link_checker.h"
#include "models/ring/timeline.h"
#include "sim/core/error.h"
#include "sim/core/run.h"

namespace ring {
namespace {

const OpGraph& fitting(const OpGraph& graph, const Fabric& fabric, const Hardware& hardware) {
  check(hardware, fabric);
  if (graph.gpus > fabric.gpus) {
    throw sim::Error(sim::Exit::usage, "the schedule needs " + std::to_string(graph.gpus) +
                                           " GPUs, the fabric has " + std::to_string(fabric.gpus));
  }
  return graph;
}

}  // namespace

struct Cluster::Parts {
  Parts(const OpGraph& graph, const Fabric& shape, const Routes& routes, const Hardware& hardware,
        const ClusterContext& context)
      : dispatcher(fitting(graph, shape, hardware)),
        fabric("fabric", shape, routes, hardware, context.shuffle_seed, context.failure),
        held(context.held) {}

  Dispatcher dispatcher;
  FabricUnit fabric;
  std::unique_ptr<ClusterTimeline> timeline;
  std::vector<std::unique_ptr<GpuNode>> gpus;
  std::vector<std::unique_ptr<LinkChecker>> checkers;
  std::unique_ptr<ClusterStats> stats;
  bool held;
};

Cluster::Cluster(const sc_core::sc_module_name& name, const OpGraph& graph, const Fabric& fabric,
                 const Routes& routes, const Hardware& hardware, const ClusterContext& context)
    : sc_module(name), parts_(std::make_unique<Parts>(graph, fabric, routes, hardware, context)) {
  Parts& p = *parts_;
  if (context.recorder != nullptr && context.recorder->spans()) {
    p.timeline = std::make_unique<ClusterTimeline>(graph, *context.recorder);
  }
  for (NodeId g = 0; g < fabric.gpus; ++g) {
    p.gpus.push_back(std::make_unique<GpuNode>(fabric.names[g].c_str(), g, hardware, p.dispatcher,
                                               context.failure, p.timeline.get()));
    GpuNode& gpu = *p.gpus.back();
    if (!context.check_protocol) {
      gpu.egress.bind(p.fabric.in(g));
      p.fabric.out(g).bind(gpu.ingress);
      continue;
    }
    const std::string checker = "checker" + std::to_string(g);
    p.checkers.push_back(std::make_unique<LinkChecker>((checker + "_egress").c_str(), hardware.engines));
    gpu.egress.bind(p.checkers.back()->target);
    p.checkers.back()->initiator.bind(p.fabric.in(g));
    p.checkers.push_back(std::make_unique<LinkChecker>((checker + "_ingress").c_str(), 1));
    p.fabric.out(g).bind(p.checkers.back()->target);
    p.checkers.back()->initiator.bind(gpu.ingress);
  }
  if (context.stats != nullptr) p.stats = std::make_unique<ClusterStats>(*context.stats, fabric);
  p.dispatcher.on_issue([this, &graph](OpId op) { parts_->gpus[graph.ops[op].gpu]->issue(op); });
  p.fabric.on_arrival([this](std::uint32_t op, const std::array<Ps, 3>& waits) {
    OpTiming& t = parts_->dispatcher.timing(op);
    t.waited_link = waits[kWaitLink];
    t.waited_port = waits[kWaitPort];
    t.waited_credit = waits[kWaitCredit];
  });
}

Cluster::~Cluster() = default;

void Cluster::start_of_simulation() {
  if (!parts_->held) parts_->dispatcher.start();
}

void Cluster::start() { parts_->dispatcher.start(sc_core::sc_time_stamp().value()); }
void Cluster::on_end(std::function<void()> end) { parts_->dispatcher.on_end(std::move(end)); }

void Cluster::listen(ExecutionListener* listener) { parts_->dispatcher.listen(listener); }
std::uint64_t Cluster::total() const { return parts_->dispatcher.graph().size(); }
std::uint64_t Cluster::done() const { return parts_->dispatcher.done(); }
const PacketNetwork& Cluster::network() const { return parts_->fabric.network(); }
const Execution& Cluster::execution() const { return parts_->dispatcher.execution(); }

std::string Cluster::blocked() const {
  const Dispatcher& d = parts_->dispatcher;
  return d.blocked([this, &d](OpId op) -> std::string {
    const GpuNode& gpu = *parts_->gpus[d.graph().ops[op].gpu];
    return gpu.under_way(op) ? parts_->fabric.network().why_waiting(op) : std::string(gpu.waits_for(op));
  });
}

void Cluster::conclude(bool partial) {
  Parts& p = *parts_;
  p.dispatcher.flush();
  const PacketNetwork& network = p.fabric.network();
  network.add_uses(p.dispatcher.execution());
  if (p.stats) p.stats->fill(p.dispatcher.execution(), network, p.gpus);
  if (partial) return;
  if (!finished()) throw sim::Error(sim::Exit::check, blocked());
  network.check_drained();
  std::uint64_t sent = 0, received = 0;
  for (const auto& gpu : p.gpus) {
    sent += gpu->bytes_sent();
    received += gpu->bytes_received();
    gpu->pool().check();
  }
  if (sent != received) {
    throw sim::Error(sim::Exit::check, "the GPUs sent " + std::to_string(sent) + " bytes and received " +
                                           std::to_string(received));
  }
  for (const auto& checker : p.checkers) {
    if (checker->rules().under_way() == 0) continue;
    throw sim::Error(sim::Exit::check, std::string(checker->name()) + ": trains were never acknowledged");
  }
}

}  // namespace ring
