// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// import and export: traces of other simulators. The formats are the models' business.
#include <filesystem>
#include <fstream>
#include <iostream>

#include "sim/app/options.h"
#include "sim/app/settings.h"
#include "traces/verbs/trace_verb.h"

namespace trace::verbs {
namespace {

namespace po = boost::program_options;
using sim::Error;
using sim::Exit;
using sim::app::Parsed;
using sim::app::VerbSpec;

VerbSpec import_spec() {
  VerbSpec verb{
      "trace import",
      "--chakra PREFIX [-o CONFIG.yaml]",
      "Checks a trace of another simulator and says what it holds.",
      "MLCommons Chakra execution traces are files PREFIX.RANK.et, ranks from 0. The configuration that -o\n"
      "writes runs them on a cluster of model ring; put in your fabric. Process groups are read from\n"
      "PREFIX.groups.json where there is such a file: {\"NAME\": [0, 1, 2, 3], ...}.\n\n"
      "exit codes: 0 it can be run; 2 wrong usage; 3 a file cannot be read or written, is damaged, or\n"
      "contradicts another\n",
      0,
      0,
      po::options_description("", 100, 50)};
  verb.options.add_options()  //
      ("chakra", po::value<std::string>()->value_name("PREFIX"),
       "files PREFIX.0.et, PREFIX.1.et, ...; required")  //
      ("output,o", po::value<std::string>()->value_name("CONFIG.yaml"),
       "write a configuration that runs the trace");
  return verb;
}

VerbSpec export_spec() {
  VerbSpec verb{
      "trace export",
      "CONFIG.yaml --chakra PREFIX",
      "Writes the workload of a configuration as a trace for other simulators.",
      "MLCommons Chakra execution traces are files PREFIX.RANK.et, one a GPU. Imported again, an exported\n"
      "schedule takes the same times.\n\n"
      "exit codes: 0 done; 2 wrong usage or configuration; 3 a file is there already or cannot be written\n",
      1,
      1,
      po::options_description("", 100, 50)};
  verb.options.add_options()  //
      ("set", po::value<std::vector<std::string>>()->composing()->value_name("PATH=VALUE"),
       "override one setting; may be repeated, the last one counts")  //
      ("chakra", po::value<std::string>()->value_name("PREFIX"),
       "files PREFIX.0.et, PREFIX.1.et, ...; required");
  return verb;
}

std::string prefix_of(const Parsed& parsed) {
  const std::string prefix =
      parsed.options.count("chakra") == 0 ? "" : parsed.options["chakra"].as<std::string>();
  if (prefix.empty())
    throw Error(Exit::usage, "which trace? give the files PREFIX.RANK.et with --chakra PREFIX");
  return prefix;
}

}  // namespace

int import_trace(const std::vector<std::string>& words, const sim::app::Registry& registry) {
  VerbSpec verb = import_spec();
  const Parsed parsed = sim::app::parse(verb, words);
  if (parsed.help) {
    std::cout << sim::app::help_text(verb);
    return 0;
  }
  const std::string prefix = prefix_of(parsed);
  std::optional<sim::app::ImportedTrace> imported;
  for (const auto& model : registry.models()) {
    if (!imported) imported = model->import_trace("chakra", prefix);
  }
  if (!imported) throw Error(Exit::usage, "no model of this program runs Chakra execution traces");
  std::cout << imported->report;
  if (parsed.options.count("output") == 0) return 0;
  const std::string file = parsed.options["output"].as<std::string>();
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    throw Error(Exit::input, file + ": is there already; remove it, or name another file with -o");
  }
  std::ofstream out(file, std::ios::binary);
  out << imported->config;
  out.close();
  if (!out) throw Error(Exit::input, file + ": cannot be written");
  std::cout << "run it: tricycle run " << file << "\n";
  return 0;
}

int export_trace(const std::vector<std::string>& words, const sim::app::Registry& registry) {
  VerbSpec verb = export_spec();
  const Parsed parsed = sim::app::parse(verb, words);
  if (parsed.help) {
    std::cout << sim::app::help_text(verb);
    return 0;
  }
  const std::string prefix = prefix_of(parsed);
  std::vector<std::string> overrides;
  if (parsed.options.count("set") != 0) overrides = parsed.options["set"].as<std::vector<std::string>>();
  const sim::app::Loaded loaded = sim::app::load(parsed.arguments.front(), overrides, registry);
  std::cerr << loaded.warnings;
  std::cout << loaded.settings.job->export_trace("chakra", prefix);
  return 0;
}

}  // namespace trace::verbs
