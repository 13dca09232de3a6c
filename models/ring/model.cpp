// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/model.h"

#include "models/ring/chakra_text.h"
#include "models/ring/job.h"

namespace ring {
namespace {

class RingModel final : public sim::app::Model {
 public:
  std::string name() const override { return "ring"; }
  std::string text() const override {
    return "TokenRing, Ring Attention and relatives on a GPU cluster, packet by packet";
  }
  std::unique_ptr<sim::app::Job> make() const override { return std::make_unique<RingJob>(); }
  std::vector<sim::app::KeyText> summary_keys() const override { return RingJob::summary_keys(); }
  std::vector<std::string> headline_keys() const override { return {"time_s", "exposed_comm_s"}; }
  std::optional<sim::app::ImportedTrace> import_trace(const std::string& format,
                                                      const std::string& prefix) const override {
    if (format != "chakra") return std::nullopt;
    return look_at_chakra(prefix);
  }
};

}  // namespace

void register_model(sim::app::Registry& registry) { registry.add(std::make_unique<RingModel>()); }

}  // namespace ring
