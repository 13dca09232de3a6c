// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/cli.h"

#include <algorithm>
#include <sstream>

#include "sim/config/suggest.h"
#include "sim/core/error.h"

namespace workload {
namespace po = boost::program_options;
namespace {

[[noreturn]] void wrong(const VerbSpec& spec, const std::string& what) {
  throw sim::Error(sim::Exit::usage, what + "\nusage: tricycle-workload " + spec.name + " " + spec.usage +
                                         "; `tricycle-workload " + spec.name + " --help` lists the options");
}

std::string nearest(const VerbSpec& spec, std::string option) {
  option.erase(0, option.find_first_not_of('-'));
  std::vector<std::string> known;
  for (const auto& each : spec.options.options()) known.push_back(each->long_name());
  const std::string best = sim::config::closest(option, known);
  return best.empty() ? "" : ", did you mean '--" + best + "'?";
}

}  // namespace

po::variables_map parse(VerbSpec& spec, const std::vector<std::string>& words) {
  if (spec.options.find_nothrow("help", false) == nullptr) spec.options.add_options()("help,h", "this text");
  po::variables_map values;
  if (std::any_of(words.begin(), words.end(), [](const auto& w) { return w == "--help" || w == "-h"; })) {
    values.insert({"help", po::variable_value(true, false)});
    return values;
  }
  const po::positional_options_description none;
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  try {
    po::store(po::command_line_parser(words).options(spec.options).positional(none).style(style).run(),
              values);
    po::notify(values);
  } catch (const po::unknown_option& e) {
    wrong(spec, "there is no option '" + e.get_option_name() + "'" + nearest(spec, e.get_option_name()));
  } catch (const po::too_many_positional_options_error&) {
    wrong(spec, "every argument has an option in front of it");
  } catch (const po::error& e) {
    wrong(spec, e.what());
  }
  return values;
}

std::string help_text(const VerbSpec& spec) {
  std::ostringstream out;
  out << "usage: tricycle-workload " << spec.name << " " << spec.usage << "\n\n"
      << spec.text << "\n\noptions:\n"
      << spec.options;
  if (!spec.details.empty()) out << "\n" << spec.details;
  return out.str();
}

}  // namespace workload
