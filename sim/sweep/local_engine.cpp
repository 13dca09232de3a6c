// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <csignal>
#include <deque>
#include <system_error>

#include <poll.h>

#include "sim/core/error.h"
#include "sim/sweep/engine.h"
#include "sim/sweep/process.h"

namespace sim::sweep {
namespace fs = std::filesystem;

fs::path point_folder(const fs::path& sweep_dir, const std::string& digest) {
  return sweep_dir / "points" / digest.substr(0, 2) / digest;
}

std::vector<std::string> run_words(const Point& point, const fs::path& folder) {
  std::vector<std::string> words = {"run", point.base, "--quiet", "-o", folder.string()};
  for (const std::string& assignment : point.assignments) {
    words.emplace_back("--set");
    words.push_back(assignment);
  }
  return words;
}

namespace {

constexpr int kTickMs = 200;

class LocalEngine final : public Engine {
 public:
  LocalEngine(fs::path dir, unsigned jobs, double timeout_s)
      : dir_(std::move(dir)), jobs_(jobs), timeout_s_(timeout_s), program_(own_program()) {}

  void run(const std::vector<const Point*>& points, const Done& done, const Tick& tick) override {
    std::size_t next = 0;
    while (next < points.size() || !running_.empty()) {
      while (next < points.size() && running_.size() < jobs_) start(*points[next++]);
      wait_for_something();
      finish_some(done);
      tick();  // may throw Stopped: running_ ends with the engine
    }
  }

 private:
  struct Running {
    const Point* point;
    Process process;
    bool timed_out = false;
  };

  void start(const Point& point) {
    const fs::path folder = point_folder(dir_, point.digest);
    fs::path left = folder;
    left += ".partial";
    std::error_code none;
    fs::remove_all(left, none);  // of a process that was killed
    std::vector<std::string> words = run_words(point, folder);
    words.insert(words.begin(), program_);
    running_.push_back({&point, Process(words)});
  }

  void wait_for_something() {
    polled_.clear();
    for (const Running& r : running_) polled_.push_back({r.process.output(), POLLIN, 0});
    ::poll(polled_.data(), polled_.size(), kTickMs);
  }

  void finish_some(const Done& done) {
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
      const double seconds = r.process.seconds();
      const int status = r.process.wait();
      const Point& point = *r.point;
      const Outcome outcome = judge(point, status, seconds, r);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      done(point, outcome);
    }
  }

  Outcome judge(const Point& point, int status, double seconds, const Running& r) const {
    if (auto found = collect(point_folder(dir_, point.digest))) {
      found->wall_s = seconds;
      return *found;
    }
    Outcome outcome;
    outcome.status = Status::failed;
    outcome.exit_code = status;
    outcome.wall_s = seconds;
    outcome.error = r.timed_out ? "took longer than point_timeout_s and was ended" : r.process.text();
    if (outcome.error.empty()) {
      outcome.error = status > 128 ? "ended by signal " + std::to_string(status - 128) : "wrote no result";
    }
    return outcome;
  }

  fs::path dir_;
  unsigned jobs_;
  double timeout_s_;
  std::string program_;
  std::vector<Running> running_;
  std::vector<pollfd> polled_;
};

}  // namespace

std::unique_ptr<Engine> make_local_engine(const fs::path& sweep_dir, unsigned jobs, double timeout_s) {
  return std::make_unique<LocalEngine>(sweep_dir, jobs, timeout_s);
}

}  // namespace sim::sweep
