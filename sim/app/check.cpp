// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>
#include <sstream>

#include "sim/app/compare.h"
#include "sim/app/json_file.h"
#include "sim/app/junit.h"
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

constexpr const char* kCheckDetails =
    "Compares summary.json and stats.json of the run with those of the golden folder (which may hold only\n"
    "one of them) and prints every difference. Integers, texts and structure must be equal, other numbers\n"
    "within the tolerance. wall_s, version and the explaining texts of statistics are not compared.\n\n"
    "With --levels the argument is a configuration: it is run at every level of detail that its model has\n"
    "(ring: packet, train, closed_form), each in a process of its own, and the figures are printed side by "
    "side\n"
    "with their deviations from the first level. Levels that must agree exactly and do not are an error.\n\n"
    "--junit writes one test case for each file compared (with --levels: one), passed, failed with the "
    "table\n"
    "of differences, or in error where a file cannot be read; the exit code stays what it is.\n\n"
    "exit codes: 0 equal, or updated; 2 wrong usage; 3 a file cannot be read or written; 4 different\n";

VerbSpec check_spec() {
  VerbSpec verb{
      "check",
      "RUN_DIR | CONFIG.yaml",
      "Compares the results of a run with a golden one, or a model's levels of detail with each other.",
      kCheckDetails,
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
      ("junit", po::value<std::string>()->value_name("FILE"),
       "also write the outcome as JUnit XML, for CI systems")  //
      ("update",
       "show the differences and their change in percent, then make the run's results the golden ones");
  return verb;
}

constexpr const char* kRemedy = "is it the folder of a complete run?";

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

struct Pair {
  fs::path run, golden;
};

/// Calls `part`; what it throws is a case that did not pass, and is thrown on.
void as_case(std::vector<JunitCase>& cases, const std::string& name, const std::function<void()>& part) {
  cases.push_back({name, JunitCase::Outcome::passed, {}, {}});
  try {
    part();
  } catch (const Error& e) {
    JunitCase& c = cases.back();
    c.outcome = e.exit_code() == Exit::check ? JunitCase::Outcome::failed : JunitCase::Outcome::error;
    c.message = e.what();
    throw;
  }
}

/// Compares one file; the number of differences.
std::size_t compare_file(const Pair& folders, const char* file, const CompareRules& how,
                         std::vector<JunitCase>& cases) {
  std::size_t differences = 0;
  as_case(cases, file, [&] {
    const auto found =
        compare(read_json(folders.golden / file, kRemedy), read_json(folders.run / file, kRemedy), how);
    if (found.empty()) return;
    differences = found.size();
    std::ostringstream table;
    table << file << ": " << found.size() << (found.size() == 1 ? " difference\n" : " differences\n");
    write_differences(table, found);
    std::cout << table.str();
    JunitCase& c = cases.back();
    c.outcome = JunitCase::Outcome::failed;
    c.message = std::to_string(found.size()) + " differences from " + folders.golden.string();
    c.text = table.str();
  });
  return differences;
}

int update_golden(const Pair& folders, std::size_t compared, std::size_t differences) {
  std::error_code ignored;
  fs::create_directories(folders.golden, ignored);
  for (const char* file : kFiles) {
    // A golden folder that holds one of the files was meant to hold that one.
    if (compared != 0 && !fs::exists(folders.golden / file)) continue;
    write_file(folders.golden / file, lasting(read_json(folders.run / file, kRemedy)).dump(2) + "\n");
  }
  std::cout << folders.golden.string()
            << (compared == 0      ? " written\n"
                : differences == 0 ? " was up to date\n"
                                   : " updated\n");
  return 0;
}

int check_golden(const Pair& folders, const CompareRules& how, bool update, std::vector<JunitCase>& cases) {
  std::size_t compared = 0, differences = 0;
  if (!fs::is_directory(folders.run)) {
    as_case(cases, "run folder",
            [&] { throw Error(Exit::input, "there is no folder " + folders.run.string()); });
  }
  for (const char* file : kFiles) {
    if (!fs::exists(folders.golden / file)) continue;
    ++compared;
    differences += compare_file(folders, file, how, cases);
  }
  if (update) return update_golden(folders, compared, differences);
  if (compared == 0) {
    as_case(cases, "golden folder", [&] {
      throw Error(Exit::input, folders.golden.string() +
                                   " holds neither summary.json nor stats.json; write them with "
                                   "`tricycle check RUN_DIR --golden DIR --update`");
    });
  }
  if (differences != 0) {
    throw Error(Exit::check,
                folders.run.string() + " differs from " + folders.golden.string() + " in " +
                    std::to_string(differences) +
                    " places; if the new results are right, pass --update and say why they moved");
  }
  std::cout << folders.run.string() << " equals " << folders.golden.string() << "\n";
  return 0;
}

/// Runs `part` and writes the cases that it leaves, however it ends.
int with_junit(const po::variables_map& options, const std::string& suite,
               const std::function<int(std::vector<JunitCase>&)>& part) {
  std::vector<JunitCase> cases;
  const auto write = [&] {
    if (options.count("junit") != 0) write_junit(options["junit"].as<std::string>(), suite, cases);
  };
  int code = 0;
  try {
    code = part(cases);
  } catch (const Error&) {
    write();
    throw;
  }
  write();
  return code;
}

}  // namespace

int check(const std::vector<std::string>& words, const Registry& registry) {
  VerbSpec verb = check_spec();
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
    const auto sets = set ? parsed.options["set"].as<std::vector<std::string>>() : std::vector<std::string>{};
    const std::string& config = parsed.arguments.front();
    return with_junit(parsed.options, config, [&](std::vector<JunitCase>& cases) {
      int code = 0;
      as_case(cases, "levels", [&] { code = check_levels(config, sets, registry); });
      return code;
    });
  }
  if (set) throw Error(Exit::usage, "--set needs --levels: a finished run has its settings already");
  if (parsed.options.count("golden") == 0) {
    throw Error(Exit::usage, "--golden DIR is missing: the results to compare with");
  }
  const bool update = parsed.options.count("update") != 0;
  if (update && parsed.options.count("junit") != 0) {
    throw Error(Exit::usage,
                "--update makes the results the golden ones: there is nothing for --junit to tell");
  }
  const CompareRules how = rules(parsed.options);
  const Pair folders{parsed.arguments.front(), parsed.options["golden"].as<std::string>()};
  return with_junit(parsed.options, folders.golden.string(),
                    [&](std::vector<JunitCase>& cases) { return check_golden(folders, how, update, cases); });
}

}  // namespace sim::app
