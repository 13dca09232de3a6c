// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What a hardware model gives to the command line: a Model makes Jobs, a Job is one run.
// Includes no SystemC header, so that a model's settings can be read and tested without the kernel.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/core/units.h"

namespace sim {
class Failure;
struct RegionConfig;
namespace config {
class Visitor;
class Resolved;
class Diagnostics;
}  // namespace config
namespace stats {
class Group;
}
namespace record {
class Recorder;
}
namespace log {
class Log;
}
}  // namespace sim

namespace sim::app {

/// What elaborate() may use. Everything referred to outlives the Job.
struct RunContext {
  stats::Group& stats;         ///< parent of the job's statistics; written to stats.json
  record::Recorder& recorder;  ///< tracks, names and signals are registered during elaboration
  log::Log& log;
  Failure& failure;                ///< to be handed to the clock domains
  const RegionConfig& region;      ///< which operations of the workload are simulated and measured
  std::filesystem::path run_dir;   ///< where the run writes; empty when only elaborated (`describe`)
  bool check_protocol = false;     ///< run.check_protocol: put a protocol checker on every socket
  Cycle watchdog_cycles = 0;       ///< run.watchdog_cycles; 0 = no watchdog
  std::uint64_t shuffle_seed = 0;  ///< run.shuffle: seed of the evaluation order; 0 = as registered
};

/// A file that artefacts() wrote into the run folder.
struct Artefact {
  std::string file;  ///< relative to the run folder
  std::string text;  ///< one line: what it shows
};

/// A file of `tricycle rtl`.
struct TextFile {
  std::string path;  ///< relative to the output folder, '/' between folders
  std::string text;
};

/// What `tricycle rtl` asks for beside the configuration.
struct RtlRequest {
  unsigned vectors = 1000;  ///< operands of the self-checking bench
  std::string version;      ///< of the program
};

/// What `tricycle trace import` found in a trace of another simulator.
struct ImportedTrace {
  std::string report;  ///< for people, whole lines
  std::string config;  ///< a configuration that runs the trace, as YAML
};

/// One key of summary.json, for `tricycle describe`.
struct KeyText {
  std::string key;   ///< `energy_j.total` for nested objects, `layers[].cycles` for lists
  std::string unit;  ///< empty = none
  std::string text;
};

/// What `tricycle check --levels` runs and compares: one setting with several levels of detail.
struct Levels {
  std::string setting;  ///< path, "level"; empty = the model has no such setting
  std::vector<std::string>
      words;  ///< values that it takes; the first one is what the others are compared with
  std::vector<std::string> exact;  ///< those of `words` that must give the very numbers of the first one
  std::vector<std::string> keys;   ///< of summary.json: numbers, or lists of numbers
};

/// The object `region` of summary.json: how much of the workload the figures rest on.
struct Sampled {
  double share = 1;                       ///< measured operations / operations of the workload
  std::uint64_t windows = 0;              ///< measured windows
  std::vector<std::string> extrapolated;  ///< keys of summary.json scaled to the whole workload
  std::string ci95_of;                    ///< key that ci95 belongs to; empty = none
  std::optional<double> ci95;             ///< half width of its 95 % confidence interval, same unit
};

/// One run of a model: settings -> platform -> results. A new Job holds the default settings.
///
/// Order of calls: fields (any number of times, also before and after every other call), check, elaborate,
/// then the kernel runs in slices of simulated time between which total, done, cycles and finished are asked;
/// conclude, seed, trace_digest, sampled, summary, summary_text, artefacts; destruction.
/// Any call from elaborate on may throw sim::Error with the exit code the program shall end with.
class Job {
 public:
  virtual ~Job() = default;

  /// Declares every setting of the model. `model`, `region`, `record`, `log` and `run` belong to the
  /// application and must not be declared here.
  virtual void fields(config::Visitor& visitor) = 0;

  /// Rules across fields and files that must be readable. Reports positions with resolved.mark(path).
  virtual void check(const config::Resolved& resolved, config::Diagnostics& diagnostics) = 0;

  /// Whether the results of these settings depend on the setting `path` at all; those that do not count
  /// neither among the assumed settings of a summary nor for --strict. Valid after check().
  virtual bool rests_on(const std::string& path) const {
    (void)path;
    return true;
  }

  /// Builds the sc_modules, registers statistics and recordings. Nothing is simulated yet.
  virtual void elaborate(RunContext& context) = 0;

  /// The main clock in MHz: cycles(), run.max_cycles and recordings count its cycles. Valid after check();
  /// its period is rounded to whole picoseconds, as ClockDomain does.
  virtual double clock_mhz() const = 0;

  virtual std::uint64_t total() const = 0;  ///< operations this run simulates; 0 = not known in advance
  virtual std::uint64_t done() const = 0;   ///< operations retired so far; never decreases
  virtual const char* unit() const = 0;     ///< what done() counts, plural: "reductions"

  /// Cycles of the main clock until now; after the end: the cycle count that the results report.
  virtual Cycle cycles() const = 0;

  /// All work is retired and nothing is on its way any more. A model whose events never run dry (an sc_clock)
  /// also calls sc_stop() then.
  virtual bool finished() const = 0;

  /// Asked when no event is left and finished() is false: which units wait for what. May be empty.
  virtual std::string deadlock() = 0;

  /// End of the simulation: conservation checks. Throws Error(Exit::check) when one is violated and the run
  /// was not cut short. Called once, before the results are asked; they are written in either case.
  virtual void conclude(bool partial) = 0;

  /// Seed of the workload; absent = the run draws no random numbers. Asked from elaborate on.
  virtual std::optional<std::uint64_t> seed() const { return std::nullopt; }

  /// Digest of the input trace, in hex; empty = the run reads none. Asked from elaborate on.
  virtual std::string trace_digest() const { return {}; }

  /// Absent when every operation of the workload was simulated and measured.
  virtual std::optional<Sampled> sampled() const { return std::nullopt; }

  /// Adds the model's keys to summary.json. An absent value is null, never a missing key.
  virtual void summary(nlohmann::ordered_json& keys) = 0;

  /// The same for people, some lines of at most 100 columns. Must not contain wall time or paths.
  virtual void summary_text(std::ostream& out) = 0;

  /// Writes pictures and tables into `run_dir` and lists them. Not called for `describe`.
  virtual void artefacts(const std::filesystem::path& run_dir, std::vector<Artefact>& list) {
    (void)run_dir;
    (void)list;
  }

  /// For `tricycle check --levels`. Valid after check(); by default there is nothing to compare.
  virtual Levels levels() const { return {}; }

  /// The configured hardware as synthesizable RTL with a self-checking bench. Called after check(), never
  /// together with elaborate(). What cannot be written is reported with the position of the setting; then,
  /// and for a model that has no RTL (the default), the list is empty.
  virtual std::vector<TextFile> rtl(const RtlRequest& request, const config::Resolved& resolved,
                                    config::Diagnostics& diagnostics) const {
    (void)request;
    (void)resolved;
    (void)diagnostics;
    return {};
  }

  /// Writes the workload in an exchange format ("chakra": files `prefix`.RANK.et). Called after check(),
  /// never together with elaborate(). Returns whole lines for people. Throws Error(Exit::input) where it
  /// cannot write; a model without such a format (the default) throws Error(Exit::usage).
  virtual std::string export_trace(const std::string& format, const std::string& prefix) const;
};

/// A hardware model the command line knows. Stateless.
class Model {
 public:
  virtual ~Model() = default;
  virtual std::string name() const = 0;  ///< the word after `model:`, lower case
  virtual std::string text() const = 0;  ///< one line
  virtual std::unique_ptr<Job> make() const = 0;
  /// Every key that Job::summary() writes.
  virtual std::vector<KeyText> summary_keys() const = 0;
  /// Those of them that answer the model's question, the first one before all: numbers, "energy_j.total" for
  /// nested ones. What `tricycle sensitivity` watches; a key that a run has no number for is left out.
  virtual std::vector<std::string> headline_keys() const { return {"sim_time_s"}; }
  /// Reads a trace in an exchange format ("chakra": files `prefix`.RANK.et) and checks it. Absent where the
  /// model does not know the format (the default). Throws Error(Exit::input) for a trace that makes no sense.
  virtual std::optional<ImportedTrace> import_trace(const std::string& format,
                                                    const std::string& prefix) const {
    (void)format;
    (void)prefix;
    return std::nullopt;
  }
  /// Register map of the model's sockets in Markdown; empty = none.
  virtual std::string register_map() const { return {}; }
};

/// The models of one program, in the order they were added. Registration is an explicit call.
class Registry {
 public:
  /// Throws std::invalid_argument when a model of that name is there already.
  void add(std::unique_ptr<Model> model);
  const Model* find(const std::string& name) const;  ///< nullptr when there is none
  const std::vector<std::unique_ptr<Model>>& models() const { return models_; }
  std::vector<std::string> names() const;

 private:
  std::vector<std::unique_ptr<Model>> models_;
};

}  // namespace sim::app
