// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/run_platform.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <iostream>
#include <sstream>

#include <systemc>

#include "sim/app/interrupt.h"
#include "sim/app/simulate.h"
#include "sim/core/failure.h"
#include "sim/core/report_bridge.h"
#include "sim/log/log.h"
#include "sim/record/recorder.h"
#include "sim/stats/json.h"

namespace sim::app {
namespace {

std::string recording_text(const std::string& file) {
  if (file == "timeline.json") return "timeline; open it in https://ui.perfetto.dev";
  if (file == "waves.vcd" || file == "waves.fst") return "waveforms; open them with gtkwave";
  return "recording";
}

double cpu_seconds() {
  timespec t{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

class Platform {
 public:
  Platform(Loaded& loaded, RunFolder& folder, Manifest manifest, bool quiet, Progress::Style style,
           Files files)
      : loaded_(loaded),
        folder_(folder),
        files_(files),
        manifest_(std::move(manifest)),
        log_(loaded.settings.log, !quiet),
        bridge_(log_, failure_),
        stats_("run"),
        job_(std::move(loaded.settings.job)),
        progress_(std::cerr, style, loaded.settings.run.progress) {}

  ~Platform() { log_.set_clock({}); }

  RunOutcome run() {
    try {
      prepare();
    } catch (...) {
      folder_.discard();
      throw;
    }
    try {
      simulate_and_conclude();
      write_results();
    } catch (const Error& e) {
      leave(e.exit_code(), e.what());
      throw;
    } catch (const std::exception& e) {
      leave(Exit::internal, e.what());
      throw;
    } catch (...) {
      leave(Exit::internal, "an exception of unknown type");
      throw;
    }
    return std::move(outcome_);
  }

 private:
  // 1. Everything up to the first simulated event. The folder is still worth nothing.
  void prepare() {
    folder_.write("config.yaml", loaded_.text);
    if (files_ == Files::all) log_.add_file(folder_.partial() / "run.log");
    recorder_ = std::make_unique<record::Recorder>(loaded_.settings.record, folder_.partial(), loaded_.text);
    outcome_.facts.period_ps = period_ps(*job_);
    recorder_->set_period_ps(outcome_.facts.period_ps);
    RunContext context{stats_,
                       *recorder_,
                       log_,
                       failure_,
                       loaded_.settings.region,
                       folder_.partial(),
                       loaded_.settings.run.check_protocol,
                       loaded_.settings.run.watchdog_cycles,
                       loaded_.settings.run.shuffle};
    job_->elaborate(context);
    failure_.rethrow();
    log_.set_clock([this] { return job_->cycles(); });
    write_manifest();
    log_.info("tricycle", "{}: {} {} to do", loaded_.model->name(), job_->total(), job_->unit());
  }

  // 2. The simulation, and what it says at its end.
  void simulate_and_conclude() {
    begin_ = std::chrono::steady_clock::now();
    manifest_.set_up_cpu_s = cpu_seconds();
    bool failed = false;
    try {
      ending_ = simulate(*job_, loaded_.settings.run, failure_, interrupt_, progress_);
    } catch (const Error& e) {
      note_failure(e);
      failed = true;
    }
    progress_.clear();
    manifest_.simulation_cpu_s = cpu_seconds() - manifest_.set_up_cpu_s;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin_;
    outcome_.facts.wall_s = std::round(1e6 * took.count()) / 1e6;
    outcome_.facts.partial = failed || ending_.partial();
    outcome_.facts.why_partial = failed ? "the run failed, see failure.txt" : ending_.why;
    if (ending_.partial()) outcome_.exit_code = Exit::limit;
    conclude();
    outcome_.facts.cycles = job_->cycles();
  }

  void conclude() {
    const bool partial = outcome_.facts.partial;
    // The callbacks end_of_simulation run here; the last clock edge may lie behind the model's own last
    // cycle.
    const Cycle end =
        std::max<Cycle>(job_->cycles(), sc_core::sc_time_stamp().value() / outcome_.facts.period_ps);
    try {
      if (sc_core::sc_get_status() != sc_core::SC_STOPPED) sc_core::sc_stop();
      if (outcome_.failure.empty()) failure_.rethrow();
      stats_.finish(end);
      job_->conclude(partial);
    } catch (const Error& e) {
      // Of a run that was cut short or failed already, a broken rule is no news.
      if (!partial || e.exit_code() != Exit::check) note_failure(e);
    }
    recorder_->finish(end);
  }

  void note_failure(const Error& e) {
    if (e.exit_code() != Exit::check) throw;  // called from a handler
    outcome_.exit_code = Exit::check;
    outcome_.failure = e.what();
    progress_.clear();
    log_.write(log::Level::error, "tricycle", e.what());
  }

  // 3. The files.
  void write_results() {
    const bool quick = outcome_.facts.wall_s <= 0;
    log_.info("tricycle", "{} {} done in {} s, {} cycles/s", job_->done(), job_->unit(),
              outcome_.facts.wall_s,
              quick ? "-" : short_number(static_cast<double>(outcome_.facts.cycles) / outcome_.facts.wall_s));
    list_files();
    if (files_ == Files::all) write_statistics();
    folder_.write("summary.json", summary_json(loaded_, *job_, outcome_.facts).dump(2) + "\n");
    outcome_.summary = summary_text(loaded_, *job_, outcome_.facts, outcome_.files);
    if (files_ == Files::all) folder_.write("summary.txt", outcome_.summary);
    if (!outcome_.failure.empty()) folder_.write("failure.txt", outcome_.failure + "\n");
    manifest_.ended = true;
    manifest_.outcome = outcome_.exit_code == Exit::check           ? "failed"
                        : ending_.kind == Ending::Kind::limit       ? "limit"
                        : ending_.kind == Ending::Kind::interrupted ? "interrupted"
                                                                    : "complete";
    log_.flush();
    write_manifest();
  }

  void write_statistics() {
    folder_.write("stats.json", stats_json(loaded_, *job_, outcome_.facts, stats_).dump(2) + "\n");
    std::ostringstream table;
    stats::write_text(table, stats_);
    folder_.write("stats.txt", table.str());
  }

  void list_files() {
    std::vector<Artefact>& files = outcome_.files;
    if (!outcome_.failure.empty()) files.push_back({"failure.txt", "why the run failed"});
    if (files_ == Files::all) job_->artefacts(folder_.partial(), files);
    for (const auto& path : recorder_->files()) {
      const std::string file = path.filename().string();
      files.push_back({file, recording_text(file)});
    }
    for (const std::string& note : recorder_->notes()) log_.warn("record", "{}", note);
    files.push_back({"summary.json", "the figures above, for programs"});
    if (files_ == Files::all) files.push_back({"stats.txt", "every statistic (stats.json: for programs)"});
    files.push_back({"config.yaml", "every setting with its origin; `tricycle run` takes it"});
    files.push_back({"manifest.json", "versions, host and times of this run"});
    if (files_ == Files::all) files.push_back({"run.log", "the log"});
  }

  void write_manifest() {
    manifest_.wall_s = outcome_.facts.wall_s;
    manifest_.partial = !manifest_.ended || outcome_.facts.partial;
    manifest_.failure = outcome_.failure;
    manifest_.exit_code = static_cast<int>(outcome_.exit_code);
    manifest_.files = outcome_.files;
    folder_.write("manifest.json", to_json(manifest_, loaded_, *job_).dump(2) + "\n");
  }

  // An error that is no outcome: the partial folder stays, with the reason where that can still be written.
  void leave(Exit code, const std::string& why) {
    progress_.clear();
    outcome_.exit_code = code;
    outcome_.failure = why;
    outcome_.facts.partial = true;
    manifest_.ended = true;
    manifest_.outcome = "failed";
    try {
      write_manifest();
      folder_.write("failure.txt", why + "\n");
    } catch (const Error&) {  // the disk may be full: that is the error then
    }
    std::cerr << "tricycle: what was simulated until the error is in " << folder_.partial().string() << "\n";
  }

  Loaded& loaded_;
  RunFolder& folder_;
  Files files_;
  Manifest manifest_;
  Interrupt interrupt_;
  Failure failure_;
  log::Log log_;
  ReportBridge bridge_;
  stats::Group stats_;
  std::unique_ptr<record::Recorder> recorder_;
  std::unique_ptr<Job> job_;  // refers to everything above
  Progress progress_;
  std::chrono::steady_clock::time_point begin_;
  Ending ending_;
  RunOutcome outcome_;
};

}  // namespace

RunOutcome run_platform(Loaded& loaded, RunFolder& folder, Manifest manifest, bool quiet,
                        Progress::Style style, Files files) {
  return Platform(loaded, folder, std::move(manifest), quiet, style, files).run();
}

}  // namespace sim::app
