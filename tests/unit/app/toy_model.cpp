// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "toy_model.h"

#include <chrono>
#include <fstream>
#include <memory>
#include <ostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <systemc>

#include "sim/config/diagnostics.h"
#include "sim/config/resolved.h"
#include "sim/config/visitor.h"
#include "sim/core/clock_domain.h"
#include "sim/core/region.h"
#include "sim/core/watchdog.h"
#include "sim/log/log.h"
#include "sim/record/recorder.h"
#include "sim/stats/stat.h"

namespace toy {
enum class Fault { none, elaborate, input, internal, foreign, report, conclude };
}

template <>
struct sim::config::EnumNames<toy::Fault> {
  static const std::vector<std::pair<toy::Fault, std::string>>& get() {
    using toy::Fault;
    static const std::vector<std::pair<Fault, std::string>> kNames = {
        {Fault::none, "none"},         {Fault::elaborate, "elaborate"}, {Fault::input, "input"},
        {Fault::internal, "internal"}, {Fault::foreign, "foreign"},     {Fault::report, "report"},
        {Fault::conclude, "conclude"}};
    return kNames;
  }
};

namespace toy {
namespace {

using sim::Cycle;
using sim::app::RunContext;
using sim::config::Meta;

struct Workload {
  std::uint64_t count = 1000;
  std::uint64_t seed = 1;
  std::string file;
  void fields(sim::config::Visitor& v) {
    v.field("count", count, Meta("op", "operations to do"));
    v.field("seed", seed, Meta("", "seed of the operands"));
    v.field("file", file, Meta("", "operand file; empty = none"));
  }
};

struct Design {
  Cycle latency = 4;
  double clock_mhz = 200;
  void fields(sim::config::Visitor& v) {
    v.field("latency", latency,
            Meta("cycle", "of one operation").range(1, 1000).assumed("nobody measured it"));
    v.field("clock_mhz", clock_mhz, Meta("MHz", "clock").range(0.001, 10000.0).paper("a paper"));
  }
};

struct Trouble {
  Fault fault = Fault::none;
  std::uint64_t at = 0;
  std::uint64_t hang_at = 0;
  double work_ms = 0;
  void fields(sim::config::Visitor& v) {
    v.field("fault", fault, Meta("", "what goes wrong"));
    v.field("at", at, Meta("op", "the operation at which it does"));
    v.field("hang_at", hang_at, Meta("op", "the operation that is never retired; 0 = none"));
    v.field("work_ms", work_ms, Meta("ms", "wall time of an operation").at_least(0.0));
  }
};

class Unit final : public sim::Clocked {
 public:
  Unit(const Workload& workload, const Design& design, const Trouble& trouble, RunContext& context)
      : sim::Clocked("toy.unit"),
        workload_(workload),
        design_(design),
        trouble_(trouble),
        group_(context.stats, "unit"),
        recorder_(context.recorder),
        track_(recorder_.track("toy/unit")),
        name_(recorder_.name("operation")),
        valid_(recorder_.waves() ? recorder_.signal("unit.count", 64) : sim::record::SignalId{}) {}

  void evaluate(Cycle now) override {
    if (now < next_ || !busy() || hangs()) return;
    if (trouble_.work_ms > 0)
      std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(trouble_.work_ms));
    if (done_.value() == trouble_.at) fail();
    ++done_;
    latency_.add(design_.latency);
    recorder_.span(track_, name_, now - design_.latency, now, done_.value());
    recorder_.change(valid_, now, done_.value());
    last_ = now;
    next_ = now + design_.latency;
  }
  Cycle next_cycle(Cycle) const override { return busy() && !hangs() ? next_ : sim::kNever; }
  bool busy() const override { return done_.value() < workload_.count; }
  std::string state() const override { return "waits for operation " + std::to_string(done_.value()); }

  std::uint64_t done() const { return done_.value(); }
  Cycle last() const { return last_; }

 private:
  bool hangs() const { return trouble_.hang_at != 0 && done_.value() + 1 >= trouble_.hang_at; }
  void fail() const {
    switch (trouble_.fault) {
      case Fault::input:
        throw sim::Error(sim::Exit::input,
                         "operands.txt:3: there is no number in this line; write one number a line");
      case Fault::internal:
        throw std::logic_error("a rule of the toy is broken");
      case Fault::foreign:
        throw 42;
      case Fault::report:
        SC_REPORT_ERROR("toy", "reported through SystemC");
        break;
      default:
        break;
    }
  }

  const Workload& workload_;
  const Design& design_;
  const Trouble& trouble_;
  sim::stats::Group group_;
  sim::stats::Counter done_{group_, "done", "op", "operations retired"};
  sim::stats::Histogram latency_{group_, "latency", "cycle", "from begin to end of an operation"};
  sim::stats::Ratio mean_{group_, "mean_latency", "cycle", "mean of the latency",
                          [this] { return latency_.mean(); }};
  sim::record::Recorder& recorder_;
  sim::record::TrackId track_;
  sim::record::NameId name_;
  sim::record::SignalId valid_;
  Cycle next_ = design_.latency;
  Cycle last_ = 0;
};

class ToyJob final : public sim::app::Job {
 public:
  void fields(sim::config::Visitor& v) override {
    v.section("workload", workload_, "what to do");
    v.section("design", design_, "the unit");
    v.section("trouble", trouble_, "what goes wrong");
  }

  void check(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics) override {
    if (!workload_.file.empty() && !std::ifstream(workload_.file)) {
      diagnostics.error(resolved.mark("workload.file"), "workload.file: cannot read " + workload_.file);
    }
    if (trouble_.hang_at > workload_.count) {
      diagnostics.error(resolved.mark("trouble.hang_at"),
                        "trouble.hang_at: there are fewer operations than that");
    }
  }

  void elaborate(RunContext& context) override {
    if (trouble_.fault == Fault::elaborate) {
      throw sim::Error(sim::Exit::input, "the toy cannot be built; take another fault");
    }
    domain_ = std::make_unique<sim::ClockDomain>("toy", design_.clock_mhz, context.failure);
    if (context.shuffle_seed != 0) domain_->shuffle(context.shuffle_seed);
    unit_ = std::make_unique<Unit>(workload_, design_, trouble_, context);
    domain_->add(*unit_);
    region_ = context.region;
    if (context.watchdog_cycles != 0) {
      watchdog_ = std::make_unique<sim::Watchdog>(
          *domain_, context.watchdog_cycles, [this] { return done(); }, [this] { return total() - done(); });
    }
    context.log.info("toy", "{} operations", workload_.count);
  }

  double clock_mhz() const override { return design_.clock_mhz; }
  std::uint64_t total() const override { return workload_.count; }
  std::uint64_t done() const override { return unit_->done(); }
  const char* unit() const override { return "operations"; }
  Cycle cycles() const override { return finished() ? unit_->last() : domain_->now(); }
  bool finished() const override { return done() == total(); }
  std::string deadlock() override { return unit_->name() + " " + unit_->state(); }

  void conclude(bool partial) override {
    if (!partial && trouble_.fault == Fault::conclude) {
      throw sim::Error(sim::Exit::check, "toy: 1 operation went in and 2 came out");
    }
  }
  std::optional<std::uint64_t> seed() const override { return workload_.seed; }
  std::optional<sim::app::Sampled> sampled() const override {
    if (region_.measure == 0) return std::nullopt;
    sim::app::Sampled sampled;
    sampled.share = 0.25;
    sampled.windows = 3;
    sampled.extrapolated = {"operations"};
    sampled.ci95_of = "operations";
    sampled.ci95 = 1.5;
    return sampled;
  }
  void summary(nlohmann::ordered_json& keys) override { keys["operations"] = done(); }
  void summary_text(std::ostream& out) override { out << "  operations  " << done() << "\n"; }
  void artefacts(const std::filesystem::path& run_dir, std::vector<sim::app::Artefact>& list) override {
    std::ofstream(run_dir / "table.csv") << "operations\n" << done() << "\n";
    list.push_back({"table.csv", "the operations, counted"});
  }

 private:
  Workload workload_;
  Design design_;
  Trouble trouble_;
  sim::RegionConfig region_;
  std::unique_ptr<sim::ClockDomain> domain_;
  std::unique_ptr<Unit> unit_;
  std::unique_ptr<sim::Watchdog> watchdog_;
};

class ToyModel final : public sim::app::Model {
 public:
  std::string name() const override { return "toy"; }
  std::string text() const override { return "one unit that counts"; }
  std::unique_ptr<sim::app::Job> make() const override { return std::make_unique<ToyJob>(); }
  std::vector<sim::app::KeyText> summary_keys() const override {
    return {{"operations", "op", "operations retired"}};
  }
  std::vector<std::string> headline_keys() const override { return {"sim_time_s", "no_such_key"}; }
  std::string register_map() const override { return "| offset | name |\n|---|---|\n| 0x0 | ID |\n"; }
};

}  // namespace

std::unique_ptr<sim::app::Model> make_model() { return std::make_unique<ToyModel>(); }

}  // namespace toy
