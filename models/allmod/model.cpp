// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/model.h"

#include "models/allmod/host_port.h"
#include "models/allmod/job.h"

namespace allmod {
namespace {

class ReductionModel final : public sim::app::Model {
 public:
  std::string name() const override { return "allmod"; }
  std::string text() const override {
    return "ALLMod: large-number modular reduction by look-up tables and restoring steps";
  }
  std::unique_ptr<sim::app::Job> make() const override { return std::make_unique<ReductionJob>(); }
  std::vector<sim::app::KeyText> summary_keys() const override { return ReductionJob::summary_keys(); }
  std::vector<std::string> headline_keys() const override { return {"sim_time_s", "lut_sites", "fmax_mhz"}; }
  std::string register_map() const override { return register_map_markdown(); }
};

}  // namespace

void register_model(sim::app::Registry& registry) { registry.add(std::make_unique<ReductionModel>()); }

}  // namespace allmod
