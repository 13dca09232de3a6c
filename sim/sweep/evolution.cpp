// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
// A module of its own (evolution_module.cpp loads it): nothing here may need more of the program than its
// headers.
#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include <pagmo/algorithm.hpp>
#include <pagmo/algorithms/moead.hpp>
#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/bfe.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>

#include "sim/core/error.h"
#include "sim/sweep/sampler.h"

namespace sim::sweep {
namespace {

using Vector = pagmo::vector_double;
constexpr double kWorst = 1e30;  // of a point that is not feasible: beaten by every feasible one

// Pagmo copies problems; all copies speak to one of these.
class Judge {
 public:
  virtual ~Judge() = default;
  virtual std::vector<Value> values(const std::vector<Coordinates>& positions) = 0;
};

struct Problem {
  std::vector<std::size_t> sizes;  // values of each axis
  std::size_t objectives = 1;
  bool integers = true;
  Judge* judge = nullptr;

  Coordinates position(const double* x) const {
    Coordinates at;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      at.push_back(
          static_cast<std::uint32_t>(std::clamp(std::floor(x[i]), 0.0, static_cast<double>(sizes[i] - 1))));
    }
    return at;
  }
  Vector fitness(const Vector& x) const { return flat(judge->values({position(x.data())})); }
  Vector flat(const std::vector<Value>& values) const {
    Vector out;
    for (const Value& v : values) {
      const bool good = v.feasible && std::none_of(v.objectives.begin(), v.objectives.end(),
                                                   [](double o) { return std::isnan(o); });
      for (std::size_t i = 0; i < objectives; ++i) out.push_back(good ? v.objectives[i] : kWorst);
    }
    return out;
  }
  std::pair<Vector, Vector> get_bounds() const {
    Vector lo(sizes.size(), 0.0), hi;
    for (const std::size_t n : sizes)
      hi.push_back(integers ? static_cast<double>(n - 1) : static_cast<double>(n) - 1e-9);
    return {lo, hi};
  }
  Vector::size_type get_nobj() const { return objectives; }
  Vector::size_type get_nix() const { return integers ? sizes.size() : 0; }
};

// Hands whole generations to the judge.
struct Batch {
  Vector operator()(const pagmo::problem& problem, const Vector& x) const {
    const Problem& p = *problem.extract<Problem>();
    std::vector<Coordinates> positions;
    for (std::size_t i = 0; i < x.size(); i += p.sizes.size()) positions.push_back(p.position(&x[i]));
    return p.flat(p.judge->values(positions));
  }
};

class Direct final : public Judge {
 public:
  explicit Direct(const Evaluate& evaluate) : evaluate_(evaluate) {}
  std::vector<Value> values(const std::vector<Coordinates>& positions) override {
    return evaluate_(positions);
  }

 private:
  const Evaluate& evaluate_;
};

// Islands are threads that ask for one position at a time. When all that still work have asked, their
// positions are simulated side by side by the main thread. So the batches do not depend on how threads are
// scheduled.
class Meeting final : public Judge {
 public:
  explicit Meeting(unsigned islands) : working_(islands) {}

  std::vector<Value> values(const std::vector<Coordinates>& positions) override {
    std::unique_lock lock(mutex_);
    if (stopped_) throw std::runtime_error("stopped");
    Request mine{positions, {}, false};
    requests_.push_back(&mine);
    changed_.notify_all();
    changed_.wait(lock, [&] { return mine.answered || stopped_; });
    if (!mine.answered) throw std::runtime_error("stopped");
    return mine.values;
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    --working_;
    changed_.notify_all();
  }
  // In the main thread, until every island has left.
  void serve(const Evaluate& evaluate) {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [&] { return requests_.size() == working_; });
      if (working_ == 0) return;
      // Threads come in any order, positions must not.
      std::sort(requests_.begin(), requests_.end(),
                [](const Request* a, const Request* b) { return a->positions < b->positions; });
      std::vector<Coordinates> all;
      for (const Request* r : requests_) all.insert(all.end(), r->positions.begin(), r->positions.end());
      std::vector<Value> values;
      try {
        values = evaluate(all);
      } catch (...) {
        stopped_ = true;
        requests_.clear();
        changed_.notify_all();
        changed_.wait(lock, [&] { return working_ == 0; });
        throw;
      }
      auto next = values.begin();
      for (Request* r : requests_) {
        r->values.assign(next, next + static_cast<std::ptrdiff_t>(r->positions.size()));
        next += static_cast<std::ptrdiff_t>(r->positions.size());
        r->answered = true;
      }
      requests_.clear();
      changed_.notify_all();
    }
  }

 private:
  struct Request {
    std::vector<Coordinates> positions;
    std::vector<Value> values;
    bool answered;
  };
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Request*> requests_;
  std::size_t working_;
  bool stopped_ = false;
};

class Evolution final : public Sampler {
 public:
  Evolution(const Space& space, const SweepConfig& config) : config_(config.sampler) {
    for (const Axis& axis : space.axes()) problem_.sizes.push_back(axis.values.size());
    problem_.objectives = config.objectives.size();
    problem_.integers = config_.kind == SamplerKind::nsga2;
    if (!problem_.integers && config_.population / config_.islands < kNeighbours) {
      throw Error(Exit::usage, "sampler: moead needs " + std::to_string(kNeighbours) +
                                   " points an island or more, here " +
                                   std::to_string(config_.population / config_.islands) +
                                   "; raise population or lower islands");
    }
  }
  void sample(const Evaluate& evaluate) override {
    if (config_.kind == SamplerKind::nsga2) {
      nsga2(evaluate);
    } else {
      moead(evaluate);
    }
  }
  std::uint64_t expected() const override {
    return std::uint64_t{config_.population} * (config_.generations + std::uint64_t{1});
  }

 private:
  static constexpr unsigned kNeighbours = 5;

  unsigned seed(unsigned island) const { return static_cast<unsigned>(config_.seed * 1000003 + island); }

  void nsga2(const Evaluate& evaluate) {
    Direct judge(evaluate);
    Problem problem = problem_;
    problem.judge = &judge;
    const pagmo::bfe batch{Batch{}};
    pagmo::population population(pagmo::problem(problem), batch, config_.population, seed(0));
    pagmo::nsga2 method(config_.generations, config_.crossover, 10., config_.mutation, 50., seed(1));
    method.set_bfe(batch);
    method.evolve(population);
  }

  void moead(const Evaluate& evaluate) {
    Meeting meeting(config_.islands);
    std::vector<std::exception_ptr> failures(config_.islands);
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < config_.islands; ++i) {
      threads.emplace_back([&, i] {
        try {
          Problem problem = problem_;
          problem.judge = &meeting;
          pagmo::population population(pagmo::problem(problem), config_.population / config_.islands,
                                       seed(2 * i));
          const pagmo::moead method(config_.generations, "low discrepancy", "tchebycheff", kNeighbours - 1,
                                    1.0, 0.5, 20., 0.9, 2u, true, seed(2 * i + 1));
          method.evolve(population);
        } catch (...) {
          failures[i] = std::current_exception();
        }
        meeting.leave();
      });
    }
    std::exception_ptr stopped;
    try {
      meeting.serve(evaluate);
    } catch (...) {
      stopped = std::current_exception();
    }
    for (std::thread& t : threads) t.join();
    if (stopped) std::rethrow_exception(stopped);
    for (const std::exception_ptr& f : failures) {
      if (f) std::rethrow_exception(f);
    }
  }

  SamplerConfig config_;
  Problem problem_;
};

}  // namespace

}  // namespace sim::sweep

extern "C" sim::sweep::Sampler* tricycle_make_evolution(const sim::sweep::Space& space,
                                                        const sim::sweep::SweepConfig& config) {
  return std::make_unique<sim::sweep::Evolution>(space, config).release();
}
