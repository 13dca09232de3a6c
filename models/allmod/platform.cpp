// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/platform.h"

#include <utility>

#include "sim/core/error.h"
#include "sim/core/region.h"

namespace allmod {

Platform::Platform(const Settings& settings, const ReducerConfig& config, sim::app::RunContext& context)
    : modulus(settings.moduli().front()),
      reducer("allmod", config, modulus, context.failure, context.stats, context.recorder),
      irq("irq") {
  std::unique_ptr<Operands> operands = make_operands(settings, context);
  const sim::Region region(context.region, settings.operations(*operands));
  workload = std::make_unique<Workload>(config.design, modulus, std::move(operands), region, !config.lazy);
  if (settings.modulus.switch_every > 0) {
    workload->take_turns(settings.moduli(), settings.modulus.switch_every);
  }
  if (front) {
    drive_chain();
  } else if (settings.workload.port == Port::stream) {
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

std::unique_ptr<Operands> Platform::make_operands(const Settings& settings, sim::app::RunContext& context) {
  if (!settings.workload.is_program()) return settings.operands(reducer.tables());
  const sim::RegionConfig& r = context.region;
  if (r.skip + r.warmup + r.measure + r.every > 0) {
    throw sim::Error(sim::Exit::usage,
                     "region: the operations of a chain need each other's results and cannot be "
                     "skipped; simulate fewer of them (workload.chain, workload.replay.parts) instead");
  }
  const ChainSettings& chain = settings.workload.chain;
  program = std::make_unique<ChainProgram>(settings.replay ? *settings.replay->program
                                                           : chain.make(modulus, settings.workload.seed));
  const MultiplierTiming timing = multiplier_timing(chain.multiplier.multiplier, settings.design.n);
  const Datapath& datapath = reducer.datapath();
  front = std::make_unique<ModMulFrontEnd>(reducer.domain(), *program, reducer.lanes(),
                                           MultiplierCycles{timing.latency(), timing.ii}, datapath.x_limbs(),
                                           datapath.n_limbs(), context.stats);
  return std::make_unique<ProgramOperands>(settings.design.n, *front);
}

void Platform::drive_chain() {
  for (unsigned i = 0; i < reducer.lanes(); ++i) {
    reducer.operands[i].bind(front->source(i));
    reducer.results[i].bind(front->sink(i));
  }
  front->on_product([this](unsigned lane, sim::Cycle at) { reducer.lane(lane).wake(at); });
  front->on_result([this](std::uint32_t operation, const Limb* result, sim::Cycle cycle) {
    workload->result({operation, operation}, result, cycle);
  });
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
