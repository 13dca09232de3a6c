// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cstdio>
#include <iostream>
#include <sstream>

#include <unistd.h>

#include "sim/app/options.h"
#include "sim/app/run_platform.h"
#include "sim/app/verbs.h"
#include "sim/config/suggest.h"

namespace sim::app {
namespace po = boost::program_options;
namespace {

constexpr const char* kRunDetails =
    "The run folder holds config.yaml (every setting with its origin; it runs again), summary.txt,\n"
    "summary.json (stable keys, for scripts), stats.txt, stats.json, manifest.json (versions, host, times),\n"
    "run.log, the recordings and the model's tables and pictures. It is called DIR.partial until it is\n"
    "complete. The summary goes to stdout, the log and the progress to stderr.\n\n"
    "SIGINT (Ctrl-C) or SIGTERM ends the simulation and keeps what there is, marked partial; a second one\n"
    "ends the program at once.\n\n"
    "exit codes:\n"
    "  0  done\n"
    "  1  a defect of the program\n"
    "  2  wrong usage or configuration; nothing was simulated\n"
    "  3  an input file cannot be read, or the run folder cannot be written\n"
    "  4  a check of the model failed, it is deadlocked, or nothing was simulated\n"
    "  5  stopped early by run.max_cycles, run.max_wall_s or a signal; the results are partial\n";

VerbSpec run_spec() {
  VerbSpec verb{"run",
                "CONFIG.yaml",
                "Simulates one configuration and writes a run folder.",
                kRunDetails,
                1,
                1,
                po::options_description("", 100, 50)};
  verb.options.add_options()  //
      ("set", po::value<std::vector<std::string>>()->composing()->value_name("PATH=VALUE"),
       "override one setting, e.g. --set workload.count=100; may be repeated, the last one counts")  //
      ("output,o", po::value<std::string>()->value_name("DIR"),
       "the run folder; default runs/NAME of the configuration, then NAME-2, NAME-3 ...")  //
      ("summary-only",
       "write config.yaml, summary.json and manifest.json only: where many runs are to be counted, not "
       "looked at")                                                         //
      ("overwrite", "replace the run that the folder given with -o holds")  //
      ("record", po::value<std::string>()->value_name("KINDS"),
       "recordings, any of: perfetto (timeline.json), vcd (waves.vcd, and waves.fst where vcd2fst is "
       "installed), separated by commas")                               //
      ("strict", "refuse settings whose values are assumed")            //
      ("quiet,q", "nothing on stderr but errors: no log, no progress")  //
      ("dry-run", "check everything, print the resolved configuration on stdout and simulate nothing");
  return verb;
}

std::vector<std::string> overrides(const po::variables_map& options) {
  std::vector<std::string> list;
  if (options.count("record") != 0) {
    std::istringstream kinds(options["record"].as<std::string>());
    for (std::string kind; std::getline(kinds, kind, ',');) {
      if (kind != "perfetto" && kind != "vcd") {
        throw Error(Exit::usage, "--record: there is no recording '" + kind + "'" +
                                     config::did_you_mean(kind, {"perfetto", "vcd"}) +
                                     "; the recordings are: perfetto, vcd");
      }
      list.push_back("record." + kind + "=true");
    }
  }
  if (options.count("set") != 0) {
    for (const auto& assignment : options["set"].as<std::vector<std::string>>()) list.push_back(assignment);
  }
  return list;
}

RunFolder make_folder(const po::variables_map& options, const std::string& file) {
  const bool overwrite = options.count("overwrite") != 0;
  if (options.count("output") != 0) {
    return RunFolder::exactly(options["output"].as<std::string>(), overwrite);
  }
  if (overwrite) throw Error(Exit::usage, "--overwrite needs -o DIR: it says which run to replace");
  return RunFolder::next_free(std::filesystem::path("runs") / std::filesystem::path(file).stem());
}

}  // namespace

int run(const std::vector<std::string>& words, const Registry& registry) {
  VerbSpec verb = run_spec();
  const Parsed parsed = parse(verb, words);
  if (parsed.help) {
    std::cout << help_text(verb);
    return 0;
  }
  // 1. Everything that can be wrong with the input, before anything is written.
  const std::string& file = parsed.arguments.front();
  const bool quiet = parsed.options.count("quiet") != 0;
  Loaded loaded = load(file, overrides(parsed.options), registry);
  if (!quiet) std::cerr << loaded.warnings;
  if (parsed.options.count("strict") != 0) refuse_assumed(loaded);
  if (parsed.options.count("dry-run") != 0) {
    std::cout << loaded.text;
    return 0;
  }
  // 2. The run.
  RunFolder folder = make_folder(parsed.options, file);
  Manifest manifest;
  manifest.command_line = {"tricycle", "run"};
  manifest.command_line.insert(manifest.command_line.end(), words.begin(), words.end());
  manifest.config_file = file;
  const Progress::Style style = quiet                     ? Progress::Style::none
                                : ::isatty(STDERR_FILENO) ? Progress::Style::bar
                                                          : Progress::Style::lines;
  const RunOutcome outcome =
      run_platform(loaded, folder, std::move(manifest), quiet, style,
                   parsed.options.count("summary-only") != 0 ? Files::summary : Files::all);
  folder.publish();
  // 3. The result.
  const double wall_s = outcome.facts.wall_s;
  char took[64];
  std::snprintf(took, sizeof took, "%.3g s", wall_s);
  std::cout << outcome.summary << "\nRun folder: " << folder.name().string() << "  (simulated in " << took;
  if (wall_s > 0)
    std::cout << ", " << short_number(static_cast<double>(outcome.facts.cycles) / wall_s) << " cycles/s";
  std::cout << ")\n" << std::flush;
  if (outcome.exit_code == Exit::check) throw Error(Exit::check, outcome.failure);
  if (outcome.exit_code == Exit::limit) {
    throw Error(Exit::limit,
                outcome.facts.why_partial + "; the result in " + folder.name().string() + " is partial");
  }
  return static_cast<int>(outcome.exit_code);
}

}  // namespace sim::app
