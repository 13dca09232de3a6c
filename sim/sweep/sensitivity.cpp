// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/sensitivity.h"

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>

#include <poll.h>
#include <unistd.h>

#include "sim/app/build_info.h"
#include "sim/app/digest.h"
#include "sim/app/interrupt.h"
#include "sim/app/json_file.h"
#include "sim/app/options.h"
#include "sim/app/run_folder.h"
#include "sim/app/run_results.h"
#include "sim/config/diagnostics.h"
#include "sim/config/document.h"
#include "sim/config/reader.h"
#include "sim/config/suggest.h"
#include "sim/core/error.h"
#include "sim/sweep/engine.h"
#include "sim/sweep/process.h"
#include "sim/sweep/sweep_progress.h"

namespace sim::sweep {
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
namespace {

constexpr const char* kRemedy = "is it the folder of a complete run?";

using Figures = std::map<std::string, double>;

Figures numbers_of(const Json& summary) {
  Figures figures;
  for (const app::Figure& f : app::flattened(summary)) {
    if (f.value.is_number()) figures[f.key] = f.value.get<double>();
  }
  return figures;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

/// "config.yaml:3:7: error: a.b: must be less" -> "must be less" for a.b, "a.b: must be less" for another
/// one.
std::string reason(const std::string& text, const std::string& path) {
  const std::string line = first_line(text);
  for (const std::string& head : {path + ": ", std::string(": error: ")}) {
    if (const auto at = line.find(head); at != std::string::npos) return line.substr(at + head.size());
  }
  return line;
}

class Sensitivity {
 public:
  Sensitivity(const SensitivityOptions& options, const app::Registry& registry)
      : options_(options), base_(app::load(options.config, options.overrides, registry)) {
    if (!options.with.empty()) app::load(options.config, varied(""), registry);  // throws for what it refuses
  }

  Json run() {
    check_folder();
    const std::vector<Variation> settings = choose();
    const bool have = fs::exists(options_.dir / "summary.json");
    if (have) check_base();
    const app::Interrupt interrupt;
    if (!have) simulate_base(interrupt);
    const Json summary = app::read_json(options_.dir / "summary.json", kRemedy);
    run_figures_ = base_figures_ = numbers_of(summary);
    trace_ = summary.value("trace_digest", Json()).dump();
    choose_keys();
    simulate(settings, interrupt);
    if (!options_.with.empty()) take_base();
    Json result = gather(settings, summary);
    app::write_file(options_.dir / "sensitivity.json", result.dump(2) + "\n");
    std::error_code ignored;
    fs::remove_all(work(), ignored);
    return result;
  }

 private:
  fs::path work() const { return options_.dir / "sensitivity"; }

  void check_folder() const {
    if (!fs::exists(options_.dir)) return;
    if (!fs::is_directory(options_.dir) ||
        (!fs::exists(options_.dir / "summary.json") && !fs::is_empty(options_.dir))) {
      throw Error(Exit::usage,
                  options_.dir.string() +
                      " is not the folder of a run; give that of a run of this configuration, or one that "
                      "does not exist yet");
    }
  }

  void check_base() const {
    const app::RunResults run = app::read_run(options_.dir, false);
    if (run.config_digest != base_.digest) {
      throw Error(Exit::usage, options_.dir.string() + " holds a run of another configuration than " +
                                   options_.config +
                                   "; give the same file and the same --set, or a new folder");
    }
    if (run.version != app::build_info().version) {
      throw Error(Exit::usage, options_.dir.string() + " was made by version " + run.version +
                                   " of the program, this is " + app::build_info().version +
                                   "; run it again");
    }
    if (run.partial) {
      throw Error(Exit::usage,
                  options_.dir.string() + " is a partial run: changes beside it would mean nothing");
    }
  }

  // Whether the setting can have that value at all. What rules across settings say, its run says: checking
  // them may mean to read a whole trace.
  std::optional<std::string> refused(const std::string& assignment, const std::string& path) const {
    config::Diagnostics diagnostics;
    config::Document document = config::Document::load(options_.config, diagnostics);
    for (const std::string& each : varied(assignment)) document.set(each, diagnostics);
    app::Settings settings = app::default_settings(*base_.model);
    config::read(document, settings, diagnostics);
    if (diagnostics.ok()) return std::nullopt;
    return reason(diagnostics.text(), path);
  }

  // The settings to vary, with both sides.
  std::vector<Variation> choose() const {
    std::vector<Variation> list;
    const auto add = [&](const config::Resolved::Entry& entry) {
      list.push_back({entry.path, entry.value, entry.unit, entry.source, std::nullopt, std::nullopt, {}});
    };
    if (options_.settings.empty()) {
      for (const auto* entry : app::assumed_settings(base_, *base_.settings.job)) add(*entry);
    }
    for (const std::string& path : options_.settings) {
      const auto* entry = base_.resolved.find(path);
      if (entry == nullptr) {
        std::vector<std::string> known;
        for (const auto& e : base_.resolved.entries()) known.push_back(e.path);
        throw Error(Exit::usage,
                    "--setting: there is no setting '" + path + "'" + config::did_you_mean(path, known));
      }
      add(*entry);
    }
    for (Variation& setting : list) {
      vary(setting, options_.percent / 100, [&](const std::string& assignment) -> std::optional<std::string> {
        return refused(assignment, setting.path);
      });
    }
    return list;
  }

  void choose_keys() {
    keys_ = options_.keys;
    if (keys_.empty()) {
      for (const std::string& key : base_.model->headline_keys()) {
        if (base_figures_.count(key) != 0) keys_.push_back(key);
      }
      if (keys_.empty()) keys_.emplace_back("sim_time_s");
    }
    std::vector<std::string> known;
    for (const auto& [key, value] : base_figures_) known.push_back(key);
    for (const std::string& key : keys_) {
      if (base_figures_.count(key) == 0) {
        throw Error(Exit::usage, "--key: the run's summary.json has no number '" + key + "'" +
                                     config::did_you_mean(key, known));
      }
    }
  }

  // Of a run other than DIR's; `more` may be empty.
  std::vector<std::string> varied(const std::string& more) const {
    std::vector<std::string> list = options_.overrides;
    list.insert(list.end(), options_.with.begin(), options_.with.end());
    if (!more.empty()) list.push_back(more);
    return list;
  }

  void simulate_base(const app::Interrupt& interrupt) const {
    if (!options_.quiet) std::cerr << "simulating " << options_.config << "\n";
    std::vector<std::string> words = {own_program(), "run", options_.config,
                                      "--quiet",     "-o",  options_.dir.string()};
    for (const std::string& a : options_.overrides) words.insert(words.end(), {"--set", a});
    Process process(words);
    while (!process.drain()) {
      pollfd fd{process.output(), POLLIN, 0};
      ::poll(&fd, 1, 100);
      if (interrupt.signal() != 0) throw Error(Exit::limit, "stopped by a signal; nothing was kept");
    }
    const int status = process.wait();
    if (status != 0) {
      throw Error(status <= 5 ? static_cast<Exit>(status) : Exit::internal,
                  "the run of " + options_.config + " itself fails: " + process.text());
    }
  }

  Point point(const std::string& assignment) const {
    Point p;
    p.base = options_.config;
    p.assignments = varied(assignment);
    std::string identity = base_.digest + trace_ + app::build_info().version;
    for (const std::string& a : options_.with) identity += a + "\n";
    p.digest = app::sha256(identity + assignment);
    // What only observes costs time.
    p.assignments.insert(p.assignments.end(), {"record.perfetto=false", "record.vcd=false"});
    return p;
  }

  void simulate(const std::vector<Variation>& settings, const app::Interrupt& interrupt) {
    std::vector<Point> points;
    if (!options_.with.empty()) points.push_back(point(""));
    for (const Variation& s : settings) {
      for (const auto& value : {s.low, s.high}) {
        if (value) points.push_back(point(s.path + "=" + *value));
      }
    }
    const auto style = options_.quiet                 ? SweepProgress::Style::none
                       : ::isatty(STDERR_FILENO) != 0 ? SweepProgress::Style::terminal
                                                      : SweepProgress::Style::lines;
    SweepProgress progress(std::cerr, style, {});
    progress.expect(points.size());
    std::vector<const Point*> todo;
    for (const Point& p : points) {
      if (const auto found = collect(point_folder(work(), p.digest))) {
        outcomes_[p.digest] = *found;
        progress.took(*found, {}, true, false);
      } else {
        todo.push_back(&p);
      }
    }
    const auto engine = make_local_engine(work(), options_.jobs, 0, Keep::summaries);
    try {
      engine->run(
          todo,
          [&](const Point& p, const Outcome& o) {
            outcomes_[p.digest] = o;
            strip(point_folder(work(), p.digest));
            progress.took(o, {}, true, true);
          },
          [&] {
            progress.update();
            if (interrupt.signal() != 0) throw Stopped{};
          });
    } catch (const Stopped&) {
      progress.clear();
      throw Error(Exit::limit, "stopped by a signal; what is complete is kept in " + work().string() +
                                   ", and the same command goes on from there");
    }
    progress.clear();
  }

  // What the varied runs are set beside: one with options_.with and nothing else.
  void take_base() {
    const Outcome& outcome = outcomes_.at(point("").digest);
    if (outcome.status != Status::done)
      throw Error(Exit::check, "the run with --with itself fails: " + outcome.error);
    base_figures_ = numbers_of(Json::parse(outcome.summary));
    for (const std::string& key : keys_) {
      if (base_figures_.count(key) == 0)
        throw Error(Exit::usage, "--with: such a run has no number '" + key + "'; leave it out with --key");
    }
  }

  // `why`: set where a rule across settings refuses the value; then there is no such side.
  Json side(const Variation& setting, const std::optional<std::string>& value, Figures& figures,
            std::string& why) const {
    if (!value) return {};
    Json json{{"value", *value}, {"error", nullptr}};
    const Outcome& outcome = outcomes_.at(point(setting.path + "=" + *value).digest);
    if (outcome.exit_code == static_cast<int>(Exit::usage)) {
      why = reason(outcome.error, setting.path);
      return {};
    }
    if (outcome.status != Status::done) {
      json["error"] = first_line(outcome.error);
    } else {
      figures = numbers_of(Json::parse(outcome.summary));
    }
    return json;
  }

  Json move(const std::string& key, const Figures& figures) const {
    const auto found = figures.find(key);
    if (found == figures.end()) return {};
    const double base = base_figures_.at(key);
    Json json{{"value", found->second}, {"change_percent", nullptr}};
    if (base != 0) json["change_percent"] = 100 * (found->second - base) / std::fabs(base);
    return json;
  }

  Json gather(const std::vector<Variation>& settings, const Json& summary) const {
    Json result;
    result["schema"] = 1;
    result["model"] = base_.model->name();
    result["config_digest"] = base_.digest;
    result["partial"] = summary.value("partial", false);
    result["percent"] = options_.percent;
    result["keys"] = keys_;
    result["with"] = options_.with;
    for (const std::string& key : keys_) {
      result["run"][key] = run_figures_.at(key);
      result["base"][key] = base_figures_.at(key);
    }
    std::vector<std::pair<double, Json>> rows;
    for (const Variation& s : settings) {
      Figures low, high;
      Json row{{"path", s.path}, {"value", s.value}, {"unit", s.unit}, {"source", s.source}};
      row["why_not"] = nullptr;
      std::string why = s.why_not;
      row["low"] = side(s, s.low, low, why);
      row["high"] = side(s, s.high, high, why);
      if (row["low"].is_null() && row["high"].is_null()) row["why_not"] = why;
      double reach = 0;
      Json& moves = row["moves"] = Json::object();
      for (const std::string& key : keys_) {
        moves[key] = {{"low", move(key, low)}, {"high", move(key, high)}};
        if (key != keys_.front()) continue;
        for (const char* name : {"low", "high"}) {
          const Json& m = moves[key][name];
          if (m.is_object() && m["change_percent"].is_number()) {
            reach = std::max(reach, std::fabs(m["change_percent"].get<double>()));
          }
        }
      }
      rows.emplace_back(reach, std::move(row));
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    result["settings"] = Json::array();
    for (auto& row : rows) result["settings"].push_back(std::move(row.second));
    return result;
  }

  const SensitivityOptions& options_;
  app::Loaded base_;
  Figures run_figures_, base_figures_;  // of DIR, of what changes are counted from
  std::string trace_;
  std::vector<std::string> keys_;
  std::map<std::string, Outcome> outcomes_;
};

}  // namespace

Json sensitivity(const SensitivityOptions& options, const app::Registry& registry) {
  return Sensitivity(options, registry).run();
}

}  // namespace sim::sweep
