// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/job.h"

#include <algorithm>

#include <systemc>

#include "models/ring/closed_form.h"
#include "models/ring/op_timeline.h"
#include "models/ring/run.h"
#include "sim/core/error.h"
#include "sim/core/region.h"
#include "sim/log/log.h"

namespace ring {

RingJob::RingJob() = default;
RingJob::~RingJob() = default;

namespace {

// `describe` elaborates the defaults without a check.
std::shared_ptr<const Network> network_of(const Settings& settings) {
  return settings.built ? settings.built : settings.fabric.build();
}

std::unique_ptr<Schedule> schedule_of(const Settings& settings, const Network& network) {
  return settings.imported ? nullptr : make_schedule(settings.options(network.fabric.gpus));
}

}  // namespace

Plan plan_of(const Settings& settings, const Schedule* schedule, const Problem& problem,
             const BlockModel& block) {
  if (schedule != nullptr) {
    return make_plan(*schedule, settings.options(network_of(settings)->fabric.gpus), problem,
                     settings.costs(block));
  }
  Plan plan;
  plan.graph = settings.imported->graph;
  plan.graph.gpus = settings.built->fabric.gpus;
  for (Op& op : plan.graph.ops) {
    op.pass = 0;
    plan.steps = std::max(plan.steps, op.step + 1);
    // Messages of other programs are launched as ours are; exported ones bring their own figure.
    if (op.kind == OpKind::transfer && !settings.imported->contents.ours) {
      op.launch_ps = static_cast<std::uint32_t>(picoseconds(settings.gpu.message_launch_us * 1e-6));
    }
  }
  return plan;
}

Run::Run(const Settings& settings, sim::app::RunContext& context)
    : network(network_of(settings)),
      schedule(schedule_of(settings, *network)),
      problem(schedule ? settings.problem(*schedule) : Problem{}),
      block(settings.block_model(schedule ? problem : settings.problem())),
      plan(plan_of(settings, schedule.get(), problem, *block)),
      hardware(settings.hardware(network->fabric)),
      recorder(context.recorder) {
  ring::check(plan.graph);
  if (settings.fidelity.value == ValueChoice::functional) {
    functional = std::make_unique<FunctionalCluster>(plan, problem, settings.workload.seed);
  }
  stats = std::make_unique<RankStats>(context.stats, plan.graph.gpus, plan.steps * problem.passes());
  if (settings.level == LevelChoice::closed_form) {
    formula = closed_form(plan.graph, network->fabric, *network->routes, hardware, functional.get());
    return;
  }
  ClusterContext cluster_context{context.failure, &context.stats, nullptr, context.check_protocol,
                                 context.shuffle_seed};
  cluster = std::make_unique<Cluster>("cluster", plan.graph, network->fabric, *network->routes, hardware,
                                      cluster_context);
  cluster->listen(functional.get());
}

double Run::max_link_utilisation() const {
  const Execution& e = execution();
  Ps most = 0;
  for (const LinkUse& use : e.links) most = std::max(most, use.busy);
  return e.end == 0 ? 0 : static_cast<double>(most) / static_cast<double>(e.end);
}

void RingJob::elaborate(sim::app::RunContext& context) {
  const sim::RegionConfig& region = context.region;
  if (region.skip + region.warmup + region.measure + region.every > 0) {
    throw sim::Error(sim::Exit::usage,
                     "region: the operations of a schedule need each other and cannot be skipped; "
                     "use fewer GPUs or tokens instead");
  }
  if (context.recorder.waves())
    context.log.info("ring", "links and GPUs have no waveforms; see timeline.json");
  run_ = std::make_unique<Run>(settings_, context);
  if (run_->problem.seq_len != run_->problem.real_tokens) {
    context.log.info("ring", "{} tokens padded to {}", run_->problem.real_tokens, run_->problem.seq_len);
  }
}

std::uint64_t RingJob::total() const { return run_->plan.graph.size(); }
std::uint64_t RingJob::done() const { return run_->formula ? total() : run_->cluster->done(); }

sim::Cycle RingJob::cycles() const {
  Ps end = run_->execution().end;
  if (!finished()) end = std::max<Ps>(end, sc_core::sc_time_stamp().value());
  return (end + 999) / 1000;
}

std::string RingJob::deadlock() { return run_->cluster ? run_->cluster->blocked() : ""; }

std::optional<std::uint64_t> RingJob::seed() const {
  if (settings_.fidelity.value == ValueChoice::functional) return settings_.workload.seed;
  return std::nullopt;
}

sim::app::Levels RingJob::levels() const {
  sim::app::Levels levels;
  levels.setting = "level";
  levels.words = {"packet", "train", "closed_form"};
  if (!settings_.faults.empty()) levels.words.pop_back();
  levels.exact = {"train"};
  levels.keys = {"time_s", "exposed_comm_s", "step_times_s", "max_link_utilisation", "packets"};
  return levels;
}

void RingJob::analyse_run() {
  Run& r = *run_;
  if (!finished()) {
    r.cut = r.cluster->execution();
    r.cut->end = std::max<Ps>(r.cut->end, sc_core::sc_time_stamp().value());
  }
  r.analysis = analyse(r.plan.graph, r.execution(), r.plan.steps);
  r.waits = waits(r.plan.graph, r.execution());
  r.stats->fill(r.analysis);
  if (r.recorder.spans()) record_timeline(r.plan.graph, r.execution(), r.recorder);
}

void RingJob::conclude(bool partial) {
  Run& r = *run_;
  try {
    if (r.cluster) r.cluster->conclude(partial);
  } catch (const sim::Error&) {
    analyse_run();
    throw;
  }
  analyse_run();
  if (partial || !finished()) return;
  std::uint64_t sent = 0, received = 0;
  for (const std::uint64_t bytes : r.analysis.bytes_sent) sent += bytes;
  for (const std::uint64_t bytes : r.analysis.bytes_received) received += bytes;
  if (sent != received) {
    throw sim::Error(sim::Exit::check, "bytes do not add up: " + std::to_string(sent) + " sent, " +
                                           std::to_string(received) + " received");
  }
  if (!r.functional) return;
  r.output_max_error = r.functional->output_max_error();
  constexpr double kMost = 1e-3;
  if (*r.output_max_error > kMost) {
    throw sim::Error(sim::Exit::check, "the merged output differs from attention on one device by " +
                                           std::to_string(*r.output_max_error) + ", more than 0.001");
  }
}

}  // namespace ring
