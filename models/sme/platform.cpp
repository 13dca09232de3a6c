// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/platform.h"

namespace sme {

Platform::Platform(const Settings& settings, const LoadedLayers& loaded, sim::app::RunContext& context)
    : chip("sme", settings.chip_config(), loaded.layers, context.failure, context.stats, context.recorder),
      cost(cost_table(settings.tech, chip.config(), settings.crossbar.shape.rows,
                      settings.crossbar.shape.cols, settings.adc_bits(), settings.crossbar.read_ns)),
      macs(loaded.macs) {
  for (const auto& [key, place] : loaded.places) {
    if (place.group > 0) chip.set_row_group(place.int4, place.group);
  }
  if (settings.replays()) {
    auto trace = std::make_unique<TraceSource>(chip, settings, loaded);
    replay = trace.get();
    source = std::move(trace);
  } else {
    auto inferences = std::make_unique<NetworkSource>(chip, settings);
    network = inferences.get();
    source = std::move(inferences);
  }
  chip.bind(*source);
  chip.domain().shuffle(context.shuffle_seed);
  if (context.watchdog_cycles > 0) {
    watchdog = std::make_unique<sim::Watchdog>(
        chip.domain(), context.watchdog_cycles,
        [this] { return source->products() + chip.controller().passes_done(); },
        [this] { return chip.controller().busy() ? 1 : 0; });
  }
}

Activity Platform::activity(std::uint32_t layer) const {
  Activity sum = source->layers()[layer].written;
  for (const LayerWork* work : chip.works(layer)) sum.add(chip.counted(*work));
  return sum;
}

Activity Platform::expected(std::uint32_t layer) const {
  Activity sum = source->layers()[layer].written;
  for (const LayerWork* work : chip.works(layer)) sum.add(chip.expected(*work), work->products);
  return sum;
}

}  // namespace sme
