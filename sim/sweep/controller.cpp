// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/controller.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <limits>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "sim/app/interrupt.h"
#include "sim/app/run_folder.h"
#include "sim/core/error.h"
#include "sim/sweep/csv.h"
#include "sim/sweep/pareto.h"
#include "sim/sweep/summary_key.h"

namespace sim::sweep {
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
namespace {

Json names(const Space& space) {
  Json list = Json::array();
  for (const Axis& axis : space.axes()) list.push_back(axis.name);
  return list;
}

void write_table(const fs::path& file, const Store& store, bool front_only) {
  const fs::path fresh = file.string() + ".new";
  {
    std::ofstream out(fresh);
    write_csv(out, store, front_only);
    if (!out.flush()) throw Error(Exit::input, "cannot write " + fresh.string() + "; is the disk full?");
  }
  fs::rename(fresh, file);
}

}  // namespace

Controller::Controller(const LoadedSweep& sweep, const app::Registry& registry, ControlOptions options)
    : sweep_(sweep),
      space_(sweep, registry),
      options_(std::move(options)),
      sampler_(make_sampler(space_, sweep.config)) {
  for (const ObjectiveConfig& o : sweep.config.objectives) objectives_.emplace_back(o.expression());
  for (const std::string& a : sweep.config.accept) accept_.emplace_back(a);
  for (const ViewConfig& view : sweep.config.views) views_.emplace_back(view, sweep.file);
  engine_ =
      sweep.config.engine == EngineKind::slurm
          ? make_slurm_engine(options_.dir, sweep.config.slurm, sweep.config.point_timeout_s,
                              sweep.config.keep)
          : make_local_engine(options_.dir, options_.jobs, sweep.config.point_timeout_s, sweep.config.keep);
  open_folder();
}

Controller::~Controller() = default;

void Controller::open_folder() {
  const fs::path store_file = options_.dir / "sweep.sqlite";
  std::error_code error;
  const bool there = fs::exists(options_.dir, error) && !fs::is_empty(options_.dir, error);
  const bool sweep_there = fs::exists(store_file, error);
  if (there && !sweep_there) {
    // A sweep that was killed before it had a store has left its lock only.
    for (const auto& entry : fs::directory_iterator(options_.dir)) {
      if (entry.path().filename() == "sweep.lock") continue;
      throw Error(Exit::usage, "the folder " + options_.dir.string() + " holds something that is no sweep (" +
                                   entry.path().filename().string() + "); name another one with -o");
    }
  }
  if (sweep_there && !options_.resume) {
    throw Error(Exit::usage, options_.dir.string() +
                                 " holds a sweep already; pass --resume to go on with it, or name "
                                 "another folder with -o");
  }
  fs::create_directories(options_.dir, error);
  if (error) throw Error(Exit::input, "cannot create " + options_.dir.string() + ": " + error.message());
  lock_ = std::make_unique<FolderLock>(options_.dir);
  store_ = std::make_unique<Store>(store_file, Store::Open::create);
  const auto before = store_->get("identity");
  if (before && *before != space_.identity()) {
    throw Error(
        Exit::usage,
        options_.dir.string() + " holds another sweep (" + store_->get("name").value_or("?") +
            "), or this one with other axes, another base configuration or another version of the program; "
            "nothing was changed, name another folder with -o");
  }
  Json objectives = Json::array(), senses = Json::array();
  for (const ObjectiveConfig& o : sweep_.config.objectives) {
    objectives.push_back(o.shown_name());
    senses.push_back(o.maximised() ? "maximise" : "minimise");
  }
  store_->set("name", sweep_.config.sweep);
  store_->set("model", space_.model());
  store_->set("axes", names(space_).dump());
  store_->set("objectives", objectives.dump());
  store_->set("senses", senses.dump());
  Json views = Json::array();
  for (const View& view : views_) views.push_back(Json::parse(view.description()));
  store_->set("views", views.dump());
  store_->set("sweep", sweep_.text);
  store_->set("command", Json(options_.command_line).dump());
  app::write_file(options_.dir / "sweep.yaml", sweep_.text);
  store_->set("identity", space_.identity());  // last: with it the folder is a sweep's
  if (options_.retry_failed) store_->renew_failed();
}

Store::Score Controller::score(const Point& point, const Outcome& outcome) const {
  Store::Score score;
  const Json summary = Json::parse(outcome.summary, nullptr, false);
  const auto lookup = [&](const std::string& name) -> std::optional<std::string> {
    if (auto text = key_text(summary, name)) return text;
    return space_.setting(point, name);
  };
  score.accepted = outcome.status == Status::done;
  for (const Expression& o : objectives_) {
    score.objectives.push_back(outcome.status == Status::done ? o.evaluate(lookup)
                                                              : std::numeric_limits<double>::quiet_NaN());
  }
  for (const Expression& a : accept_) score.accepted = score.accepted && a.holds(lookup);
  return score;
}

Value Controller::value_of(const Point& point, const Outcome& outcome) const {
  const Store::Score scored = score(point, outcome);
  Value value;
  value.feasible = scored.accepted;
  value.objectives = scored.objectives;
  for (std::size_t i = 0; i < value.objectives.size(); ++i) {
    if (sweep_.config.objectives[i].maximised()) value.objectives[i] = -value.objectives[i];
  }
  return value;
}

void Controller::take(const Point& point, const Outcome& outcome, bool fresh) {
  if (fresh) {
    store_->record(point.digest, outcome, score(point, outcome));
    if (sweep_.config.keep == Keep::summaries) strip(point_folder(options_.dir, point.digest));
  }
  const Value value = value_of(point, outcome);
  known_[point.digest] = value;
  if (progress_) progress_->took(outcome, value.objectives, value.feasible, fresh);
}

// 1. Positions become points; 2. what is known or complete on disk is taken; 3. the rest is simulated.
std::vector<Value> Controller::evaluate(const std::vector<Coordinates>& positions) {
  std::vector<Point> points;
  std::vector<std::ptrdiff_t> index(positions.size(), -1);
  std::unordered_map<std::string, std::ptrdiff_t> seen;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    std::optional<Point> point = space_.point(positions[i]);
    if (!point) {
      ++excluded_;
      continue;
    }
    const auto [at, fresh] = seen.emplace(point->digest, static_cast<std::ptrdiff_t>(points.size()));
    index[i] = at->second;
    if (fresh) points.push_back(std::move(*point));
  }
  store_->add(points);
  std::vector<const Point*> todo;
  std::size_t before = 0;
  for (const Point& p : points) before += known_.count(p.digest);
  progress_->drop(positions.size() - points.size() + before);
  for (const Point& p : points) {
    if (known_.count(p.digest) != 0) continue;
    const auto stored = store_->find(p.digest);
    if (stored && stored->status != Status::pending) {
      ++reused_;
      take(p, *stored, false);
    } else if (const auto found = collect(point_folder(options_.dir, p.digest))) {
      ++reused_;
      take(p, *found, true);
    } else {
      todo.push_back(&p);
    }
  }
  store_->commit();
  try {
    engine_->run(
        todo, [&](const Point& p, const Outcome& o) { take(p, o, true); }, [&] { tick(); });
  } catch (const Stopped&) {
    engine_.reset();  // ends what runs; some may just have become complete
    for (const Point* p : todo) {
      if (known_.count(p->digest) != 0) continue;
      if (const auto found = collect(point_folder(options_.dir, p->digest))) take(*p, *found, true);
    }
    throw;
  }
  store_->commit();
  std::vector<Value> values(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (index[i] >= 0) {
      values[i] = known_.at(points[static_cast<std::size_t>(index[i])].digest);
    } else {
      values[i].objectives.assign(objectives_.size(), std::numeric_limits<double>::quiet_NaN());
    }
  }
  return values;
}

void Controller::tick() {
  store_->tick();
  progress_->update();
  if (interrupt_->signal() != 0) throw Stopped{};
}

int Controller::run() {
  app::Interrupt interrupt;
  interrupt_ = &interrupt;
  std::vector<SweepProgress::Objective> objectives;
  for (const ObjectiveConfig& o : sweep_.config.objectives)
    objectives.push_back({o.shown_name(), o.maximised()});
  const auto style = options_.quiet                 ? SweepProgress::Style::none
                     : ::isatty(STDERR_FILENO) != 0 ? SweepProgress::Style::terminal
                                                    : SweepProgress::Style::lines;
  progress_ = std::make_unique<SweepProgress>(std::cerr, style, std::move(objectives));
  progress_->expect(sampler_->expected());
  bool stopped = false;
  try {
    sampler_->sample([&](const std::vector<Coordinates>& positions) { return evaluate(positions); });
  } catch (const Stopped&) {
    stopped = true;
    store_->commit();
  }
  progress_->clear();
  return conclude(stopped);
}

std::size_t Controller::mark_front() {
  std::vector<std::string> digests;
  std::vector<std::vector<double>> values;
  for (const auto& [digest, value] : known_) {
    if (!value.feasible || value.objectives.empty()) continue;
    digests.push_back(digest);
    values.push_back(value.objectives);
  }
  std::vector<std::string> front;
  for (const std::size_t i : pareto_front(values)) front.push_back(digests[i]);
  store_->set_front(front);
  return front.size();
}

void Controller::mark_views() {
  if (views_.empty()) return;
  store_->each([&](const Store::Row& row) {
    if (row.outcome.status != Status::done) return;
    Point point;
    point.base = row.base;
    point.assignments = Json::parse(row.assignments).get<std::vector<std::string>>();
    point.labels = Json::parse(row.labels).get<std::vector<std::string>>();
    const Json summary = Json::parse(row.outcome.summary, nullptr, false);
    const auto lookup = [&](const std::string& name) -> std::optional<std::string> {
      if (auto text = key_text(summary, name)) return text;
      return space_.setting(point, name);
    };
    for (View& view : views_) view.take(row.digest, lookup);
  });
  for (unsigned i = 0; i < views_.size(); ++i) store_->set_view(i, views_[i].points());
}

int Controller::conclude(bool stopped) {
  const std::size_t front = mark_front();
  mark_views();
  write_table(options_.dir / "points.csv", *store_, false);
  if (!objectives_.empty()) write_table(options_.dir / "front.csv", *store_, true);
  const Counts counts = store_->counts();
  std::cout << "Sweep " << sweep_.config.sweep << " in " << options_.dir.string() << ": " << counts.done
            << " points done, " << counts.failed << " failed, " << counts.pending << " left";
  if (reused_ != 0) std::cout << "; " << reused_ << " were there already";
  if (excluded_ != 0) std::cout << "; " << excluded_ << " positions break a requirement";
  std::cout << "\n";
  if (!objectives_.empty())
    std::cout << "Front: " << front << " points, front.csv; all points: points.csv\n";
  else
    std::cout << "All points: points.csv\n";
  if (counts.failed != 0) std::cout << first_failure();
  std::cout << std::flush;
  if (stopped) {
    std::cerr << "tricycle: stopped by " << interrupt_->name() << "; go on with `tricycle sweep "
              << sweep_.file.string() << " -o " << options_.dir.string() << " --resume`\n";
    return static_cast<int>(Exit::limit);
  }
  check_results(counts);
  return 0;
}

std::string Controller::first_failure() const {
  std::string text;
  store_->each([&](const Store::Row& row) {
    if (!text.empty() || row.outcome.status != Status::failed) return;
    text = "The first failure, point " + row.digest + " (exit " + std::to_string(row.outcome.exit_code) +
           "):\n" + row.outcome.error +
           (row.outcome.error.empty() || row.outcome.error.back() != '\n' ? "\n" : "") +
           "  failed points are tried again with --resume --retry-failed\n";
  });
  return text;
}

void Controller::check_results(const Counts& counts) const {
  if (counts.total() == 0) {
    throw Error(Exit::usage,
                "no point of the space meets every requirement (require:), so nothing was simulated");
  }
  if (counts.done == 0) throw Error(Exit::check, "no point gave a result");
  for (std::size_t i = 0; i < objectives_.size(); ++i) {
    bool any = false;
    for (const auto& known : known_) any = any || !std::isnan(known.second.objectives[i]);
    if (!any) {
      throw Error(Exit::check,
                  "objective '" + sweep_.config.objectives[i].shown_name() +
                      "' has no value in any point: it is null or not there in every summary.json");
    }
  }
}

}  // namespace sim::sweep
