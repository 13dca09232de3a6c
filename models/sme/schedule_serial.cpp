// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/layer_schedule.h"

namespace sme {
namespace {

class Serial final : public LayerSchedule {
 public:
  unsigned layers_in_flight() const override { return 1; }
  std::uint64_t released(std::uint64_t positions, std::uint64_t previous, std::uint64_t done) const override {
    return done == previous ? positions : 0;
  }
};

}  // namespace

std::unique_ptr<LayerSchedule> make_serial_schedule() { return std::make_unique<Serial>(); }

}  // namespace sme
