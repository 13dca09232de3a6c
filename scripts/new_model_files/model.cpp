// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/NAME/model.h"

#include <memory>
#include <ostream>

#include "models/NAME/unit.h"
#include "sim/config/resolved.h"
#include "sim/config/visitor.h"
#include "sim/core/watchdog.h"

namespace NAME {
namespace {

using sim::config::Meta;

class Job final : public sim::app::Job {
 public:
  void fields(sim::config::Visitor& v) override {
    v.field("latency", timing_.latency,
            Meta("cycle", "from operand to result").range(1, 1000).assumed("a skeleton"));
    v.field("interval", timing_.interval,
            Meta("cycle", "between operands").range(1, 1000).assumed("a skeleton"));
    v.field("clock_mhz", clock_mhz_, Meta("MHz", "clock").range(1.0, 100000.0).assumed("a skeleton"));
    v.field("count", count_, Meta("op", "numbers to square").range(1, 1000000000));
  }
  void check(const sim::config::Resolved&, sim::config::Diagnostics&) override {}
  void elaborate(sim::app::RunContext& context) override {
    domain_ = std::make_unique<sim::ClockDomain>("NAME", clock_mhz_, context.failure);
    stats_ = std::make_unique<sim::stats::Group>(context.stats, "NAME");
    unit_ = std::make_unique<Unit>(timing_, count_, *stats_);
    domain_->add(*unit_);
    if (context.watchdog_cycles != 0) {
      watchdog_ = std::make_unique<sim::Watchdog>(
          *domain_, context.watchdog_cycles, [this] { return done(); }, [this] { return total() - done(); });
    }
  }
  double clock_mhz() const override { return clock_mhz_; }
  std::uint64_t total() const override { return count_; }
  std::uint64_t done() const override { return unit_->done(); }
  const char* unit() const override { return "numbers"; }
  sim::Cycle cycles() const override { return finished() ? unit_->last() : domain_->now(); }
  bool finished() const override { return done() == total(); }
  std::string deadlock() override { return "NAME.unit has work left"; }
  void conclude(bool) override {}
  void summary(nlohmann::ordered_json& keys) override {
    keys["results"] = done();
    keys["checksum"] = unit_->checksum();
  }
  void summary_text(std::ostream& out) override { out << "  results  " << done() << "\n"; }

 private:
  Timing timing_;
  double clock_mhz_ = 1000;
  std::uint64_t count_ = 1000;
  std::unique_ptr<sim::ClockDomain> domain_;
  std::unique_ptr<sim::stats::Group> stats_;
  std::unique_ptr<Unit> unit_;
  std::unique_ptr<sim::Watchdog> watchdog_;
};

class Model final : public sim::app::Model {
 public:
  std::string name() const override { return "NAME"; }
  std::string text() const override { return "a pipeline that squares numbers: a skeleton"; }
  std::unique_ptr<sim::app::Job> make() const override { return std::make_unique<Job>(); }
  std::vector<sim::app::KeyText> summary_keys() const override {
    return {{"results", "op", "numbers squared"}, {"checksum", "", "of the results, in their order"}};
  }
};

}  // namespace

void register_model(sim::app::Registry& registry) { registry.add(std::make_unique<Model>()); }

}  // namespace NAME
