// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <csignal>
#include <system_error>
#include <utility>

#include <poll.h>

#include "sim/core/error.h"
#include "sim/sweep/engine.h"
#include "sim/sweep/process.h"

namespace sim::sweep {
namespace fs = std::filesystem;

fs::path point_folder(const fs::path& sweep_dir, const std::string& digest) {
  return sweep_dir / "points" / digest.substr(0, 2) / digest;
}

namespace {

constexpr int kTickMs = 200;

class LocalEngine final : public Engine {
 public:
  LocalEngine(fs::path dir, unsigned jobs, double timeout_s, Keep keep)
      : dir_(std::move(dir)), jobs_(jobs), timeout_s_(timeout_s), keep_(keep), program_(own_program()) {}

  void run(const std::vector<const Point*>& points, const Done& done, const Tick& tick) override {
    std::size_t next = 0;
    while (next < points.size() || !running_.empty()) {
      while (next < points.size() && running_.size() < jobs_) start(*points[next++]);
      account(done);  // while the next ones run
      tick();         // may throw Stopped: running_ ends with the engine
      wait_for_something();
      finish_some();
    }
    account(done);
    tick();
  }

 private:
  struct Running {
    const Point* point;
    Process process;
    bool timed_out = false;
  };
  struct Ended {
    const Point* point;
    double seconds;
    int status;
    bool timed_out;
    std::string text;
  };

  void start(const Point& point) {
    const fs::path folder = point_folder(dir_, point.digest);
    fs::path left = folder;
    left += ".partial";
    std::error_code none;
    fs::remove_all(left, none);  // of a process that was killed
    std::vector<std::string> words = {program_, "run", point.base, "--quiet", "-o", folder.string()};
    if (keep_ == Keep::summaries) words.emplace_back("--summary-only");
    for (const std::string& assignment : point.assignments) {
      words.emplace_back("--set");
      words.push_back(assignment);
    }
    running_.push_back({&point, Process(words)});
  }

  void wait_for_something() {
    polled_.clear();
    for (const Running& r : running_) polled_.push_back({r.process.output(), POLLIN, 0});
    ::poll(polled_.data(), polled_.size(), kTickMs);
  }

  void finish_some() {
    for (std::size_t i = 0; i < running_.size();) {
      Running& r = running_[i];
      if (timeout_s_ > 0 && !r.timed_out && r.process.seconds() > timeout_s_) {
        r.timed_out = true;
        r.process.kill();
      }
      if (!r.process.drain()) {
        ++i;
        continue;
      }
      ended_.push_back({r.point, r.process.seconds(), r.process.wait(), r.timed_out, r.process.text()});
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  void account(const Done& done) {
    for (const Ended& e : std::exchange(ended_, {})) done(*e.point, judge(e));
  }

  Outcome judge(const Ended& e) const {
    if (auto found = collect(point_folder(dir_, e.point->digest))) {
      found->wall_s = e.seconds;
      return *found;
    }
    Outcome outcome;
    outcome.status = Status::failed;
    outcome.exit_code = e.status;
    outcome.wall_s = e.seconds;
    outcome.error = e.timed_out ? "took longer than point_timeout_s and was ended" : e.text;
    if (outcome.error.empty()) {
      outcome.error =
          e.status > 128 ? "ended by signal " + std::to_string(e.status - 128) : "wrote no result";
    }
    return outcome;
  }

  fs::path dir_;
  unsigned jobs_;
  double timeout_s_;
  Keep keep_;
  std::string program_;
  std::vector<Running> running_;
  std::vector<Ended> ended_;  // not told to the sweep yet
  std::vector<pollfd> polled_;
};

}  // namespace

std::unique_ptr<Engine> make_local_engine(const fs::path& sweep_dir, unsigned jobs, double timeout_s,
                                          Keep keep) {
  return std::make_unique<LocalEngine>(sweep_dir, jobs, timeout_s, keep);
}

}  // namespace sim::sweep
