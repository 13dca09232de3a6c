// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/trace_results.h"

#include <iomanip>
#include <ostream>

namespace allmod {

using nlohmann::ordered_json;

sim::app::Sampled replay_share(const TraceReplay& replay) {
  sim::app::Sampled s;
  s.share =
      static_cast<double>(replay.multiplications()) / static_cast<double>(replay.layer_multiplications());
  s.windows = replay.parts.size();
  s.extrapolated = {"trace.layer_multiplications", "trace.layer_cycles"};
  return s;
}

ordered_json replay_json(const TraceReplay& replay, std::optional<double> layer_cycles) {
  ordered_json json;
  json["modulus"] = replay.modulus_name;
  json["parts"] = replay.parts.size();
  json["parts_in_trace"] = replay.parts_in_trace;
  json["multiplications"] = replay.multiplications();
  json["layer_multiplications"] = replay.layer_multiplications();
  json["layer_cycles"] = layer_cycles ? ordered_json(*layer_cycles) : nullptr;
  json["layers"] = ordered_json::array();
  for (const TraceReplay::Part& part : replay.parts) {
    json["layers"].push_back({{"layer", part.layer},
                              {"matrix", part.matrix},
                              {"weight_bits", part.weight_bits},
                              {"multiplications", part.multiplications},
                              {"population", part.population}});
  }
  return json;
}

void replay_text(std::ostream& out, const TraceReplay& replay, std::optional<double> layer_cycles) {
  const auto line = [&out](const char* name) -> std::ostream& {
    return out << "  " << std::left << std::setw(20) << name << std::right;
  };
  line("trace") << replay.parts.size() << " of " << replay.parts_in_trace << " mod_mul records, modulus "
                << replay.modulus_name << "\n";
  line("whole layers") << replay.layer_multiplications() << " multiplications";
  if (layer_cycles) {
    out << " in " << std::fixed << std::setprecision(0) << *layer_cycles << std::defaultfloat << " cycles";
  }
  out << ", extrapolated by the records' population\n";
}

}  // namespace allmod
