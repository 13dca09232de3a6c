// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <vector>

#include "models/ring/function/analysis.h"
#include "models/ring/function/functional.h"
#include "models/ring/settings.h"
#include "sim/app/model.h"

namespace ring {

/// What a run makes of its settings.
struct Run;

/// One `tricycle run` of model ring: one attention layer on a cluster.
class RingJob final : public sim::app::Job {
 public:
  RingJob();
  ~RingJob() override;

  void fields(sim::config::Visitor& v) override { settings_.fields(v); }
  void check(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics) override {
    settings_.check(resolved, diagnostics);
  }
  bool rests_on(const std::string& path) const override { return settings_.rests_on(path); }
  /// Cycles are nanoseconds: the kernel goes from event to event, times are kept in picoseconds.
  double clock_mhz() const override { return 1000; }
  void elaborate(sim::app::RunContext& context) override;
  std::uint64_t total() const override;
  std::uint64_t done() const override;
  const char* unit() const override { return "operations"; }
  sim::Cycle cycles() const override;
  bool finished() const override { return done() == total(); }
  std::string deadlock() override;
  void conclude(bool partial) override;
  std::optional<std::uint64_t> seed() const override;
  std::string trace_digest() const override { return settings_.trace ? settings_.trace->digest : ""; }
  void summary(nlohmann::ordered_json& keys) override;
  void summary_text(std::ostream& out) override;
  void artefacts(const std::filesystem::path& run_dir, std::vector<sim::app::Artefact>& list) override;
  sim::app::Levels levels() const override;
  std::string export_trace(const std::string& format, const std::string& prefix) const override;

  static std::vector<sim::app::KeyText> summary_keys();

 private:
  void analyse_run();

  Settings settings_;
  std::unique_ptr<Run> run_;
};

}  // namespace ring
