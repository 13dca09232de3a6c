// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "sim/sweep/outcome.h"
#include "sim/sweep/space.h"
#include "sim/sweep/sweep_config.h"

namespace sim::sweep {

// Thrown out of an engine when the sweep is to stop: what runs is ended and forgotten, what is complete was
// handed over.
struct Stopped {};

// Where simulations are run. One process a simulation.
class Engine {
 public:
  virtual ~Engine() = default;

  using Done = std::function<void(const Point&, const Outcome&)>;
  // Called at least every 0.2 s; throws Stopped to end it.
  using Tick = std::function<void()>;
  // Simulates the points, each into folder(points_dir, point), and hands over every outcome as it comes, in
  // any order. Folders that are complete already are the caller's business.
  virtual void run(const std::vector<const Point*>& points, const Done& done, const Tick& tick) = 0;
};

// "points/3f/3fa9...": at most 256 folders beside each other, and 1/256 of the points in each.
std::filesystem::path point_folder(const std::filesystem::path& sweep_dir, const std::string& digest);

// A pool of `jobs` processes of this program on this machine. They end with it, however it ends.
// `timeout_s`: 0 = none.
std::unique_ptr<Engine> make_local_engine(const std::filesystem::path& sweep_dir, unsigned jobs,
                                          double timeout_s, Keep keep);

// Array jobs of a Slurm cluster, over a folder that all nodes share; see slurm_engine.cpp.
// Throws sim::Error(Exit::usage) when there is no sbatch.
std::unique_ptr<Engine> make_slurm_engine(const std::filesystem::path& sweep_dir, const SlurmConfig& config,
                                          double timeout_s, Keep keep);

// One task of an array job: simulates the points of chunk `index` of a batch folder one after the other, with
// what local processes do. Returns the exit code of the task: 0 also where points failed.
int run_slurm_task(const std::filesystem::path& batch, const std::string& index);

}  // namespace sim::sweep
