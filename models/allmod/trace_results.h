// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <iosfwd>
#include <optional>

#include <nlohmann/json.hpp>

#include "models/allmod/trace_replay.h"
#include "sim/app/model.h"

namespace allmod {

// What a run of source trace says about the layers that its records are samples of. `layer_cycles`: cycles of
// those layers at the measured rate; absent while the run is not complete.

sim::app::Sampled replay_share(const TraceReplay& replay);
nlohmann::ordered_json replay_json(const TraceReplay& replay, std::optional<double> layer_cycles);
void replay_text(std::ostream& out, const TraceReplay& replay, std::optional<double> layer_cycles);

}  // namespace allmod
