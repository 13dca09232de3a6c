// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Slurm does the scheduling. A batch is one array job: DIR/slurm/batch-K holds chunk-I.json (the points of
// task I), job (its id) and, of points that left no run folder, failed-DIGEST.json. Tasks write those files
// and run folders only, never the store. A batch goes on when the sweep's process is killed; the next one
// takes it over.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>
#include <unordered_map>

#include <nlohmann/json.hpp>
#include <poll.h>

#include "sim/app/json_file.h"
#include "sim/app/run_folder.h"
#include "sim/core/error.h"
#include "sim/sweep/engine.h"
#include "sim/sweep/process.h"

namespace sim::sweep {
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;
namespace {

constexpr int kLookMs = 500;
constexpr int kAskSlurmMs = 3000;

struct Answer {
  int status = 0;
  std::string text;
};

// A Slurm command by its name, looked for as a shell does.
Answer call(std::vector<std::string> words) {
  words.insert(words.begin(), {"/usr/bin/env"});
  Process process(words);
  while (!process.drain()) {
    pollfd fd{process.output(), POLLIN, 0};
    ::poll(&fd, 1, 100);
  }
  Answer answer;
  answer.status = process.wait();
  answer.text = process.text();
  return answer;
}

void write_atomically(const fs::path& file, const std::string& text) {
  fs::path fresh = file;
  fresh += ".new";
  app::write_file(fresh, text);
  fs::rename(fresh, file);
}

Json to_json(const Point& point) {
  return {{"digest", point.digest}, {"base", point.base}, {"assignments", point.assignments}};
}

Point from_json(const Json& json) {
  Point point;
  point.digest = json.at("digest").get<std::string>();
  point.base = json.at("base").get<std::string>();
  point.assignments = json.at("assignments").get<std::vector<std::string>>();
  return point;
}

class SlurmEngine final : public Engine {
 public:
  SlurmEngine(fs::path dir, const SlurmConfig& config, double timeout_s, Keep keep)
      : dir_(std::move(dir)), config_(config), timeout_s_(timeout_s), keep_(keep) {
    if (call({"sbatch", "--version"}).status != 0) {
      throw Error(
          Exit::usage,
          "engine: slurm needs sbatch, squeue and scancel, and sbatch cannot be run here; use engine: local");
    }
  }

  void run(const std::vector<const Point*>& points, const Done& done, const Tick& tick) override {
    for (const Point* p : points) waiting_.emplace(p->digest, Waiting{p, 0, 0});
    adopt();
    auto ask_at = std::chrono::steady_clock::now();
    try {
      while (!waiting_.empty()) {
        submit();
        gather(done);
        tick();
        if (waiting_.empty()) break;
        if (std::chrono::steady_clock::now() >= ask_at) {
          forget_ended(done);
          ask_at = std::chrono::steady_clock::now() + std::chrono::milliseconds(kAskSlurmMs);
        }
        for (int ms = 0; ms < kLookMs; ms += 100) {
          std::this_thread::sleep_for(std::chrono::milliseconds(100));
          tick();
        }
      }
    } catch (const Stopped&) {
      for (const auto& batch : batches_) call({"scancel", batch.second});
      throw;
    }
  }

 private:
  struct Waiting {
    const Point* point;
    unsigned batch;     // 0: in none
    unsigned attempts;  // batches it was in
  };

  fs::path batch_dir(unsigned batch) const { return dir_ / "slurm" / ("batch-" + std::to_string(batch)); }

  // Batches that an earlier process left, as far as Slurm still has them.
  void adopt() {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(dir_ / "slurm", none)) {
      const std::string name = entry.path().filename().string();
      if (name.rfind("batch-", 0) != 0) continue;
      const unsigned batch = static_cast<unsigned>(std::stoul(name.substr(6)));
      last_batch_ = std::max(last_batch_, batch);
      std::ifstream in(entry.path() / "job");
      std::string job;
      if (!(in >> job) || batches_.count(batch) != 0 || !alive(job)) continue;
      for (const auto& file : fs::directory_iterator(entry.path())) {
        if (file.path().filename().string().rfind("chunk-", 0) != 0) continue;
        const auto chunk = app::read_json_object(file.path());
        if (!chunk) continue;
        for (const Json& p : chunk->at("points")) {
          const auto found = waiting_.find(p.at("digest").get<std::string>());
          if (found != waiting_.end()) {
            found->second.batch = batch;
            batches_[batch] = job;
          }
        }
      }
    }
  }

  // Everything that is in no batch becomes a new one.
  void submit() {
    std::vector<Waiting*> now;
    for (auto& w : waiting_) {
      if (w.second.batch == 0) now.push_back(&w.second);
    }
    if (now.empty()) return;
    std::sort(now.begin(), now.end(),
              [](const Waiting* a, const Waiting* b) { return a->point->digest < b->point->digest; });
    const unsigned batch = ++last_batch_;
    const fs::path folder = batch_dir(batch);
    fs::create_directories(folder);
    std::size_t chunks = 0;
    for (std::size_t i = 0; i < now.size(); i += config_.chunk, ++chunks) {
      Json list = Json::array();
      for (std::size_t k = i; k < std::min(now.size(), i + config_.chunk); ++k)
        list.push_back(to_json(*now[k]->point));
      write_atomically(folder / ("chunk-" + std::to_string(chunks) + ".json"),
                       Json{{"sweep_dir", fs::absolute(dir_).string()},
                            {"timeout_s", timeout_s_},
                            {"summaries", keep_ == Keep::summaries},
                            {"points", list}}
                           .dump());
    }
    for (Waiting* w : now) {
      w->batch = batch;
      ++w->attempts;
    }
    const std::string array = "0-" + std::to_string(chunks - 1) +
                              (config_.at_once != 0 ? "%" + std::to_string(config_.at_once) : "");
    std::vector<std::string> words = {"sbatch",
                                      "--parsable",
                                      "--requeue",
                                      "--array=" + array,
                                      "--ntasks=1",
                                      "--time=" + config_.time,
                                      "--mem=" + std::to_string(config_.memory_mib) + "M",
                                      "--job-name=" + dir_.filename().string(),
                                      "--output=" + (fs::absolute(folder) / "task-%a.log").string()};
    if (!config_.partition.empty()) words.push_back("--partition=" + config_.partition);
    if (!config_.account.empty()) words.push_back("--account=" + config_.account);
    words.insert(words.end(), config_.options.begin(), config_.options.end());
    app::write_file(folder / "task.sh", "#!/bin/sh\nexec '" + own_program() + "' sweep task '" +
                                            fs::absolute(folder).string() + "' \"$SLURM_ARRAY_TASK_ID\"\n");
    words.push_back((folder / "task.sh").string());
    const Answer answer = call(words);
    std::string job = answer.text.substr(0, answer.text.find_first_of(";\n"));
    if (answer.status != 0 || job.empty() || job.find_first_not_of("0123456789") != std::string::npos) {
      throw Error(Exit::input, "sbatch refused the job: " + answer.text);
    }
    write_atomically(folder / "job", job + "\n");
    batches_[batch] = job;
  }

  bool alive(const std::string& job) const {
    const Answer answer = call({"squeue", "--noheader", "--jobs=" + job, "--format=%i"});
    if (answer.status == 0) return answer.text.find_first_not_of(" \n") != std::string::npos;
    return answer.text.find("Invalid job id") ==
           std::string::npos;  // a controller that does not answer is no news
  }

  void gather(const Done& done) {
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      const Point& point = *it->second.point;
      std::optional<Outcome> outcome = collect(point_folder(dir_, point.digest));
      if (!outcome && it->second.batch != 0)
        outcome = failed(batch_dir(it->second.batch) / ("failed-" + point.digest + ".json"));
      if (!outcome) {
        ++it;
        continue;
      }
      it = waiting_.erase(it);
      done(point, *outcome);
    }
  }

  static std::optional<Outcome> failed(const fs::path& file) {
    std::error_code none;
    if (!fs::exists(file, none)) return std::nullopt;
    const auto json = app::read_json_object(file);
    if (!json) return std::nullopt;
    Outcome outcome;
    outcome.status = Status::failed;
    outcome.exit_code = json->value("exit_code", 1);
    outcome.error = json->value("error", "");
    outcome.wall_s = json->value("wall_s", 0.0);
    return outcome;
  }

  // A batch that Slurm knows no more has given all it will; its points go into the next one, so many times.
  void forget_ended(const Done& done) {
    for (auto it = batches_.begin(); it != batches_.end();) {
      if (alive(it->second)) {
        ++it;
        continue;
      }
      const std::string job = it->second;
      const unsigned batch = it->first;
      it = batches_.erase(it);
      gather(done);  // what came between the last look and the end
      for (auto w = waiting_.begin(); w != waiting_.end();) {
        if (w->second.batch != batch) {
          ++w;
          continue;
        }
        w->second.batch = 0;
        if (w->second.attempts < config_.attempts) {
          ++w;
          continue;
        }
        Outcome outcome;
        outcome.status = Status::failed;
        outcome.exit_code = 1;
        outcome.error = "its task ended without a result " + std::to_string(w->second.attempts) +
                        " times, last in job " + job + " (" + batch_dir(batch).string() +
                        "): killed, out of time or of memory";
        const Point& point = *w->second.point;
        w = waiting_.erase(w);
        done(point, outcome);
      }
    }
  }

  fs::path dir_;
  SlurmConfig config_;
  double timeout_s_;
  Keep keep_;
  std::unordered_map<std::string, Waiting> waiting_;
  std::map<unsigned, std::string> batches_;  // alive: number -> job id
  unsigned last_batch_ = 0;
};

}  // namespace

std::unique_ptr<Engine> make_slurm_engine(const fs::path& sweep_dir, const SlurmConfig& config,
                                          double timeout_s, Keep keep) {
  return std::make_unique<SlurmEngine>(sweep_dir, config, timeout_s, keep);
}

int run_slurm_task(const fs::path& batch, const std::string& index) {
  const fs::path file = batch / ("chunk-" + index + ".json");
  const auto found = app::read_json_object(file);
  if (!found) throw Error(Exit::input, "cannot read " + file.string());
  const Json& chunk = *found;
  const fs::path dir = chunk.at("sweep_dir").get<std::string>();
  std::vector<Point> points;
  for (const Json& p : chunk.at("points")) points.push_back(from_json(p));
  std::vector<const Point*> todo;
  for (const Point& p : points) {
    std::error_code none;
    if (!fs::exists(point_folder(dir, p.digest), none)) todo.push_back(&p);  // a task that was requeued
  }
  const auto engine = make_local_engine(dir, 1, chunk.value("timeout_s", 0.0),
                                        chunk.value("summaries", false) ? Keep::summaries : Keep::all);
  engine->run(
      todo,
      [&](const Point& p, const Outcome& o) {
        std::error_code none;
        if (fs::exists(point_folder(dir, p.digest), none)) return;  // speaks for itself
        write_atomically(batch / ("failed-" + p.digest + ".json"),
                         Json{{"exit_code", o.exit_code}, {"error", o.error}, {"wall_s", o.wall_s}}.dump());
      },
      [] {});
  return 0;
}

}  // namespace sim::sweep
