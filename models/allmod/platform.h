// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <vector>

#include "models/allmod/modmul.h"
#include "models/allmod/settings.h"
#include "models/allmod/socket_driver.h"
#include "models/allmod/stream_driver.h"
#include "sim/app/model.h"
#include "sim/core/watchdog.h"
#include "sim/tlm/protocol_checker.h"

namespace allmod {

// The SystemC side of one run: the reducer, what drives it, what watches it.
struct Platform {
  Platform(const Settings& settings, const ReducerConfig& config, sim::app::RunContext& context);

  Modulus modulus;
  Reducer reducer;
  std::unique_ptr<Workload> workload;
  // port: stream
  std::vector<std::unique_ptr<WorkloadSource>> sources;
  std::vector<std::unique_ptr<WorkloadSink>> sinks;
  // source: chain
  std::unique_ptr<ChainProgram> program;
  std::unique_ptr<ModMulFrontEnd> front;
  // port: socket
  sc_core::sc_signal<bool> irq;
  std::unique_ptr<SocketDriver> driver;
  std::unique_ptr<sim::bus::ProtocolChecker<64>> checker;

  std::unique_ptr<sim::Watchdog> watchdog;

 private:
  std::unique_ptr<Operands> make_operands(const Settings& settings, sim::app::RunContext& context);
  void drive_streams(const Settings& settings);
  void drive_chain();
  void drive_socket(const Settings& settings, const sim::app::RunContext& context);
};

}  // namespace allmod
