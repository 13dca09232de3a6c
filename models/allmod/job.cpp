// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/job.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "models/allmod/picture.h"
#include "models/allmod/platform.h"
#include "sim/core/error.h"
#include "sim/log/log.h"

namespace allmod {

using sim::Cycle;

ReductionJob::ReductionJob() = default;
ReductionJob::~ReductionJob() = default;

// The bus timing matters only to those who use the bus, a block RAM's only where tables may lie in one.
bool ReductionJob::rests_on(const std::string& path) const {
  if (path == "cost.device.bram_ns") return settings_.cost.rom != RomStyle::lut;
  return settings_.workload.port == Port::socket || path.rfind("host.", 0) != 0;
}

void ReductionJob::elaborate(sim::app::RunContext& context) {
  ReducerConfig config = settings_.reducer();
  if (context.recorder.waves() && config.detail == Detail::event) {
    config.detail = Detail::clocked;
    context.log.info("allmod",
                     "waveforms need every stage: running with fidelity.detail=clocked (same cycles)");
  }
  if (context.recorder.waves() && config.lazy)
    context.log.info("allmod",
                     "fidelity.value=lazy computes no registers: waveforms show the handshakes only");
  platform_ = std::make_unique<Platform>(settings_, config, context);
  const std::string& rounding = platform_->reducer.domain().rounding();
  if (!rounding.empty()) context.log.info("allmod", "{}", rounding);
}

std::uint64_t ReductionJob::total() const { return platform_->workload->total(); }
std::uint64_t ReductionJob::done() const { return platform_->workload->done(); }

Cycle ReductionJob::cycles() const {
  const Cycle last = platform_->workload->last_cycle();
  return finished() ? last : std::max(last, platform_->reducer.domain().now());
}

std::string ReductionJob::deadlock() {
  if (platform_->watchdog) return platform_->watchdog->report();
  return std::to_string(platform_->reducer.held()) + " operands inside the lanes";
}

void ReductionJob::conclude(bool partial) {
  const Workload& work = *platform_->workload;
  if (work.mismatches() > 0) {
    std::ostringstream text;
    text << work.mismatches() << " of " << work.done() << " results differ from GMP; the first:";
    for (const Workload::Wrong& w : work.first_wrong()) {
      text << "\n  operand " << w.op << ": X = " << w.operand << "\n    got  " << w.got << "\n    want "
           << w.want;
    }
    throw sim::Error(sim::Exit::check, text.str());
  }
  if (partial) return;
  std::uint64_t accepted = 0;
  for (unsigned i = 0; i < platform_->reducer.lanes(); ++i) {
    const LaneStats& s = platform_->reducer.lane_stats(i);
    accepted += s.accepted.value();
    if (s.latency.count() > 0 && s.latency.min() < platform_->reducer.datapath().latency()) {
      throw sim::Error(sim::Exit::check, "lane " + std::to_string(i) + ": a result after " +
                                             std::to_string(s.latency.min()) +
                                             " cycles, earlier than the data path's " +
                                             std::to_string(platform_->reducer.datapath().latency()));
    }
  }
  const std::uint64_t retired = platform_->reducer.retired_count();
  if (accepted != work.total() || retired != work.total()) {
    throw sim::Error(sim::Exit::check, "operands do not add up: " + std::to_string(work.total()) +
                                           " simulated, " + std::to_string(accepted) + " accepted, " +
                                           std::to_string(retired) + " retired");
  }
  // A wrong answer of the literal drawing spoils whatever is computed from it.
  if (platform_->front && work.literal_errors() == 0 && platform_->front->wrong_outputs() > 0) {
    throw sim::Error(sim::Exit::check, std::to_string(platform_->front->wrong_outputs()) + " of " +
                                           std::to_string(platform_->program->outputs().size()) +
                                           " outputs of the chain differ from mpz_powm's");
  }
  if (platform_->driver) platform_->driver->pool().check();
  if (platform_->checker && !platform_->checker->rules().unfinished().empty()) {
    throw sim::Error(sim::Exit::check, platform_->checker->rules().unfinished());
  }
}

void ReductionJob::artefacts(const std::filesystem::path& run_dir, std::vector<sim::app::Artefact>& list) {
  const char* name = "pipeline.svg";
  std::ofstream file(run_dir / name);
  file << pipeline_picture(platform_->reducer.datapath());
  if (!file.flush())
    throw sim::Error(sim::Exit::input, std::string("cannot write ") + (run_dir / name).string());
  list.push_back({name, "what happens in each cycle of a reduction"});
}

}  // namespace allmod
