// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/model.h"

#include "models/sme/host_port.h"
#include "models/sme/job.h"

namespace sme {
namespace {

class SmeModel final : public sim::app::Model {
 public:
  std::string name() const override { return "sme"; }
  std::string text() const override {
    return "SME: ReRAM crossbar accelerator with inter-crossbar bit-slicing and squeeze-out";
  }
  std::unique_ptr<sim::app::Job> make() const override { return std::make_unique<SmeJob>(); }
  std::vector<sim::app::KeyText> summary_keys() const override { return SmeJob::summary_keys(); }
  std::vector<std::string> headline_keys() const override {
    return {"sim_time_s", "energy_j.total", "area_mm2"};
  }
  std::string register_map() const override { return register_map_markdown(); }
};

}  // namespace

void register_model(sim::app::Registry& registry) { registry.add(std::make_unique<SmeModel>()); }

}  // namespace sme
