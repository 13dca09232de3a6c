// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/sensitivity_verb.h"

#include <algorithm>
#include <iostream>
#include <thread>

#include "sim/app/options.h"
#include "sim/core/error.h"
#include "sim/sweep/sensitivity.h"

namespace sim::sweep {
namespace po = boost::program_options;
namespace {

constexpr const char* kSensitivityDetails =
    "Runs the configuration (unless DIR holds its run already), then once with less and once with more of "
    "each\n"
    "assumed setting that the results rest on, and writes DIR/sensitivity.json; `tricycle report DIR` draws "
    "it.\n"
    "Whole numbers move by 1 at least. Settings that are no numbers, that are 0, or whose other values the\n"
    "configuration refuses are listed with the reason. Each run gets its own process.\n\n"
    "  tricycle sensitivity configs/ring/a10x4_tokenring.yaml -o runs/a10\n"
    "  tricycle sensitivity CONFIG.yaml -o DIR --setting fabric.link.latency_ns --key time_s\n"
    "  tricycle sensitivity configs/system/llama2_7b_32k.yaml -o runs/llama --with fidelity.detail=fast\n\n"
    "Ctrl-C keeps what is complete; the same command goes on from there.\n\n"
    "exit codes: 0 done; 2 wrong usage, or DIR holds something else; 3 a file cannot be read or written;\n"
    "            4 the run itself fails; 5 stopped by a signal\n";

app::VerbSpec sensitivity_spec() {
  app::VerbSpec verb{"sensitivity",
                     "CONFIG.yaml -o DIR",
                     "How far each assumed setting moves the results of a run.",
                     kSensitivityDetails,
                     1,
                     1,
                     po::options_description("", 100, 50)};
  verb.options.add_options()  //
      ("output,o", po::value<std::string>()->value_name("DIR"),
       "the folder of the run; it is simulated when there is none")  //
      ("percent", po::value<double>()->default_value(20)->value_name("X"),
       "by how much settings are varied, up and down")  //
      ("key", po::value<std::vector<std::string>>()->composing()->value_name("KEY"),
       "figure of summary.json to watch, energy_j.total for nested ones; may be repeated; default: the "
       "model's "
       "headline")  //
      ("setting", po::value<std::vector<std::string>>()->composing()->value_name("PATH"),
       "vary this setting, assumed or not, instead of the assumed ones; may be repeated")  //
      ("set", po::value<std::vector<std::string>>()->composing()->value_name("PATH=VALUE"),
       "override one setting of the configuration; may be repeated")  //
      ("with", po::value<std::vector<std::string>>()->composing()->value_name("PATH=VALUE"),
       "the varied runs have this too, and are set beside one more run that has it, not beside DIR's: for a "
       "cheaper level of detail; may be repeated")  //
      ("jobs,j", po::value<unsigned>()->value_name("N"),
       "simulations at the same time; default one a core")  //
      ("quiet,q", "no progress");
  return verb;
}

std::vector<std::string> list_of(const po::variables_map& options, const char* name) {
  return options.count(name) != 0 ? options[name].as<std::vector<std::string>>() : std::vector<std::string>{};
}

int sensitivity_main(const std::vector<std::string>& words, const app::Registry& registry) {
  app::VerbSpec verb = sensitivity_spec();
  const app::Parsed parsed = app::parse(verb, words);
  if (parsed.help) {
    std::cout << app::help_text(verb);
    return 0;
  }
  SensitivityOptions options;
  options.config = parsed.arguments.front();
  if (parsed.options.count("output") == 0)
    throw Error(Exit::usage, "-o DIR is missing: the folder of the run");
  options.dir = parsed.options["output"].as<std::string>();
  options.percent = parsed.options["percent"].as<double>();
  if (!(options.percent > 0 && options.percent < 100))
    throw Error(Exit::usage, "--percent must be in (0, 100)");
  options.overrides = list_of(parsed.options, "set");
  options.keys = list_of(parsed.options, "key");
  options.settings = list_of(parsed.options, "setting");
  options.with = list_of(parsed.options, "with");
  options.jobs = std::max(1U, std::thread::hardware_concurrency());
  if (parsed.options.count("jobs") != 0) options.jobs = parsed.options["jobs"].as<unsigned>();
  if (options.jobs < 1 || options.jobs > 4096) throw Error(Exit::usage, "--jobs must be in [1, 4096]");
  options.quiet = parsed.options.count("quiet") != 0;
  write_sensitivity(std::cout, sensitivity(options, registry));
  std::cout << "\n"
            << (options.dir / "sensitivity.json").string() << "  (`tricycle report " << options.dir.string()
            << "` draws it)\n";
  return 0;
}

}  // namespace

app::Verb sensitivity_verb() {
  return {"sensitivity", "how far each assumed setting moves the results", sensitivity_main};
}

}  // namespace sim::sweep
