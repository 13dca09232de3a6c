// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <vector>

#include "models/system/settings.h"
#include "sim/app/model.h"

namespace platform {

struct Platform;
class SmeUnits;
class AllmodUnits;
class RingUnit;

// One `tricycle run` of model system: a trace played on all wheels. Cycles are nanoseconds: every unit has a
// clock of its own, times are kept in picoseconds.
class SystemJob final : public sim::app::Job {
 public:
  SystemJob();
  ~SystemJob() override;

  void fields(sim::config::Visitor& v) override { settings_.fields(v); }
  void check(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics) override;
  bool rests_on(const std::string& path) const override { return settings_.rests_on(path); }
  void elaborate(sim::app::RunContext& context) override;
  double clock_mhz() const override { return 1000; }
  std::uint64_t total() const override;
  std::uint64_t done() const override;
  const char* unit() const override { return "tokens"; }
  sim::Cycle cycles() const override;
  bool finished() const override;
  std::string deadlock() override;
  void conclude(bool partial) override;
  std::string trace_digest() const override { return settings_.survey ? settings_.survey->digest : ""; }
  std::optional<sim::app::Sampled> sampled() const override;
  void summary(nlohmann::ordered_json& keys) override;
  void summary_text(std::ostream& out) override;
  void artefacts(const std::filesystem::path& run_dir, std::vector<sim::app::Artefact>& list) override;

  static std::vector<sim::app::KeyText> summary_keys();

 private:
  Settings settings_;
  std::unique_ptr<SmeUnits> sme_;
  std::unique_ptr<AllmodUnits> allmod_;
  std::unique_ptr<RingUnit> ring_;
  std::unique_ptr<Platform> platform_;
};

}  // namespace platform
