// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "sim/app/compare.h"
#include "sim/app/levels.h"
#include "sim/app/options.h"
#include "sim/app/run_folder.h"
#include "sim/app/verbs.h"

namespace sim::app {
namespace po = boost::program_options;
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kFiles[] = {"summary.json", "stats.json"};

constexpr const char* kDetails =
    "Compares summary.json and stats.json of the run with those of the golden folder (which may hold only\n"
    "one of them) and prints every difference. Integers, texts and structure must be equal, other numbers\n"
    "within the tolerance. wall_s, version and the explaining texts of statistics are not compared.\n\n"
    "With --levels the argument is a configuration: it is run at every level of detail that its model has\n"
    "(ring: packet, train, closed_form), each in a process of its own, and the figures are printed side by "
    "side\n"
    "with their deviations from the first level. Levels that must agree exactly and do not are an error.\n\n"
    "exit codes: 0 equal, or updated; 2 wrong usage; 3 a file cannot be read or written; 4 different\n";

VerbSpec spec() {
  VerbSpec verb{
      "check",
      "RUN_DIR | CONFIG.yaml",
      "Compares the results of a run with a golden one, or a model's levels of detail with each other.",
      kDetails,
      1,
      1,
      po::options_description("", 100, 50)};
  verb.options.add_options()  //
      ("golden", po::value<std::string>()->value_name("DIR"),
       "the folder with the results to compare with; required without --levels")  //
      ("levels", "run CONFIG.yaml at every level of detail and compare those")    //
      ("set", po::value<std::vector<std::string>>()->composing()->value_name("PATH=VALUE"),
       "with --levels: override one setting; may be repeated")  //
      ("rel-tol", po::value<double>()->default_value(1e-9, "1e-9")->value_name("X"),
       "relative tolerance of numbers that are not integers")  //
      ("ignore", po::value<std::vector<std::string>>()->composing()->value_name("KEY"),
       "a key that is not compared, wherever it appears; may be repeated")  //
      ("update", "show the differences, then make the run's results the golden ones");
  return verb;
}

Json read_json(const fs::path& file) {
  std::ifstream in(file);
  if (!in) throw Error(Exit::input, "cannot read " + file.string() + "; is it the folder of a complete run?");
  try {
    return Json::parse(in);
  } catch (const Json::exception& e) {
    throw Error(Exit::input, file.string() + " is not JSON: " + e.what());
  }
}

/// What goes into a golden folder: nothing that changes from run to run.
Json lasting(Json json) {
  if (json.contains("wall_s")) json["wall_s"] = nullptr;
  return json;
}

CompareRules rules(const po::variables_map& options) {
  CompareRules rules;
  rules.rel_tol = options["rel-tol"].as<double>();
  if (!(rules.rel_tol >= 0 && rules.rel_tol < 1)) {
    throw Error(Exit::usage, "--rel-tol must be in [0, 1); 0.01 allows for one percent");
  }
  rules.ignore = {"wall_s", "version", "text"};
  if (options.count("ignore") != 0) {
    for (const auto& key : options["ignore"].as<std::vector<std::string>>()) rules.ignore.push_back(key);
  }
  return rules;
}

}  // namespace

int check(const std::vector<std::string>& words, const Registry& registry) {
  VerbSpec verb = spec();
  const Parsed parsed = parse(verb, words);
  if (parsed.help) {
    std::cout << help_text(verb);
    return 0;
  }
  const bool set = parsed.options.count("set") != 0;
  if (parsed.options.count("levels") != 0) {
    if (parsed.options.count("golden") + parsed.options.count("update") != 0) {
      throw Error(Exit::usage,
                  "--levels compares a configuration with itself; leave --golden and --update out");
    }
    return check_levels(
        parsed.arguments.front(),
        set ? parsed.options["set"].as<std::vector<std::string>>() : std::vector<std::string>{}, registry);
  }
  if (set) throw Error(Exit::usage, "--set needs --levels: a finished run has its settings already");
  if (parsed.options.count("golden") == 0) {
    throw Error(Exit::usage, "--golden DIR is missing: the results to compare with");
  }
  const bool update = parsed.options.count("update") != 0;
  const CompareRules how = rules(parsed.options);
  const fs::path run_dir = parsed.arguments.front();
  const fs::path golden_dir = parsed.options["golden"].as<std::string>();
  if (!fs::is_directory(run_dir)) throw Error(Exit::input, "there is no folder " + run_dir.string());

  std::size_t compared = 0, differences = 0;
  for (const char* file : kFiles) {
    if (!fs::exists(golden_dir / file)) continue;
    ++compared;
    const auto found = compare(read_json(golden_dir / file), read_json(run_dir / file), how);
    if (found.empty()) continue;
    differences += found.size();
    std::cout << file << ": " << found.size() << (found.size() == 1 ? " difference\n" : " differences\n");
    write_differences(std::cout, found);
  }
  if (update) {
    std::error_code error;
    fs::create_directories(golden_dir, error);
    for (const char* file : kFiles) {
      // A golden folder that holds one of the files was meant to hold that one.
      if (compared != 0 && !fs::exists(golden_dir / file)) continue;
      write_file(golden_dir / file, lasting(read_json(run_dir / file)).dump(2) + "\n");
    }
    std::cout << golden_dir.string()
              << (compared == 0      ? " written\n"
                  : differences == 0 ? " was up to date\n"
                                     : " updated\n");
    return 0;
  }
  if (compared == 0) {
    throw Error(Exit::input, golden_dir.string() +
                                 " holds neither summary.json nor stats.json; write them with "
                                 "`tricycle check RUN_DIR --golden DIR --update`");
  }
  if (differences != 0) {
    throw Error(Exit::check,
                run_dir.string() + " differs from " + golden_dir.string() + " in " +
                    std::to_string(differences) +
                    " places; if the new results are right, pass --update and say why they moved");
  }
  std::cout << run_dir.string() << " equals " << golden_dir.string() << "\n";
  return 0;
}

}  // namespace sim::app
