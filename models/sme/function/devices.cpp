// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/function/devices.h"

#include <string>

#include "sim/core/error.h"

namespace sme {

void check(const DeviceEffects& effects) {
  const auto range = [](const char* key, double value, double high) {
    if (!(value >= 0 && value <= high))
      throw sim::Error(sim::Exit::usage, std::string("devices.") + key + ": " + std::to_string(value) +
                                             " is outside [0, " + std::to_string(high) + "]");
  };
  range("variation", effects.variation, 2);
  range("stuck_at_0", effects.stuck_at_0, 1);
  range("stuck_at_1", effects.stuck_at_1, 1);
  range("stuck_at_0 + stuck_at_1", effects.stuck_at_0 + effects.stuck_at_1, 1);
  range("read_noise", effects.read_noise, 1e3);
  range("ir_drop", effects.ir_drop, 1);
  range("on_off_ratio", effects.on_off_ratio, 1e9);
}

}  // namespace sme
