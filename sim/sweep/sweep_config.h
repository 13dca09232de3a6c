// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/config/auto.h"
#include "sim/config/resolved.h"
#include "sim/config/visitor.h"

namespace sim::sweep {

enum class SamplerKind { grid, random, lhs, nsga2, moead };
enum class EngineKind { local, slurm };
enum class Keep { all, summaries };

// `sampler:`, which points of the space are simulated, in which order.
struct SamplerConfig {
  SamplerKind kind = SamplerKind::grid;
  std::uint64_t points = 100;  // random, lhs
  std::uint64_t seed = 1;      // all but grid
  unsigned population = 40;    // nsga2, moead
  unsigned generations = 25;   // nsga2, moead
  unsigned islands = 4;        // moead
  double crossover = 0.95;     // nsga2
  double mutation = 0.05;      // nsga2
  void fields(config::Visitor& v);
};

// One way an axis can be, with a name: several settings at once.
struct ChoiceConfig {
  std::string name;
  std::vector<std::string> set;
  void fields(config::Visitor& v);
};

// `axes:`, one entry; exactly one of values, range, log_range and choices is given.
struct AxisConfig {
  std::string path;
  std::string name;
  std::string when;
  std::vector<std::string> values;
  std::vector<double> range;      // from, to[, step]
  std::vector<double> log_range;  // from, to, factor
  std::vector<ChoiceConfig> choices;
  void fields(config::Visitor& v);
  std::string shown_name() const { return name.empty() ? path : name; }
};

// `derived:`, a setting that follows from others.
struct DerivedConfig {
  std::string path;
  std::string expression;
  std::string when;
  void fields(config::Visitor& v);
};

// `objectives:`, what a good point is.
struct ObjectiveConfig {
  std::string minimise;
  std::string maximise;
  std::string name;
  void fields(config::Visitor& v);
  bool maximised() const { return !maximise.empty(); }
  const std::string& expression() const { return maximised() ? maximise : minimise; }
  std::string shown_name() const { return name.empty() ? expression() : name; }
};

// `views[].published:`, curves of others to be drawn over ours: a CSV file with a header.
struct PublishedConfig {
  std::string file;   // relative to the sweep file; empty: none
  std::string name;   // whose they are
  std::string where;  // COLUMN=VALUE; only these rows
  std::string group;  // column with the view's group
  std::string x, y;   // columns, in the units of the view's two objectives
  void fields(config::Visitor& v);
};

// `views:`, one chart of the report: fronts of its own, one for each value of a setting.
struct ViewConfig {
  std::string name;
  std::string group;
  std::vector<std::string> accept;
  std::vector<ObjectiveConfig> objectives;  // two
  PublishedConfig published;
  void fields(config::Visitor& v);
};

// `slurm:`, how array jobs are submitted.
struct SlurmConfig {
  std::string partition;
  std::string account;
  std::string time = "01:00:00";  // of one task
  unsigned memory_mib = 2048;     // of one task
  unsigned chunk = 16;            // points a task
  unsigned at_once = 0;           // tasks at the same time; 0 = all
  unsigned attempts = 3;          // of a point whose task died
  std::vector<std::string> options;
  void fields(config::Visitor& v);
};

// A sweep file.
struct SweepConfig {
  std::string sweep;  // its name
  std::string base;   // configuration that every point starts from, relative to the file
  std::vector<std::string> set;
  SamplerConfig sampler;
  std::vector<AxisConfig> axes;
  std::vector<DerivedConfig> derived;
  std::vector<std::string> require;  // before a run
  std::vector<std::string> accept;   // after it
  std::vector<ObjectiveConfig> objectives;
  std::vector<ViewConfig> views;
  EngineKind engine = EngineKind::local;
  config::Auto<unsigned> jobs;
  double point_timeout_s = 0;
  Keep keep = Keep::all;
  SlurmConfig slurm;
  void fields(config::Visitor& v);
};

// A sweep file that was read; expressions parse, axes are well-formed. That the settings exist is space.h's
// question.
struct LoadedSweep {
  SweepConfig config;
  config::Resolved resolved;
  std::filesystem::path file;
  std::filesystem::path base;  // right from the working directory
  std::string text;            // resolved, as YAML
};

// Throws sim::Error(Exit::usage) with everything that is wrong. `overrides`: "a.b=c", as for a run.
LoadedSweep load_sweep(const std::string& file, const std::vector<std::string>& overrides);

// Every key of a sweep file, for people.
std::string describe_sweep();

}  // namespace sim::sweep
