// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/simulate.h"

#include <algorithm>
#include <chrono>

#include <systemc>

#include "sim/core/clock_domain.h"
#include "sim/core/error.h"

namespace sim::app {
namespace {

using Seconds = std::chrono::duration<double>;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kFirstSlice = 256;    // cycles
constexpr double kShort = 0.05, kLong = 0.1;  // wall time of a slice, s
constexpr std::uint64_t kEnoughDeltas = 64;   // to take their mean wall time for that of a busy cycle

class Simulation {
 public:
  Simulation(Job& job, const RunConfig& config, Failure& failure, const Interrupt& interrupt,
             Progress& progress)
      : job_(job),
        config_(config),
        failure_(failure),
        interrupt_(interrupt),
        progress_(progress),
        period_(sc_core::sc_time::from_value(period_ps(job))),
        slice_(kFirstSlice * period_) {}

  Ending run() {
    start(sc_core::SC_ZERO_TIME);  // initialisation: until then nothing is pending
    while (sc_core::sc_get_status() != sc_core::SC_STOPPED && sc_core::sc_pending_activity()) {
      Ending ending;
      if (must_end(ending)) return job_.finished() ? end_of_events() : ending;
      slice();
      progress_.update({job_.done(), job_.total(), job_.unit(), job_.cycles(), seconds()});
    }
    return end_of_events();
  }

 private:
  double seconds() const { return Seconds(Clock::now() - begin_).count(); }

  void start(const sc_core::sc_time& duration,
             sc_core::sc_starvation_policy policy = sc_core::SC_EXIT_ON_STARVATION) {
    // Not sim::run(): with its SC_RUN_TO_TIME the time after the last event, and with it every figure taken
    // from the clock, would depend on where the slices happened to end.
    try {
      sc_core::sc_start(duration, policy);
    } catch (const sc_core::sc_report& report) {
      failure_.rethrow();  // the kernel may have wrapped it; the original says more
      throw Error(Exit::internal, std::string("SystemC stopped: ") + report.what());
    }
    failure_.rethrow();
  }

  bool must_end(Ending& ending) {
    if (interrupt_.signal() != 0) {
      ending = {Ending::Kind::interrupted, std::string("stopped by ") + interrupt_.name()};
    } else if (config_.max_cycles != 0 && next_event() >= limit()) {
      ending = {Ending::Kind::limit, "run.max_cycles = " + std::to_string(config_.max_cycles) + " reached"};
      // Nothing happens until then, but the time passes: the results are those of max_cycles cycles.
      if (sc_core::sc_time_stamp() < limit())
        start(limit() - sc_core::sc_time_stamp(), sc_core::SC_RUN_TO_TIME);
    } else if (config_.max_wall_s > 0 && seconds() >= config_.max_wall_s) {
      ending = {Ending::Kind::limit, "run.max_wall_s reached"};
    } else {
      return false;
    }
    return true;
  }

  static sc_core::sc_time next_event() {
    return sc_core::sc_time_stamp() + sc_core::sc_time_to_pending_activity();
  }

  sc_core::sc_time limit() const {
    const sc_core::sc_time most = sc_core::sc_max_time();
    if (config_.max_cycles >= most.value() / period_.value()) return most;
    return sc_core::sc_time::from_value(config_.max_cycles * period_.value());
  }

  void slice() {
    const sc_core::sc_time now = sc_core::sc_time_stamp();
    // At least to the next event: sc_start() leaves the time alone when it meets none.
    sc_core::sc_time length = std::max(slice_, sc_core::sc_time_to_pending_activity());
    // Events at the end of a slice are held back to the next one, so cycle max_cycles does not run.
    if (config_.max_cycles != 0) length = std::min(length, limit() - now);
    length = std::min(length, sc_core::sc_max_time() - now);
    const Clock::time_point before = Clock::now();
    const std::uint64_t deltas_before = sc_core::sc_delta_count();
    start(length);
    adapt(Seconds(Clock::now() - before).count(), sc_core::sc_delta_count() - deltas_before);
  }

  // 1. Aim at kShort to kLong of wall time. 2. But never take more cycles than would take kLong if each of
  // them had an edge: a model that idles must not lead to a slice that then covers its busy phase as a whole,
  // deaf to signals and limits.
  void adapt(double took, std::uint64_t deltas) {
    if (took < kShort && slice_ < sc_core::sc_max_time() / 4) slice_ += slice_;
    if (took > kLong && slice_ > period_) slice_ = sc_core::sc_time::from_value(slice_.value() / 2);
    if (deltas >= kEnoughDeltas) edge_s_ = (edge_s_ + took / static_cast<double>(deltas)) / 2;
    slice_ = std::min(slice_, std::max(1.0, kLong / edge_s_) * period_);
  }

  Ending end_of_events() {
    if (!job_.finished()) {
      std::string report = job_.deadlock();
      if (report.empty()) report = "no unit has anything left to do";
      throw Error(Exit::check, "the run stands still at cycle " + std::to_string(job_.cycles()) + " with " +
                                   std::to_string(job_.done()) + " of " + std::to_string(job_.total()) + " " +
                                   job_.unit() + " done: " + report);
    }
    if (job_.done() == 0) {
      throw Error(Exit::check, std::string("the run simulated nothing: 0 ") + job_.unit() +
                                   " were done; check the size of the workload and the section `region`");
    }
    return {};
  }

  Job& job_;
  const RunConfig& config_;
  Failure& failure_;
  const Interrupt& interrupt_;
  Progress& progress_;
  sc_core::sc_time period_;
  sc_core::sc_time slice_;
  double edge_s_ = 1e-6;  // wall time of a cycle with an edge
  Clock::time_point begin_ = Clock::now();
};

}  // namespace

std::uint64_t period_ps(const Job& job) {
  const double mhz = job.clock_mhz();
  if (!(mhz > 0) || mhz > 1e6) {
    throw Error(Exit::usage, "the clock of " + std::to_string(mhz) + " MHz is outside (0, 1000000] MHz");
  }
  return sim::period_ps(mhz);
}

Ending simulate(Job& job, const RunConfig& config, Failure& failure, const Interrupt& interrupt,
                Progress& progress) {
  return Simulation(job, config, failure, interrupt, progress).run();
}

}  // namespace sim::app
