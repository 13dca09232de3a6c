// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/layer_schedule.h"

namespace sme {

std::unique_ptr<LayerSchedule> make_schedule(const ChipConfig& config) {
  return config.schedule == ScheduleKind::serial ? make_serial_schedule()
                                                 : make_streamed_schedule(config.overlap);
}

}  // namespace sme
