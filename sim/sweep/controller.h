// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/app/model.h"
#include "sim/sweep/engine.h"
#include "sim/sweep/lock.h"
#include "sim/sweep/sampler.h"
#include "sim/sweep/store.h"
#include "sim/sweep/sweep_progress.h"
#include "sim/sweep/views.h"

namespace sim::app {
class Interrupt;
}

namespace sim::sweep {

// What the command line says beside the sweep file.
struct ControlOptions {
  std::filesystem::path dir;
  bool resume = false;
  bool retry_failed = false;
  unsigned jobs = 1;
  bool quiet = false;
  std::vector<std::string> command_line;
};

// Runs one sweep in its folder:
//
//   sweep.yaml      the sweep file as resolved; sweep.sqlite, see store.h
//   points/xx/DIGEST/   the run folder of each point
//   points.csv, front.csv   written at the end (csv.h)
//
// Everything a kill can interrupt is redone from what is there: a point is done when its folder has its name.
// At most one process works on a folder; the lock ends with the process.
class Controller {
 public:
  // Throws sim::Error(Exit::usage) when the folder must not be written: it holds something else, another
  // sweep, or a sweep and `resume` is not set; or another process works on it.
  Controller(const LoadedSweep& sweep, const app::Registry& registry, ControlOptions options);
  ~Controller();

  // 0, or 5 (Exit::limit) when it was interrupted. Throws sim::Error(Exit::check) when no point gave a result
  // or an objective has no value in any.
  int run();

 private:
  std::vector<Value> evaluate(const std::vector<Coordinates>& positions);
  Value value_of(const Point& point, const Outcome& outcome) const;
  Store::Score score(const Point& point, const Outcome& outcome) const;
  void take(const Point& point, const Outcome& outcome, bool fresh);
  void open_folder();
  void tick();
  int conclude(bool stopped);
  std::size_t mark_front();
  void mark_views();
  std::string first_failure() const;
  void check_results(const Counts& counts) const;

  const LoadedSweep& sweep_;
  Space space_;
  ControlOptions options_;
  std::unique_ptr<FolderLock> lock_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Sampler> sampler_;
  std::unique_ptr<SweepProgress> progress_;
  std::vector<Expression> objectives_;
  std::vector<Expression> accept_;
  std::vector<View> views_;
  std::unordered_map<std::string, Value> known_;  // digest -> value
  const app::Interrupt* interrupt_ = nullptr;
  std::uint64_t excluded_ = 0, reused_ = 0;
};

}  // namespace sim::sweep
