// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/settings.h"

#include <sstream>

#include "sim/app/digest.h"
#include "sim/app/options.h"
#include "sim/config/diagnostics.h"
#include "sim/config/document.h"
#include "sim/config/dump.h"
#include "sim/config/reader.h"
#include "sim/config/suggest.h"
#include "sim/config/visitor.h"
#include "sim/core/error.h"

namespace sim::app {
namespace {

bool starts_with(const std::string& text, const char* prefix) { return text.rfind(prefix, 0) == 0; }

const Model* choose_model(const config::Document& document, const Registry& registry,
                          config::Diagnostics& diagnostics) {
  const std::string name = document.scalar("model");
  if (name.empty()) {
    // Without it nothing else of the file has a meaning, so nothing else is reported.
    diagnostics.error(document.mark("model"),
                      "model: missing; add the line `model: NAME` with one of: " + listed(registry.names()));
    return nullptr;
  }
  const Model* model = registry.find(name);
  if (model == nullptr) {
    diagnostics.error(document.mark("model"), "model: there is no model '" + name + "'" +
                                                  config::did_you_mean(name, registry.names()) +
                                                  "; the models are: " + listed(registry.names()));
  }
  return model;
}

void check_application(const Settings& settings, const config::Resolved& resolved,
                       config::Diagnostics& diagnostics) {
  std::string key;
  const std::string problem = settings.region.problem(&key);
  if (!problem.empty()) diagnostics.error(resolved.mark("region." + key), "region." + key + ": " + problem);
  if (settings.record.to_cycle <= settings.record.from_cycle) {
    diagnostics.error(resolved.mark("record.to_cycle"),
                      "record.to_cycle: must be larger than record.from_cycle, which is " +
                          std::to_string(settings.record.from_cycle) + "; nothing would be recorded");
  }
}

}  // namespace

void RunConfig::fields(config::Visitor& v) {
  using config::Meta;
  v.field("watchdog_cycles", watchdog_cycles,
          Meta("cycle", "the run fails when work is outstanding and none is retired for so long; 0 = never"));
  v.field("max_cycles", max_cycles,
          Meta("cycle", "the run ends after so many cycles of the main clock, marked partial; 0 = no limit"));
  v.field("max_wall_s", max_wall_s,
          Meta("s", "the run ends after so much real time, marked partial; 0 = no limit").at_least(0.0));
  v.field(
      "check_protocol", check_protocol,
      Meta("", "a TLM base-protocol checker on every memory-mapped socket; costs time, changes no result"));
  v.field("shuffle", shuffle,
          Meta("", "seed that permutes the order of evaluation within a cycle; 0 = off; changes no result"));
  v.field("progress", progress,
          Meta("s", "time between progress lines where stderr is no terminal; 0 = no progress at all")
              .at_least(0.0));
}

void Settings::fields(config::Visitor& v) {
  v.field("model", model, config::Meta("", "the hardware model this configuration is for"));
  job->fields(v);
  v.section("region", region, "which operations of the workload are simulated and measured");
  v.section("record", record, "recordings of the run");
  v.section("log", log, "the log, on stderr and in run.log");
  v.section("run", run, "how the run is watched and when it ends early");
}

Settings default_settings(const Model& model) {
  Settings settings;
  settings.model = model.name();
  settings.job = model.make();
  return settings;
}

Loaded load(const std::string& file, const std::vector<std::string>& overrides, const Registry& registry) {
  config::Diagnostics diagnostics;
  config::Document document = config::Document::load(file, diagnostics);
  const bool readable = diagnostics.ok();
  for (const std::string& assignment : overrides) document.set(assignment, diagnostics);
  Loaded loaded;
  // A file that could not be parsed has said so; that it names no model is a consequence.
  if (readable || document.has("model")) loaded.model = choose_model(document, registry, diagnostics);
  if (loaded.model == nullptr) throw Reported(Exit::usage, diagnostics.text());

  loaded.settings = default_settings(*loaded.model);
  loaded.resolved = config::read(document, loaded.settings, diagnostics);
  // Rules across fields make sense only for values that could be read.
  if (diagnostics.ok()) {
    check_application(loaded.settings, loaded.resolved, diagnostics);
    loaded.settings.job->check(loaded.resolved, diagnostics);
  }
  if (!diagnostics.ok()) throw Reported(Exit::usage, diagnostics.text());
  loaded.warnings = diagnostics.text();
  loaded.text = config::dump(loaded.settings, &loaded.resolved);
  loaded.digest = config_digest(loaded.resolved);
  return loaded;
}

std::string config_digest(const config::Resolved& resolved) {
  std::string lines;
  for (const auto& entry : resolved.entries()) {
    if (starts_with(entry.path, "record.") || starts_with(entry.path, "log.") ||
        starts_with(entry.path, "run.")) {
      continue;
    }
    if (entry.path == "workload.trace") continue;  // counts by its own digest, wherever it lies
    lines += entry.path + ": " + entry.value + "\n";
  }
  return sha256(lines);
}

std::vector<const config::Resolved::Entry*> assumed_settings(const Loaded& loaded, const Job& job) {
  std::vector<const config::Resolved::Entry*> found;
  for (const auto* entry : loaded.resolved.assumed()) {
    if (job.rests_on(entry->path)) found.push_back(entry);
  }
  return found;
}

void refuse_assumed(const Loaded& loaded) {
  const auto assumed = assumed_settings(loaded, *loaded.settings.job);
  if (assumed.empty()) return;
  std::ostringstream out;
  out << "--strict refuses " << assumed.size()
      << (assumed.size() == 1 ? " setting whose value is" : " settings whose values are") << " assumed:\n";
  for (const auto* entry : assumed) {
    out << "  " << entry->path << " = " << entry->value << (entry->unit.empty() ? "" : " " + entry->unit)
        << (entry->source.empty() ? "" : "  (" + entry->source + ")")
        << (entry->explicit_ ? "  at " + entry->mark.text() : "") << "\n";
  }
  const std::string& path = assumed.front()->path;
  out << "Give each a value with its origin, for example\n  " << path.substr(path.rfind('.') + 1)
      << ": {value: " << assumed.front()->value
      << ", provenance: measured, source: \"where it comes from\"}\n"
      << "(provenance: paper, code, measured, or choice for a free parameter of the design), or run without "
         "--strict.";
  throw Error(Exit::usage, out.str());
}

}  // namespace sim::app
