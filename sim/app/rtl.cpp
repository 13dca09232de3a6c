// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <filesystem>
#include <iostream>

#include "sim/app/build_info.h"
#include "sim/app/options.h"
#include "sim/app/run_folder.h"
#include "sim/app/settings.h"
#include "sim/app/verbs.h"
#include "sim/config/diagnostics.h"

namespace sim::app {
namespace po = boost::program_options;
namespace {

constexpr const char* kRtlDetails =
    "DIR gets the Verilog, the contents of its tables, a bench that checks itself with operands and results\n"
    "of the simulator's own arithmetic, a resource estimate, and a Makefile: make icarus, make verilator,\n"
    "make lint, make synth. DIR must not exist or must be empty; it is called DIR.partial until it is\n"
    "complete.\n";

VerbSpec rtl_spec() {
  VerbSpec verb{"rtl",
                "CONFIG.yaml -o DIR",
                "Writes the configured hardware as synthesizable Verilog-2005 with a self-checking bench.",
                kRtlDetails,
                1,
                1,
                po::options_description("", 100, 50)};
  verb.options.add_options()  //
      ("set", po::value<std::vector<std::string>>()->composing()->value_name("PATH=VALUE"),
       "override one setting; may be repeated, the last one counts")                            //
      ("output,o", po::value<std::string>()->value_name("DIR"), "the folder to write; needed")  //
      ("vectors", po::value<unsigned>()->default_value(1000)->value_name("N"),
       "operands of the bench, 8 or more; half of them are chosen to drive the design to its bounds. A "
       "configuration that names a file of operands has those instead");
  return verb;
}

}  // namespace

int rtl(const std::vector<std::string>& words, const Registry& registry) {
  VerbSpec verb = rtl_spec();
  const Parsed parsed = parse(verb, words);
  if (parsed.help) {
    std::cout << help_text(verb);
    return 0;
  }
  if (parsed.options.count("output") == 0) throw Error(Exit::usage, "where to? give a folder with -o DIR");
  RtlRequest request;
  request.vectors = parsed.options["vectors"].as<unsigned>();
  request.version = build_info().version;
  if (request.vectors < 8) throw Error(Exit::usage, "--vectors: a bench needs at least 8 operands");
  std::vector<std::string> overrides;
  if (parsed.options.count("set") != 0) overrides = parsed.options["set"].as<std::vector<std::string>>();

  const Loaded loaded = load(parsed.arguments.front(), overrides, registry);
  std::cerr << loaded.warnings;
  config::Diagnostics diagnostics;
  const std::vector<TextFile> files = loaded.settings.job->rtl(request, loaded.resolved, diagnostics);
  if (!diagnostics.ok()) throw Reported(Exit::usage, diagnostics.text());
  if (files.empty()) throw Error(Exit::usage, "model " + loaded.model->name() + " has no RTL");

  const std::string name = parsed.options["output"].as<std::string>();
  std::error_code none;
  if (std::filesystem::is_directory(name, none) && !std::filesystem::is_empty(name, none))
    throw Error(Exit::usage, "the folder " + name +
                                 " is not empty, and nothing in it is replaced; name another "
                                 "one with -o");
  RunFolder folder = RunFolder::exactly(name, false);
  std::size_t bytes = 0;
  for (const TextFile& file : files) {
    std::error_code ignored;  // write() reports a folder that is not there
    std::filesystem::create_directories((folder.partial() / file.path).parent_path(), ignored);
    folder.write(file.path, file.text);
    bytes += file.text.size();
  }
  folder.write("config.yaml", loaded.text);
  folder.publish();
  std::cout << folder.name().string() << ": " << files.size() + 1 << " files, " << (bytes + 1023) / 1024
            << " KiB\n`make icarus` or `make verilator` there runs the bench; README.md lists the files.\n";
  return 0;
}

}  // namespace sim::app
