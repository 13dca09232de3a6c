// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The tricycle command line with one more model, kept outside of the tree: a counter that counts.
#include <memory>
#include <ostream>

#include <systemc>

#include "models/register_all.h"
#include "sim/app/main.h"
#include "sim/config/visitor.h"
#include "sim/core/clock_domain.h"
#include "sim/stats/stat.h"

namespace {

class Counter final : public sim::Clocked {
 public:
  Counter(sim::stats::Group& stats, std::uint64_t last)
      : Clocked("counter"), last_(last), counted_(stats, "counted", "step", "steps counted") {}
  void evaluate(sim::Cycle) override { ++counted_; }
  sim::Cycle next_cycle(sim::Cycle now) const override {
    return counted_.value() < last_ ? now + 1 : sim::kNever;
  }
  std::uint64_t counted() const { return counted_.value(); }

 private:
  std::uint64_t last_;
  sim::stats::Counter counted_;
};

class CountingJob final : public sim::app::Job {
 public:
  void fields(sim::config::Visitor& v) override {
    v.field("steps", steps_, sim::config::Meta("step", "how far to count").range(1u, 1000000u));
  }
  void check(const sim::config::Resolved&, sim::config::Diagnostics&) override {}
  void elaborate(sim::app::RunContext& context) override {
    domain_ = std::make_unique<sim::ClockDomain>("clock", clock_mhz(), context.failure);
    counter_ = std::make_unique<Counter>(context.stats, steps_);
    domain_->add(*counter_);
  }
  double clock_mhz() const override { return 100; }
  std::uint64_t total() const override { return steps_; }
  std::uint64_t done() const override { return counter_->counted(); }
  const char* unit() const override { return "steps"; }
  sim::Cycle cycles() const override { return domain_->now(); }
  bool finished() const override { return done() == total(); }
  std::string deadlock() override { return {}; }
  void conclude(bool) override {}
  void summary(nlohmann::ordered_json& keys) override { keys["steps"] = done(); }
  void summary_text(std::ostream& out) override { out << "  counted to " << done() << "\n"; }

 private:
  unsigned steps_ = 10;
  std::unique_ptr<sim::ClockDomain> domain_;
  std::unique_ptr<Counter> counter_;
};

class CountingModel final : public sim::app::Model {
 public:
  std::string name() const override { return "counter"; }
  std::string text() const override { return "a counter, kept outside of the tree"; }
  std::unique_ptr<sim::app::Job> make() const override { return std::make_unique<CountingJob>(); }
  std::vector<sim::app::KeyText> summary_keys() const override {
    return {{"steps", "step", "steps counted"}};
  }
};

}  // namespace

int sc_main(int argc, char** argv) {
  sim::app::Registry registry;
  tricycle::register_all(registry);
  registry.add(std::make_unique<CountingModel>());
  return sim::app::main(argc, argv, registry);
}
