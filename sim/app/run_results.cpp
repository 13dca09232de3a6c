// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/run_results.h"

#include <algorithm>
#include <set>

#include "sim/app/json_file.h"
#include "sim/config/diagnostics.h"
#include "sim/config/document.h"
#include "sim/core/error.h"

namespace sim::app {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kRemedy = "is it the folder of a complete run?";
/// Of summary.json: said once for each run, not compared.
constexpr const char* kGeneral[] = {"model",  "version",          "config_digest", "trace_digest", "partial",
                                    "wall_s", "assumed_settings", "region",        "extrapolated"};

/// What elements of a list are called: their names where each has one of its own, else their numbers.
std::vector<std::string> element_names(const Json& list) {
  std::vector<std::string> names;
  for (const Json& element : list) {
    if (!element.is_object() || !element.contains("name") || !element["name"].is_string()) break;
    names.push_back(element["name"].get<std::string>());
  }
  if (names.size() == list.size() &&
      std::set<std::string>(names.begin(), names.end()).size() == names.size()) {
    return names;
  }
  names.clear();
  for (std::size_t i = 0; i < list.size(); ++i) names.push_back(std::to_string(i));
  return names;
}

void flatten(const std::string& path, const Json& value, bool in_list, std::vector<Figure>& figures) {
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) {
      flatten(path.empty() ? key : path + "." + key, inner, in_list, figures);
    }
  } else if (value.is_array()) {
    const auto names = element_names(value);
    for (std::size_t i = 0; i < value.size(); ++i)
      flatten(path + "[" + names[i] + "]", value[i], true, figures);
  } else {
    figures.push_back({path, value, in_list, false});
  }
}

void flatten(const std::string& path, const config::Node& node, std::vector<Setting>& settings) {
  using Kind = config::Node::Kind;
  if (node.is_annotated()) return flatten(path, node.find("value")->value, settings);
  switch (node.kind) {
    case Kind::map:
      for (const auto& member : node.members) {
        flatten(path.empty() ? member.key : path + "." + member.key, member.value, settings);
      }
      break;
    case Kind::sequence:
      for (std::size_t i = 0; i < node.items.size(); ++i) {
        flatten(path + "[" + std::to_string(i) + "]", node.items[i], settings);
      }
      break;
    case Kind::scalar:
    case Kind::null:
      settings.push_back({path, node.quoted && node.scalar.empty() ? "\"\"" : node.scalar});
  }
}

bool observes(const std::string& path) {
  return path == "model" || path.rfind("record.", 0) == 0 || path.rfind("log.", 0) == 0 ||
         path.rfind("run.", 0) == 0;
}

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

/// "energy_j" covers "energy_j.total" and "energy_j[0]".
bool covers(const std::string& listed, const std::string& key) {
  return key.rfind(listed, 0) == 0 &&
         (key.size() == listed.size() || key[listed.size()] == '.' || key[listed.size()] == '[');
}

void mark_extrapolated(const Json& list, std::vector<Figure>& figures) {
  if (!list.is_array()) return;
  for (const Json& name : list) {
    if (!name.is_string()) continue;
    for (Figure& figure : figures) {
      figure.extrapolated = figure.extrapolated || covers(name.get<std::string>(), figure.key);
    }
  }
}

void check_folder(const fs::path& folder) {
  if (!fs::is_directory(folder)) {
    throw Error(Exit::input, "there is no folder " + folder.string() + "; give the folders that runs wrote");
  }
  if (fs::exists(folder / "summary.json")) return;
  if (fs::exists(folder / "sweep.sqlite")) {
    throw Error(Exit::input, folder.string() +
                                 " is the folder of a sweep, not of a run; `tricycle report` shows "
                                 "sweeps, and their points are runs: " +
                                 (folder / "points").string());
  }
  if (folder.filename().string().find(".partial") != std::string::npos) {
    throw Error(Exit::input,
                folder.string() + " is a run that goes on, or was killed: it holds no summary.json yet");
  }
  throw Error(Exit::input, folder.string() + " is not the folder of a run: it holds no summary.json");
}

}  // namespace

std::vector<Figure> flattened(const Json& value) {
  std::vector<Figure> figures;
  flatten("", value, false, figures);
  return figures;
}

RunResults read_run(const fs::path& given, bool stats) {
  // "runs/a/" and "runs/a" are the same folder.
  const fs::path folder = given.has_filename() ? given : given.parent_path();
  check_folder(folder);
  Json summary = read_json(folder / "summary.json", kRemedy);
  const Json manifest = read_json(folder / "manifest.json", kRemedy);
  if (!summary.is_object() || !manifest.is_object()) {
    throw Error(Exit::input, folder.string() +
                                 ": summary.json or manifest.json is not what a run writes: an object is "
                                 "wanted; run it again");
  }
  RunResults run;
  run.folder = folder;
  run.model = text_of(summary, "model");
  run.version = text_of(summary, "version");
  run.config_digest = text_of(summary, "config_digest");
  run.trace_digest = text_of(summary, "trace_digest");
  run.outcome = text_of(manifest, "outcome");
  run.partial = summary.contains("partial") && summary["partial"] == true;
  const Json listed = summary.value("extrapolated", Json());
  const Json region = summary.value("region", Json());
  for (const char* key : kGeneral) summary.erase(key);
  run.figures = flattened(summary);
  mark_extrapolated(listed, run.figures);
  if (region.is_object()) mark_extrapolated(region.value("extrapolated", Json()), run.figures);
  if (stats) {
    const Json all = read_json(folder / "stats.json", kRemedy);
    std::vector<Figure> found = flattened(all.is_object() ? all.value("stats", Json()) : Json());
    for (Figure& figure : found) {
      // Of each statistic {value, unit, text, ...} the numbers count.
      if (figure.value.is_string()) continue;
      figure.key = "stats." + figure.key;
      figure.in_list = false;
      run.figures.push_back(std::move(figure));
    }
  }
  config::Diagnostics diagnostics;
  const auto document = config::Document::load((folder / "config.yaml").string(), diagnostics);
  if (!diagnostics.ok()) {
    throw Error(Exit::input,
                "the configuration of " + folder.string() + " cannot be read:\n" + diagnostics.text());
  }
  flatten("", document.root(), run.settings);
  run.settings.erase(std::remove_if(run.settings.begin(), run.settings.end(),
                                    [](const Setting& s) { return observes(s.path); }),
                     run.settings.end());
  return run;
}

}  // namespace sim::app
