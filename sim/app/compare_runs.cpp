// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <iostream>

#include <sys/ioctl.h>
#include <unistd.h>

#include "sim/app/comparison.h"
#include "sim/app/options.h"
#include "sim/app/verbs.h"
#include "sim/config/suggest.h"

namespace sim::app {
namespace po = boost::program_options;
namespace {

constexpr std::size_t kUsualWidth = 100;
constexpr const char* kCompareDetails =
    "The first run is what the others are compared with. Printed are: what to mind (partial or sampled "
    "runs,\n"
    "other traces, other models), the settings that differ, the figures of summary.json that differ with "
    "their\n"
    "difference, change in percent and ratio, and what only one run has. ~ marks extrapolated figures. Runs "
    "of\n"
    "different models are compared in the keys that they share. Settings of record, log and run do not "
    "count.\n\n"
    "  tricycle compare runs/ring runs/token_ring\n"
    "  tricycle compare runs/a runs/b runs/c --key energy --key time     some figures only\n"
    "  tricycle compare runs/* --format csv > all.csv                    everything, for a spreadsheet\n\n"
    "Where one run has fidelity.detail: fast (loosely timed) and another has not, its timing error is "
    "printed, "
    "too:\n"
    "every figure in seconds, fast against the other, in percent.\n\n"
    "A regression that must not move: `tricycle check`. Pictures: `tricycle report DIR DIR...`.\n\n"
    "exit codes: 0 compared, equal or not; 2 wrong usage; 3 a folder is not a run's or cannot be read\n";

VerbSpec compare_spec() {
  VerbSpec verb{"compare",
                "DIR DIR...",
                "Shows two or more runs side by side: settings and figures that differ.",
                kCompareDetails,
                1,
                1000,
                po::options_description("", 100, 50)};
  verb.options.add_options()  //
      ("format", po::value<std::string>()->default_value("text")->value_name("KIND"),
       "text (what differs), json or csv (everything, equal or not)")  //
      ("key,k", po::value<std::vector<std::string>>()->composing()->value_name("WORD"),
       "text: only settings and figures whose key contains WORD; may be repeated")  //
      ("all,a", "text: also what is equal, and every element of lists")             //
      ("stats", "compare stats.json, too")                                          //
      ("width", po::value<std::size_t>()->value_name("N"),
       "text: columns; default: the terminal's, else 100");
  return verb;
}

std::size_t width(const po::variables_map& options) {
  if (options.count("width") != 0) {
    const auto given = options["width"].as<std::size_t>();
    if (given < 40 || given > 10000) throw Error(Exit::usage, "--width must be in [40, 10000]");
    return given;
  }
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) return size.ws_col;
  return kUsualWidth;
}

}  // namespace

int compare_runs(const std::vector<std::string>& words, const Registry& registry) {
  VerbSpec verb = compare_spec();
  const Parsed parsed = parse(verb, words);
  if (parsed.help) {
    std::cout << help_text(verb);
    return 0;
  }
  if (parsed.arguments.size() < 2) {
    throw Error(Exit::usage,
                "compare needs two run folders or more: the first one is what the others are compared with");
  }
  const std::string format = parsed.options["format"].as<std::string>();
  const std::vector<std::string> formats = {"text", "json", "csv"};
  if (std::find(formats.begin(), formats.end(), format) == formats.end()) {
    throw Error(Exit::usage, "--format: there is no format '" + format + "'" +
                                 config::did_you_mean(format, formats) +
                                 "; the formats are: " + listed(formats));
  }
  TextStyle style;
  style.width = width(parsed.options);
  style.all = parsed.options.count("all") != 0;
  if (parsed.options.count("key") != 0) style.keys = parsed.options["key"].as<std::vector<std::string>>();
  std::vector<RunResults> runs;
  for (const std::string& folder : parsed.arguments) {
    runs.push_back(read_run(folder, parsed.options.count("stats") != 0));
  }
  const Comparison comparison = compare_results(std::move(runs), registry);
  if (format == "json") {
    write_json(std::cout, comparison);
  } else if (format == "csv") {
    write_csv(std::cout, comparison);
  } else {
    write_text(std::cout, comparison, style);
  }
  return 0;
}

}  // namespace sim::app
