// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/sweep_verb.h"

#include <fstream>
#include <iostream>
#include <thread>

#include <nlohmann/json.hpp>

#include "sim/app/options.h"
#include "sim/core/error.h"
#include "sim/sweep/controller.h"
#include "sim/sweep/csv.h"
#include "sim/sweep/engine.h"
#include "sim/sweep/sweep_config.h"

namespace sim::sweep {
namespace po = boost::program_options;
namespace fs = std::filesystem;
namespace {

constexpr const char* kSweepDetails =
    "  tricycle sweep SWEEP.yaml          runs it in runs/NAME, on every core\n"
    "  tricycle sweep status DIR          how far it is, from any terminal\n"
    "  tricycle sweep export DIR          every point as CSV on stdout (--front: the front only)\n"
    "  tricycle sweep describe            every key of a sweep file\n\n"
    "The sweep folder holds sweep.yaml, sweep.sqlite (one row a point), the run folder of every point under\n"
    "points/, points.csv and front.csv. A point is known by the digest of its configuration, its input files "
    "and\n"
    "the program's version; none is simulated twice. A sweep that was stopped or killed at any moment goes "
    "on\n"
    "with --resume.\n\n"
    "Ctrl-C ends the sweep: what is complete is kept, what runs is simulated again by --resume.\n\n"
    "exit codes:\n"
    "  0  done; failed points are counted and listed\n"
    "  2  wrong usage or sweep file, or the folder holds something else; nothing was changed\n"
    "  3  a file cannot be read or written; what was stored is safe\n"
    "  4  no point gave a result, or an objective has no value in any\n"
    "  5  stopped by a signal\n";

app::VerbSpec sweep_spec() {
  app::VerbSpec verb{"sweep",
                     "SWEEP.yaml | status DIR | export DIR | describe",
                     "Simulates many points of a design space.",
                     kSweepDetails,
                     1,
                     3,
                     po::options_description("", 100, 50)};
  verb.options.add_options()  //
      ("output,o", po::value<std::string>()->value_name("DIR"),
       "the sweep folder; default runs/NAME of the sweep")  //
      ("jobs,j", po::value<unsigned>()->value_name("N"),
       "simulations at the same time; default one a core")                                              //
      ("engine", po::value<std::string>()->value_name("NAME"), "local or slurm; overrides the file's")  //
      ("set", po::value<std::vector<std::string>>()->composing()->value_name("PATH=VALUE"),
       "override a key of the sweep file, e.g. --set sampler.points=50")            //
      ("resume", "go on with the sweep that the folder holds")                      //
      ("retry-failed", "with --resume: failed points are simulated again")          //
      ("dry-run", "check everything, count and list the points, simulate nothing")  //
      ("front", "export: only the points of the front")                             //
      ("quiet,q", "no progress");
  return verb;
}

int status(const fs::path& dir) {
  if (!fs::exists(dir / "sweep.sqlite")) throw Error(Exit::input, "there is no sweep in " + dir.string());
  const Store store(dir / "sweep.sqlite", Store::Open::read);
  const Counts counts = store.counts();
  std::cout << "sweep   " << store.get("name").value_or("?") << " (model " << store.get("model").value_or("?")
            << ")\n"
            << "state   "
            << (FolderLock::held(dir) ? "running"
                : counts.pending != 0 ? "stopped, go on with --resume"
                                      : "ended")
            << "\ndone    " << counts.done << "\nfailed  " << counts.failed << "\nleft    " << counts.pending
            << " of those planned so far\n";
  return 0;
}

int dry_run(const LoadedSweep& sweep, const app::Registry& registry) {
  const Space space(sweep, registry);
  const SamplerConfig& s = sweep.config.sampler;
  std::vector<Coordinates> positions;
  switch (s.kind) {
    case SamplerKind::grid:
      positions = grid_positions(space);
      break;
    case SamplerKind::random:
      positions = random_positions(space, s.points, s.seed);
      break;
    case SamplerKind::lhs:
      positions = latin_hypercube_positions(space, s.points, s.seed);
      break;
    default:
      std::cout << "at most " << make_sampler(space, sweep.config)->expected() << " of "
                << space.combinations() << " combinations; which ones follows from results\n";
      return 0;
  }
  std::map<std::string, Point> points;
  std::uint64_t excluded = 0;
  for (const Coordinates& at : positions) {
    if (auto point = space.point(at))
      points.emplace(point->digest, std::move(*point));
    else
      ++excluded;
  }
  for (const auto& [digest, point] : points) {
    std::cout << digest.substr(0, 12);
    for (std::size_t i = 0; i < point.labels.size(); ++i) {
      if (!point.labels[i].empty()) std::cout << "  " << space.axes()[i].name << "=" << point.labels[i];
    }
    std::cout << "\n";
  }
  std::cout << points.size() << " points, " << excluded << " positions break a requirement, "
            << space.combinations() << " combinations\n";
  return 0;
}

LoadedSweep load(const app::Parsed& parsed) {
  std::vector<std::string> overrides;
  if (parsed.options.count("set") != 0) overrides = parsed.options["set"].as<std::vector<std::string>>();
  if (parsed.options.count("engine") != 0) {
    overrides.push_back("engine=" + parsed.options["engine"].as<std::string>());
  }
  return load_sweep(parsed.arguments.front(), overrides);
}

int simulate(const app::Parsed& parsed, const LoadedSweep& sweep, const app::Registry& registry,
             const std::vector<std::string>& words) {
  ControlOptions options;
  options.dir = parsed.options.count("output") != 0 ? fs::path(parsed.options["output"].as<std::string>())
                                                    : fs::path("runs") / sweep.config.sweep;
  options.resume = parsed.options.count("resume") != 0;
  options.retry_failed = parsed.options.count("retry-failed") != 0;
  if (options.retry_failed && !options.resume) throw Error(Exit::usage, "--retry-failed needs --resume");
  options.jobs = sweep.config.jobs.value_or(std::max(1U, std::thread::hardware_concurrency()));
  if (parsed.options.count("jobs") != 0) options.jobs = parsed.options["jobs"].as<unsigned>();
  if (options.jobs < 1 || options.jobs > 4096) throw Error(Exit::usage, "--jobs must be in [1, 4096]");
  options.quiet = parsed.options.count("quiet") != 0;
  options.command_line = {"tricycle", "sweep"};
  options.command_line.insert(options.command_line.end(), words.begin(), words.end());
  return Controller(sweep, registry, std::move(options)).run();
}

int sweep_main(const std::vector<std::string>& words, const app::Registry& registry) {
  app::VerbSpec verb = sweep_spec();
  const app::Parsed parsed = app::parse(verb, words);
  if (parsed.help) {
    std::cout << app::help_text(verb);
    return 0;
  }
  const std::string& first = parsed.arguments.front();
  const std::size_t count = parsed.arguments.size();
  if (first == "describe" && count == 1) {
    std::cout << describe_sweep();
    return 0;
  }
  if (first == "status" && count == 2) return status(parsed.arguments[1]);
  if (first == "export" && count == 2) {
    const fs::path file = fs::path(parsed.arguments[1]) / "sweep.sqlite";
    if (!fs::exists(file)) throw Error(Exit::input, "there is no sweep in " + parsed.arguments[1]);
    write_csv(std::cout, Store(file, Store::Open::read), parsed.options.count("front") != 0);
    return 0;
  }
  if (first == "task" && count == 3) return run_slurm_task(parsed.arguments[1], parsed.arguments[2]);
  if (count != 1) {
    throw Error(
        Exit::usage,
        "sweep takes one sweep file, or: status DIR, export DIR, describe; see `tricycle sweep --help`");
  }
  const LoadedSweep sweep = load(parsed);
  if (parsed.options.count("dry-run") != 0) return dry_run(sweep, registry);
  return simulate(parsed, sweep, registry, words);
}

}  // namespace

app::Verb sweep_verb() { return {"sweep", "simulate many points of a design space", sweep_main}; }

}  // namespace sim::sweep
