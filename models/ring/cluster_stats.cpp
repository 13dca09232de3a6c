// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/cluster_stats.h"

#include "models/ring/gpu_node.h"
#include "models/ring/network/network.h"

namespace ring {

struct ClusterStats::Gpu {
  Gpu(sim::stats::Group& parent, std::size_t index)
      : group(parent, "gpus", index),
        kernels(group, "kernels", "op", "kernels run"),
        kernel_time(group, "kernel_time", "ps", "time in which the SMs were taken, launches included"),
        slowed(group, "slowed", "ps", "what transfers beside them added to compute kernels"),
        messages(group, "messages", "op", "messages sent"),
        bytes(group, "bytes_sent", "B", "payload sent"),
        engine_wait(group, "engine_wait", "ps", "messages: between being issued and getting an engine"),
        sm_wait(group, "sm_wait", "ps", "kernels: between being issued and getting the SMs"),
        link_wait(group, "link_wait", "ps", "messages: a link on the way was busy"),
        port_wait(group, "port_wait", "ps", "messages: the egress limit held them back"),
        credit_wait(group, "credit_wait", "ps", "messages: the next buffer was full"),
        egress_busy(group, "egress_busy", "ps", "time in which the egress limit was in use"),
        ingress_busy(group, "ingress_busy", "ps", "time in which the ingress limit was in use") {}

  sim::stats::Group group;
  sim::stats::Gauge kernels, kernel_time, slowed, messages, bytes, engine_wait, sm_wait, link_wait, port_wait,
      credit_wait, egress_busy, ingress_busy;
};

ClusterStats::ClusterStats(sim::stats::Group& parent, const Fabric& fabric)
    : network_group_(parent, "network"),
      packets_(network_group_, "packets", "packet", "packets of all messages, without replays"),
      wire_bytes_(network_group_, "wire_bytes", "B", "on all links, with headers and replays"),
      replays_(network_group_, "replays", "packet", "packets damaged by bit errors and sent again"),
      events_(network_group_, "grants", "grant", "grants of a link or port that were simulated one by one"),
      jumps_(network_group_, "jumps", "jump", "level train: stretches of repetition that were jumped over"),
      solos_(network_group_, "undisturbed", "op",
             "level train: messages that shared nothing and were computed at once"),
      fallbacks_(network_group_, "fallbacks", "window",
                 "level train: windows in which nothing repeated and every packet was simulated") {
  for (std::size_t g = 0; g < fabric.gpus; ++g) gpus_.push_back(std::make_unique<Gpu>(parent, g));
}

ClusterStats::~ClusterStats() = default;

void ClusterStats::fill(const Execution& execution, const PacketNetwork& network,
                        const std::vector<std::unique_ptr<GpuNode>>& gpus) {
  std::uint64_t wire = 0, replays = 0;
  for (const LinkUse& use : execution.links) {
    wire += use.wire_bytes;
    replays += use.replays;
  }
  packets_.set(network.packets());
  wire_bytes_.set(wire);
  replays_.set(replays);
  events_.set(network.events());
  jumps_.set(network.jumps());
  solos_.set(network.solos());
  fallbacks_.set(network.fallbacks());
  for (std::size_t g = 0; g < gpus_.size(); ++g) {
    Gpu& to = *gpus_[g];
    const GpuNode& from = *gpus[g];
    to.kernels.set(from.kernels());
    to.kernel_time.set(from.kernel_time());
    to.slowed.set(from.slowed());
    to.messages.set(from.messages());
    to.bytes.set(from.bytes_sent());
    to.engine_wait.set(from.waits().engine);
    to.sm_wait.set(from.waits().sms);
    to.link_wait.set(from.waits().link);
    to.port_wait.set(from.waits().port);
    to.credit_wait.set(from.waits().credit);
    to.egress_busy.set(execution.egress[g].busy);
    to.ingress_busy.set(execution.ingress[g].busy);
  }
}

}  // namespace ring
