// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/search/verb/search_verb.h"

#include <chrono>
#include <iostream>
#include <numeric>
#include <thread>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "models/allmod/job.h"
#include "models/allmod/search/verb/result_files.h"
#include "sim/app/interrupt.h"
#include "sim/app/options.h"
#include "sim/app/run_folder.h"
#include "sim/app/settings.h"
#include "sim/core/error.h"
#include "sim/sweep/controller.h"

namespace allmod {

namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;
using sim::Error;
using sim::Exit;
using Words = std::vector<std::string>;

constexpr const char* kDetails =
    "The cost model prices reducers of every form with every w, m, p, e, r, rho, t and u; n, lanes, stall "
    "policy,\n"
    "segment, multiplier and device are the configuration's. Bounds leave out what cannot be on the front, "
    "and\n"
    "nothing else: the front is the one that pricing every design would give. Then its designs are simulated "
    "with\n"
    "the configuration's workload, and cycles and area compared with what the search said.\n\n"
    "figures to minimise or cap: latency_cycles, ii_cycles (between two operands), latency_ns and "
    "interval_ns (at\n"
    "f_max), critical_ns, lut_sites, ff, bram36, area_time (lut_sites * ii_cycles), scalar_luts (lut_sites "
    "and\n"
    "bram36 at cost.device.bram36_luts each); fmax_mhz can be capped from below.\n\n"
    "  tricycle search configs/allmod/n8192_serial.yaml --set cost.rom=bram --set fidelity.value=lazy\n"
    "  tricycle search configs/allmod/n1024_hybrid.yaml --cap 'bram36<=200' --cap 'ii_cycles<=64'\n"
    "  tricycle search configs/allmod/n128_hybrid.yaml --minimise latency_ns,lut_sites --only "
    "form=pipelined\n\n"
    "The folder holds search.txt, search.csv and search.json (the front), front.yaml (the sweep that "
    "simulates it)\n"
    "and front/ (that sweep's folder, for `tricycle report`). Ctrl-C ends the search and keeps the front "
    "found so\n"
    "far, without simulating it; a second search with --resume goes on with simulations that are missing.\n\n"
    "exit codes:\n"
    "  0  done\n"
    "  2  wrong usage or configuration, or the folder holds something else; nothing was changed\n"
    "  3  a file cannot be read or written\n"
    "  4  no design keeps every cap, or a simulated design differs from what the search said\n"
    "  5  stopped by a signal\n";

sim::app::VerbSpec spec() {
  sim::app::VerbSpec verb{"search",
                          "CONFIG.yaml",
                          "Finds the best reducers of model allmod and simulates them.",
                          kDetails,
                          1,
                          1,
                          po::options_description("", 100, 50)};
  verb.options.add_options()  //
      ("minimise", po::value<std::string>()->value_name("LIST")->default_value("latency_cycles,lut_sites"),
       "figures that make a design good, separated by commas")  //
      ("cap", po::value<Words>()->composing()->value_name("LIMIT"),
       "what a design must keep, e.g. 'bram36<=100', 'fmax_mhz>=50'; may be repeated")  //
      ("only", po::value<Words>()->composing()->value_name("AXIS=RANGE"),
       "a part of the space, e.g. w=4..8, t=2, form=serial,template; may be repeated")  //
      ("set", po::value<Words>()->composing()->value_name("PATH=VALUE"),
       "override one setting of the configuration; may be repeated")  //
      ("simulate", po::value<std::string>()->value_name("N")->default_value("40"),
       "designs of the front to simulate, spread over it: a number, all or none")                          //
      ("output,o", po::value<std::string>()->value_name("DIR"), "the folder; default runs/search_CONFIG")  //
      ("jobs,j", po::value<unsigned>()->value_name("N"),
       "simulations at the same time; default one a core")                                      //
      ("resume", "search again into a folder that holds this search; what is simulated stays")  //
      ("dry-run", "check everything, say how large the space is, write nothing")                //
      ("quiet,q", "no progress");
  return verb;
}

Words list(const po::variables_map& options, const char* name) {
  return options.count(name) != 0 ? options[name].as<Words>() : Words{};
}

struct Request {
  SearchReport report;
  std::size_t simulate = 0;
  fs::path folder;
  bool resume = false, quiet = false;
  unsigned jobs = 1;
};

std::size_t simulated(const std::string& word) {
  if (word == "all") return static_cast<std::size_t>(-1);
  if (word == "none") return 0;
  if (word.empty() || word.size() > 9 || word.find_first_not_of("0123456789") != std::string::npos)
    throw Error(Exit::usage, "--simulate '" + word + "': a number of designs, all or none is wanted");
  return std::stoul(word);
}

Request read(const sim::app::Parsed& parsed, const sim::app::Registry& registry) {
  const po::variables_map& options = parsed.options;
  Request request;
  SearchReport& report = request.report;
  report.config = parsed.arguments.front();
  report.set = list(options, "set");
  report.caps = list(options, "cap");
  report.only = list(options, "only");
  const sim::app::Loaded loaded = sim::app::load(report.config, report.set, registry);
  const auto* job = dynamic_cast<const ReductionJob*>(loaded.settings.job.get());
  if (job == nullptr)
    throw Error(Exit::usage,
                report.config + " is a configuration of model " + loaded.settings.model +
                    "; only allmod has a cost model to search, others are swept: `tricycle sweep`");
  report.space = space_of(job->settings());
  report.options = cost_options(job->settings());
  report.goals.minimise = metrics(options["minimise"].as<std::string>());
  for (const std::string& words : report.caps) report.goals.caps.push_back(cap(words));
  for (const std::string& words : report.only) narrow(report.space, words);
  request.simulate = simulated(options["simulate"].as<std::string>());
  request.folder = options.count("output") != 0
                       ? fs::path(options["output"].as<std::string>())
                       : fs::path("runs") / ("search_" + fs::path(report.config).stem().string());
  request.resume = options.count("resume") != 0;
  request.quiet = options.count("quiet") != 0;
  request.jobs = options.count("jobs") != 0 ? options["jobs"].as<unsigned>()
                                            : std::max(1u, std::thread::hardware_concurrency());
  if (request.jobs < 1 || request.jobs > 4096) throw Error(Exit::usage, "--jobs must be in [1, 4096]");
  return request;
}

void check_folder(const Request& request) {
  std::error_code none;
  const fs::path& folder = request.folder;
  if (!fs::exists(folder, none) || (fs::is_directory(folder, none) && fs::is_empty(folder, none))) return;
  if (!fs::exists(folder / "search.json", none))
    throw Error(Exit::usage,
                folder.string() + " holds something that is no search; name another folder with -o");
  if (!request.resume)
    throw Error(Exit::usage,
                folder.string() + " holds a search already; pass --resume, or name another folder with -o");
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Searches; progress goes to stderr: a line that is rewritten on a terminal, else one every ten seconds.
void find(Request& request, const sim::app::Interrupt& interrupt) {
  SearchReport& report = request.report;
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  const auto start = std::chrono::steady_clock::now();
  double next = terminal ? 0.5 : 10;
  bool drawn = false;
  report.result = search(report.space, report.goals, report.options, [&](const SearchEffort& effort) {
    if (!request.quiet && seconds_since(start) >= next) {
      next = seconds_since(start) + (terminal ? 0.2 : 10);
      std::cerr << (terminal ? "\r\x1b[K" : "") << "search: " << effort.roots_done << " of " << effort.roots
                << " parts of the space, " << effort.boxes << " bounds, " << effort.priced
                << " designs priced, " << effort.front << " on the front" << (terminal ? "" : "\n")
                << std::flush;
      drawn = terminal;
    }
    return interrupt.signal() == 0;
  });
  if (drawn) std::cerr << "\r\x1b[K" << std::flush;
  report.seconds = seconds_since(start);
  if (report.result.complete) report.authors = beside_the_template(report.space, report.options);
}

// Evenly over the front, both ends in.
std::vector<std::size_t> chosen(std::size_t front, std::size_t wanted) {
  std::vector<std::size_t> designs;
  const std::size_t count = std::min(front, wanted);
  for (std::size_t i = 0; i < count; ++i) designs.push_back(count == 1 ? 0 : i * (front - 1) / (count - 1));
  return designs;
}

// The simulated latency, interval and area have to be those that the search found.
void compare(const SearchReport& report, const std::vector<std::size_t>& designs, const fs::path& folder) {
  const sim::sweep::Store store(folder / "sweep.sqlite", sim::sweep::Store::Open::read);
  std::size_t at = 0, same = 0;
  store.each([&](const sim::sweep::Store::Row& row) {
    const Found& found = report.result.front[designs[at++]];
    const auto summary = nlohmann::ordered_json::parse(row.outcome.summary, nullptr, false);
    if (row.outcome.status != sim::sweep::Status::done || !summary.is_object())
      throw Error(Exit::check,
                  "design " + design_name(found.design) + " could not be simulated: " + row.outcome.error);
    for (const Metric metric :
         {Metric::latency_cycles, Metric::ii_cycles, Metric::lut_sites, Metric::ff, Metric::bram36}) {
      const double have = summary.value(metric_word(metric), -1.0);
      if (have == found.measures.value(metric)) continue;
      throw Error(Exit::check, "design " + design_name(found.design) + ": " + metric_word(metric) + " is " +
                                   std::to_string(have) + " simulated, the search said " +
                                   std::to_string(found.measures.value(metric)));
    }
    ++same;
  });
  std::cout << same << " designs simulated: latency, interval and area are those of the search\n";
}

int simulate(const Request& request, const sim::app::Registry& registry, const Words& words) {
  const std::vector<std::size_t> designs = chosen(request.report.result.front.size(), request.simulate);
  if (designs.empty()) return 0;
  const fs::path sweep_file = request.folder / "front.yaml";
  sim::app::write_file(sweep_file, front_sweep(request.report, designs));
  const sim::sweep::LoadedSweep sweep = sim::sweep::load_sweep(sweep_file.string(), {});
  sim::sweep::ControlOptions options;
  options.dir = request.folder / "front";
  options.resume = request.resume;
  options.jobs = request.jobs;
  options.quiet = request.quiet;
  options.command_line = {"tricycle", "search"};
  options.command_line.insert(options.command_line.end(), words.begin(), words.end());
  const int code = sim::sweep::Controller(sweep, registry, std::move(options)).run();
  if (code != 0) return code;
  compare(request.report, designs, request.folder / "front");
  return 0;
}

int search_main(const Words& words, const sim::app::Registry& registry) {
  sim::app::VerbSpec verb = spec();
  const sim::app::Parsed parsed = sim::app::parse(verb, words);
  if (parsed.help) {
    std::cout << sim::app::help_text(verb);
    return 0;
  }
  Request request = read(parsed, registry);
  SearchReport& report = request.report;
  if (parsed.options.count("dry-run") != 0) {
    std::cout << report.space.designs() << " designs of " << report.space.n << " bits, in "
              << boxes(report.space).size() << " parts\n";
    return 0;
  }
  check_folder(request);
  {
    const sim::app::Interrupt interrupt;
    find(request, interrupt);
  }
  std::cout << search_text(report);
  if (report.result.front.empty() && report.result.complete)
    throw Error(Exit::check, "no design of the space keeps every cap; raise one of them");
  std::error_code error;
  fs::create_directories(request.folder, error);
  if (error) throw Error(Exit::input, "cannot create " + request.folder.string() + ": " + error.message());
  sim::app::write_file(request.folder / "search.txt", search_text(report));
  sim::app::write_file(request.folder / "search.csv", search_csv(report));
  sim::app::write_file(request.folder / "search.json", search_json(report));
  char took[32];
  std::snprintf(took, sizeof took, "%.3g", report.seconds);
  std::cout << "\nSearched in " << took << " s: " << request.folder.string() << "\n" << std::flush;
  if (!report.result.complete) {
    std::cerr << "tricycle: stopped by a signal; the front is not complete and was not simulated\n";
    return static_cast<int>(Exit::limit);
  }
  return simulate(request, registry, words);
}

}  // namespace

sim::app::Verb search_verb() {
  return {"search", "find the best reducers of model allmod, and simulate them", search_main};
}

}  // namespace allmod
