// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/options.h"

#include <algorithm>
#include <sstream>

#include "sim/config/suggest.h"

namespace sim::app {
namespace po = boost::program_options;
namespace {

constexpr const char* kPositional = "argument";

[[noreturn]] void wrong(const VerbSpec& spec, const std::string& what) {
  throw Error(Exit::usage, what + "\nusage: tricycle " + spec.name + " " + spec.arguments +
                               " [options]; `tricycle " + spec.name + " --help` lists them");
}

std::string nearest(const VerbSpec& spec, std::string option) {
  option.erase(0, option.find_first_not_of('-'));
  std::vector<std::string> known;
  for (const auto& each : spec.options.options()) known.push_back(each->long_name());
  const std::string best = config::closest(option, known);
  return best.empty() ? "" : ", did you mean '--" + best + "'?";
}

}  // namespace

Parsed parse(VerbSpec& spec, const std::vector<std::string>& words) {
  if (spec.options.find_nothrow("help", false) == nullptr) {
    spec.options.add_options()("help,h", "this text");
  }
  Parsed parsed;
  if (std::any_of(words.begin(), words.end(), [](const auto& w) { return w == "--help" || w == "-h"; })) {
    parsed.help = true;
    return parsed;
  }
  po::options_description all;
  all.add(spec.options);
  all.add_options()(kPositional, po::value<std::vector<std::string>>());
  po::positional_options_description positional;
  positional.add(kPositional, -1);
  // No guessing: an abbreviation that works today would mean something else once an option is added.
  const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  try {
    const auto result = po::command_line_parser(words).options(all).positional(positional).style(style).run();
    po::store(result, parsed.options);
    po::notify(parsed.options);
  } catch (const po::unknown_option& e) {
    wrong(spec, "there is no option '" + e.get_option_name() + "'" + nearest(spec, e.get_option_name()));
  } catch (const po::error& e) {
    wrong(spec, e.what());
  }
  if (parsed.options.count(kPositional) != 0) {
    parsed.arguments = parsed.options[kPositional].as<std::vector<std::string>>();
  }
  if (parsed.arguments.size() < spec.least) wrong(spec, spec.arguments + " is missing");
  if (parsed.arguments.size() > spec.most) {
    wrong(spec, "'" + parsed.arguments[spec.most] + "' is one argument too many");
  }
  return parsed;
}

std::string help_text(const VerbSpec& spec) {
  std::ostringstream out;
  out << "usage: tricycle " << spec.name << " " << spec.arguments << " [options]\n\n"
      << spec.text << "\n\noptions:\n"
      << spec.options;
  if (!spec.details.empty()) out << "\n" << spec.details;
  return out.str();
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text.empty() ? "none" : text;
}

}  // namespace sim::app
