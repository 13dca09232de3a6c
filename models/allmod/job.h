// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <vector>

#include "models/allmod/settings.h"
#include "sim/app/model.h"

namespace allmod {

struct Platform;

// One `tricycle run` of model allmod: a reducer, a driver for its streams or its socket, a checker.
class ReductionJob final : public sim::app::Job {
 public:
  ReductionJob();
  ~ReductionJob() override;

  void fields(sim::config::Visitor& v) override { settings_.fields(v); }
  void check(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics) override {
    settings_.load_trace(resolved, diagnostics);
    settings_.check(resolved, diagnostics);
  }
  bool rests_on(const std::string& path) const override;
  double clock_mhz() const override { return settings_.clock_mhz; }
  void elaborate(sim::app::RunContext& context) override;
  std::uint64_t total() const override;
  std::uint64_t done() const override;
  const char* unit() const override { return "reductions"; }
  sim::Cycle cycles() const override;
  bool finished() const override { return done() == total(); }
  std::string deadlock() override;
  void conclude(bool partial) override;
  std::optional<std::uint64_t> seed() const override {
    if (settings_.replay) return std::nullopt;  // nothing is drawn
    return settings_.workload.seed;
  }
  std::string trace_digest() const override { return settings_.replay ? settings_.replay->digest : ""; }
  std::optional<sim::app::Sampled> sampled() const override;
  void summary(nlohmann::ordered_json& keys) override;
  void summary_text(std::ostream& out) override;
  void artefacts(const std::filesystem::path& run_dir, std::vector<sim::app::Artefact>& list) override;

  std::vector<sim::app::TextFile> rtl(const sim::app::RtlRequest& request,
                                      const sim::config::Resolved& resolved,
                                      sim::config::Diagnostics& diagnostics) const override;

  static std::vector<sim::app::KeyText> summary_keys();
  const Settings& settings() const { return settings_; }

 private:
  bool is_sampled() const;
  std::optional<double> layer_cycles() const;  // source trace: of the whole layers, extrapolated

  Settings settings_;
  std::unique_ptr<Platform> platform_;
};

}  // namespace allmod
