// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/verbs/trace_verb.h"

#include <charconv>
#include <iostream>
#include <sstream>

#include "sim/app/options.h"
#include "sim/config/suggest.h"

namespace trace::verbs {
namespace {

using sim::Error;
using sim::Exit;

struct Tool {
  const char* name;
  const char* text;
  int (*call)(const std::vector<std::string>& words);
};

constexpr Tool kTools[] = {
    {"info", "what a trace holds: model, records, tokens, bits per layer, sizes", info},
    {"dump", "records as lines of JSON", dump},
    {"validate", "check a trace from the first byte to the last rule", validate},
    {"slice", "copy a range of tokens into a trace of its own", slice},
    {"diff", "compare two traces of one run within the limits of float arithmetic", diff},
};

// Tools that ask the models.
struct Exchange {
  const char* name;
  const char* text;
  int (*call)(const std::vector<std::string>& words, const sim::app::Registry& registry);
};

constexpr Exchange kExchanges[] = {
    {"import", "check a trace of another simulator, and make a configuration that runs it", import_trace},
    {"export", "write the workload of a configuration as a trace for other simulators", export_trace},
};

std::string usage_text() {
  std::ostringstream out;
  out << "usage: tricycle trace TOOL FILE... [options]\n\nLooks at traces (*.tct). The tools are:\n";
  for (const Tool& tool : kTools) {
    out << "  " << tool.name << std::string(10 - std::string(tool.name).size(), ' ') << tool.text << "\n";
  }
  for (const Exchange& tool : kExchanges) {
    out << "  " << tool.name << std::string(10 - std::string(tool.name).size(), ' ') << tool.text << "\n";
  }
  out << "\n`tricycle trace TOOL --help` explains a tool; traces/FORMAT.md describes the files.\n";
  return out.str();
}

int call(const std::vector<std::string>& words, const sim::app::Registry& registry) {
  if (words.empty()) throw sim::app::Reported(Exit::usage, usage_text());
  const std::string& first = words.front();
  if (first == "--help" || first == "-h") {
    std::cout << usage_text();
    return 0;
  }
  std::vector<std::string> names;
  for (const Tool& tool : kTools) {
    if (first == tool.name) return tool.call({words.begin() + 1, words.end()});
    names.push_back(tool.name);
  }
  for (const Exchange& tool : kExchanges) {
    if (first == tool.name) return tool.call({words.begin() + 1, words.end()}, registry);
    names.push_back(tool.name);
  }
  throw Error(Exit::usage, "there is no `tricycle trace " + first + "`" +
                               sim::config::did_you_mean(first, names) +
                               "; the tools are: " + sim::app::listed(names));
}

}  // namespace

std::uint64_t whole_number(const std::string& text, const std::string& what) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) throw Error(Exit::usage, what);
  return value;
}

sim::app::Verb trace_verb() { return {"trace", "look at, check, cut, compare and exchange traces", call}; }

}  // namespace trace::verbs
