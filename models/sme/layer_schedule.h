// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>

#include "models/sme/chip_config.h"

namespace sme {

// When products of a layer may start.
class LayerSchedule {
 public:
  virtual ~LayerSchedule() = default;
  virtual unsigned layers_in_flight() const = 0;
  // Products of a layer of `positions` that may start when the layer before it has finished the first `done`
  // of its `previous` ones. Never decreases with `done`; all of them for done = previous.
  virtual std::uint64_t released(std::uint64_t positions, std::uint64_t previous,
                                 std::uint64_t done) const = 0;
};

std::unique_ptr<LayerSchedule> make_serial_schedule();                      // layer behind layer
std::unique_ptr<LayerSchedule> make_streamed_schedule(unsigned in_flight);  // as the inputs come
std::unique_ptr<LayerSchedule> make_schedule(const ChipConfig& config);

}  // namespace sme
