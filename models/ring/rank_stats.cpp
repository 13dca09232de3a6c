// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/rank_stats.h"

namespace ring {

using sim::stats::Gauge;
using sim::stats::Group;

struct RankStats::Rank {
  Rank(Group& parent, std::size_t i) : group(parent, "ranks", i) {}
  Group group;
  Gauge sent{group, "sent_bytes", "byte", "payload of messages that have arrived from this GPU"};
  Gauge received{group, "received_bytes", "byte", "payload of messages that have arrived at this GPU"};
  Gauge compute{group, "compute_ps", "ps", "attention kernels, launches and slowdown included"};
  Gauge kernels{group, "kernel_ps", "ps", "SMs busy with attention and merge kernels"};
  Gauge messages{group, "message_ps", "ps", "a message to or from this GPU was under way"};
  Gauge exposed{group, "exposed_ps", "ps", "a message was under way and no kernel ran"};
  Gauge idle{group, "idle_ps", "ps", "neither, until the GPU's last operation ended"};
};

struct RankStats::Step {
  Step(Group& parent, std::size_t i) : group(parent, "steps", i) {}
  Group group;
  Gauge gpu{group, "slowest", "", "GPU that ends the step last"};
  Gauge duration{group, "duration_ps", "ps", "from the end of the step before everywhere to its end there"};
  Gauge kernels{group, "kernel_ps", "ps", "of the slowest GPU: SMs busy"};
  Gauge exposed{group, "exposed_ps", "ps", "of the slowest GPU: messages, no kernel"};
  Gauge idle{group, "idle_ps", "ps", "of the slowest GPU: waiting for other GPUs"};
};

RankStats::RankStats(Group& parent, unsigned ranks, unsigned steps) {
  for (unsigned i = 0; i < ranks; ++i) ranks_.push_back(std::make_unique<Rank>(parent, i));
  for (unsigned i = 0; i < steps; ++i) steps_.push_back(std::make_unique<Step>(parent, i));
}

RankStats::~RankStats() = default;

void RankStats::fill(const Analysis& a) {
  for (std::size_t gpu = 0; gpu < ranks_.size(); ++gpu) {
    Rank& r = *ranks_[gpu];
    r.sent.set(a.bytes_sent[gpu]);
    r.received.set(a.bytes_received[gpu]);
    r.compute.set(a.compute[gpu]);
    StepTimes sum;
    for (unsigned step = 0; step < a.steps; ++step) {
      const StepTimes& t = a.by_gpu_step[gpu * a.steps + step];
      sum.kernels += t.kernels;
      sum.messages += t.messages;
      sum.exposed += t.exposed;
      sum.idle += t.idle;
    }
    r.kernels.set(sum.kernels);
    r.messages.set(sum.messages);
    r.exposed.set(sum.exposed);
    r.idle.set(sum.idle);
  }
  for (std::size_t step = 0; step < steps_.size() && step < a.steps; ++step) {
    Step& s = *steps_[step];
    s.gpu.set(a.slowest_gpu[step]);
    s.duration.set(a.slowest[step].duration);
    s.kernels.set(a.slowest[step].kernels);
    s.exposed.set(a.slowest[step].exposed);
    s.idle.set(a.slowest[step].idle);
  }
}

}  // namespace ring
