// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>

#include <unistd.h>

#include "sim/app/options.h"
#include "sim/app/verbs.h"

namespace sim::app {
namespace po = boost::program_options;
namespace fs = std::filesystem;
namespace {

constexpr const char* kReportDetails =
    "The page holds everything itself and needs no network: of a run its headline, charts, pictures, "
    "assumed\n"
    "settings, configuration and how to repeat it; of several runs also what differs and, for model system, "
    "what\n"
    "each technique gains beside the plainest run; of a sweep the front (a click opens a point's folder), "
    "parallel\n"
    "coordinates, main effects and a table. `tricycle sensitivity` adds to a run how far assumed settings "
    "move it.\n"
    "It is made by Python with Debian's python3-plotly, python3-pandas and python3-jinja2.\n\n"
    "exit codes: 0 done; 2 wrong usage; 3 a folder cannot be read, or Python or a package is missing\n";

VerbSpec report_spec() {
  VerbSpec verb{"report",
                "DIR...",
                "Makes one HTML page of run folders and sweeps.",
                kReportDetails,
                1,
                1000,
                po::options_description("", 100, 50)};
  verb.options.add_options()  //
      ("output,o", po::value<std::string>()->value_name("FILE"),
       "the page; default report.html in the first DIR")  //
      ("open-timeline", "also say how the runs' time lines are opened in Perfetto");
  return verb;
}

// Beside an installed program, or in the source tree that the program was built in.
fs::path script() {
  const fs::path program = fs::read_symlink("/proc/self/exe");
  const fs::path installed = program.parent_path().parent_path() / "share/tricycle/report/report.py";
  if (fs::exists(installed)) return installed;
  for (fs::path at = program.parent_path(); at != at.root_path(); at = at.parent_path()) {
    if (fs::exists(at / "scripts/report/report.py")) return at / "scripts/report/report.py";
  }
  throw Error(Exit::input,
              "the report's scripts are not beside the program (share/tricycle/report); install it again");
}

}  // namespace

int report(const std::vector<std::string>& words, const Registry&) {
  VerbSpec verb = report_spec();
  const Parsed parsed = parse(verb, words);
  if (parsed.help) {
    std::cout << help_text(verb);
    return 0;
  }
  std::vector<std::string> call = {"/usr/bin/python3", "-B", script().string()};
  if (parsed.options.count("output") != 0) {
    call.emplace_back("-o");
    call.push_back(parsed.options["output"].as<std::string>());
  }
  if (parsed.options.count("open-timeline") != 0) call.emplace_back("--open-timeline");
  call.emplace_back("--");
  call.insert(call.end(), parsed.arguments.begin(), parsed.arguments.end());
  // The page shows what `tricycle compare` finds between several runs.
  ::setenv("TRICYCLE_PROGRAM", fs::read_symlink("/proc/self/exe").c_str(), 1);
  std::vector<char*> argv;
  for (std::string& word : call) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execv(argv[0], argv.data());
  throw Error(Exit::input, std::string("cannot run /usr/bin/python3: ") + std::strerror(errno) +
                               "; on Debian: apt-get install python3");
}

}  // namespace sim::app
