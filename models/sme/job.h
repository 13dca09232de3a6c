// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <vector>

#include "models/sme/settings.h"
#include "sim/app/model.h"

namespace sme {

struct LoadedLayers;
struct Platform;

// One `tricycle run` of model sme: a chip, the layers mapped onto it, and the products that it computes.
class SmeJob final : public sim::app::Job {
 public:
  SmeJob();
  ~SmeJob() override;

  void fields(sim::config::Visitor& v) override { settings_.fields(v); }
  void check(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics) override;
  bool rests_on(const std::string& path) const override;
  double clock_mhz() const override { return settings_.chip.config.clock_mhz; }
  void elaborate(sim::app::RunContext& context) override;
  std::uint64_t total() const override;
  std::uint64_t done() const override;
  const char* unit() const override { return "products"; }
  sim::Cycle cycles() const override;
  bool finished() const override;
  std::string deadlock() override;
  void conclude(bool partial) override;
  std::optional<std::uint64_t> seed() const override;
  std::string trace_digest() const override;
  std::optional<sim::app::Sampled> sampled() const override;
  void summary(nlohmann::ordered_json& keys) override;
  void summary_text(std::ostream& out) override;
  void artefacts(const std::filesystem::path& run_dir, std::vector<sim::app::Artefact>& list) override;

  static std::vector<sim::app::KeyText> summary_keys();

 private:
  bool exact() const;  // no sum is clipped, squeezed or disturbed

  Settings settings_;
  std::unique_ptr<LoadedLayers> loaded_;
  std::unique_ptr<Platform> platform_;
};

}  // namespace sme
