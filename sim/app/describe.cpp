// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "sim/app/options.h"
#include "sim/app/results.h"
#include "sim/app/settings.h"
#include "sim/app/verbs.h"
#include "sim/config/diagnostics.h"
#include "sim/config/document.h"
#include "sim/config/dump.h"
#include "sim/config/reader.h"
#include "sim/config/suggest.h"
#include "sim/core/failure.h"
#include "sim/core/report_bridge.h"
#include "sim/log/log.h"
#include "sim/record/recorder.h"
#include "sim/stats/json.h"

namespace sim::app {
namespace po = boost::program_options;
namespace {

using Json = nlohmann::ordered_json;

VerbSpec describe_spec() {
  VerbSpec verb{"describe",
                "[MODEL]",
                "Lists the models, or everything about one: settings with unit, default, range and origin;\n"
                "statistics; keys of summary.json; register map.",
                "",
                0,
                1,
                po::options_description("", 100, 50)};
  verb.options.add_options()("json", "as JSON, for programs");
  return verb;
}

/// Builds the platform of the default settings to see which statistics it has.
Json statistics(const Model& model, std::string& problem) {
  Settings settings = default_settings(model);
  Failure failure;
  log::Log log({}, false);
  ReportBridge bridge(log, failure);
  record::Recorder recorder;
  stats::Group root("run");
  const std::unique_ptr<Job> job = std::move(settings.job);  // dies before what it refers to
  settings.job = nullptr;
  try {
    RunContext context{root, recorder, log, failure, settings.region, {}, false, settings.run.watchdog_cycles,
                       0};
    job->elaborate(context);
    return stats::describe(root);
  } catch (const Error& e) {
    problem = e.what();
    return nullptr;
  }
}

Json summary_keys(const Model& model) {
  std::vector<KeyText> keys = generic_summary_keys();
  // The model's keys stand where they stand in the file: before assumed_settings and region.
  const auto own = model.summary_keys();
  keys.insert(keys.end() - 2, own.begin(), own.end());
  Json list = Json::array();
  for (const KeyText& key : keys) list.push_back({{"key", key.key}, {"unit", key.unit}, {"text", key.text}});
  return list;
}

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

/// Aligned columns: name, unit, text.
void write_table(std::ostream& out, const Json& rows, const char* name) {
  std::size_t width = 0, unit_width = 0;
  for (const Json& row : rows) {
    width = std::max(width, text_of(row[name]).size());
    unit_width = std::max(unit_width, text_of(row["unit"]).size());
  }
  for (const Json& row : rows) {
    out << "  " << std::left << std::setw(static_cast<int>(width)) << text_of(row[name]) << "  "
        << std::setw(static_cast<int>(unit_width)) << text_of(row["unit"]) << "  " << text_of(row["text"])
        << "\n";
  }
}

void describe_model(const Model& model, bool json) {
  Settings settings = default_settings(model);
  std::string problem;
  const Json stats = statistics(model, problem);
  if (json) {
    Json all;
    all["model"] = model.name();
    all["text"] = model.text();
    all["settings"] = config::describe_json(settings);
    all["statistics"] = stats;
    all["summary"] = summary_keys(model);
    all["register_map"] = model.register_map().empty() ? Json() : Json(model.register_map());
    std::cout << all.dump(2) << "\n";
    return;
  }
  std::cout << model.name() << ": " << model.text() << "\n\nSETTINGS\n" << config::describe_text(settings);
  std::cout << "\nSTATISTICS (stats.json, stats.txt)\n";
  if (stats.is_null()) {
    std::cout << "  known only for a complete configuration: " << problem << "\n";
  } else {
    write_table(std::cout, stats, "path");
  }
  std::cout << "\nKEYS OF summary.json\n";
  write_table(std::cout, summary_keys(model), "key");
  if (!model.register_map().empty()) std::cout << "\nREGISTER MAP\n" << model.register_map();
}

}  // namespace

int describe(const std::vector<std::string>& words, const Registry& registry) {
  VerbSpec verb = describe_spec();
  const Parsed parsed = parse(verb, words);
  if (parsed.help) {
    std::cout << help_text(verb);
    return 0;
  }
  const bool json = parsed.options.count("json") != 0;
  if (!parsed.arguments.empty()) {
    const std::string& name = parsed.arguments.front();
    const Model* model = registry.find(name);
    if (model == nullptr) {
      throw Error(Exit::usage, "there is no model '" + name + "'" +
                                   config::did_you_mean(name, registry.names()) +
                                   "; the models are: " + listed(registry.names()));
    }
    describe_model(*model, json);
    return 0;
  }
  Json list = Json::array();
  for (const auto& model : registry.models()) {
    list.push_back({{"model", model->name()}, {"text", model->text()}, {"unit", ""}});
  }
  if (json) {
    for (Json& row : list) row.erase("unit");
    std::cout << Json{{"models", list}}.dump(2) << "\n";
  } else {
    std::cout << "models:\n";
    write_table(std::cout, list, "model");
    std::cout << "\n`tricycle describe MODEL` lists its settings, statistics and summary keys.\n";
  }
  return 0;
}

}  // namespace sim::app
