// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/platform.h"

#include <utility>

#include "sim/core/region.h"

namespace allmod {

Platform::Platform(const Settings& settings, const ReducerConfig& config, sim::app::RunContext& context)
    : modulus(settings.modulus.make(settings.design.n)),
      reducer("allmod", config, modulus, context.failure, context.stats, context.recorder),
      irq("irq") {
  std::unique_ptr<Operands> operands = settings.operands(reducer.tables());
  const sim::Region region(context.region, settings.operations(*operands));
  workload = std::make_unique<Workload>(config.design, modulus, std::move(operands), region, !config.lazy);
  if (settings.workload.port == Port::stream) {
    drive_streams(settings);
  } else {
    drive_socket(settings, context);
  }
  reducer.domain().shuffle(context.shuffle_seed);
  if (context.watchdog_cycles > 0) {
    watchdog = std::make_unique<sim::Watchdog>(
        reducer.domain(), context.watchdog_cycles, [this] { return workload->done(); },
        [this] { return workload->total() - workload->done(); });
  }
}

void Platform::drive_streams(const Settings& settings) {
  const unsigned lanes = reducer.lanes();
  for (unsigned i = 0; i < lanes; ++i) {
    sources.push_back(std::make_unique<WorkloadSource>(*workload, i, lanes, settings.workload.input_stall));
    sinks.push_back(std::make_unique<WorkloadSink>(*workload, i, lanes, settings.workload.output_stall));
    reducer.operands[i].bind(*sources.back());
    reducer.results[i].bind(*sinks.back());
  }
}

void Platform::drive_socket(const Settings& settings, const sim::app::RunContext& context) {
  driver = std::make_unique<SocketDriver>("host", reducer, *workload, settings.workload.socket_burst,
                                          context.failure);
  if (context.check_protocol) {
    checker = std::make_unique<sim::bus::ProtocolChecker<64>>("checker");
    driver->socket().bind(checker->target_socket);
    checker->initiator_socket.bind(reducer.socket());
  } else {
    driver->socket().bind(reducer.socket());
  }
  reducer.irq.bind(irq);
  driver->irq.bind(irq);
}

}  // namespace allmod
