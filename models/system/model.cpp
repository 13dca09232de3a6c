// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/system/model.h"

#include "models/allmod/modmul_unit.h"
#include "models/common/gpu_unit.h"
#include "models/ring/cluster_port.h"
#include "models/system/job.h"

namespace platform {
namespace {

class SystemModel final : public sim::app::Model {
 public:
  std::string name() const override { return "system"; }
  std::string text() const override { return "all wheels on one platform, driven by one trace"; }
  std::unique_ptr<sim::app::Job> make() const override { return std::make_unique<SystemJob>(); }
  std::vector<sim::app::KeyText> summary_keys() const override { return SystemJob::summary_keys(); }
  std::string register_map() const override {
    return "GPU:\n\n" + common::gpu_register_map_markdown() + "\nRing:\n\n" +
           ring::cluster_register_map_markdown() + "\nALLMod unit:\n\n" +
           allmod::modmul_register_map_markdown();
  }
  std::vector<std::string> headline_keys() const override {
    return {"time_per_token_s", "energy_known_j", "prefill.time_s"};
  }
};

}  // namespace

void register_model(sim::app::Registry& registry) { registry.add(std::make_unique<SystemModel>()); }

}  // namespace platform
