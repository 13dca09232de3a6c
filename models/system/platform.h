// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "models/common/gpu_channel.h"
#include "models/common/gpu_unit.h"
#include "models/common/hbm.h"
#include "models/common/host_link.h"
#include "models/common/player.h"
#include "models/system/allmod_units.h"
#include "models/system/decode_model.h"
#include "models/system/ring_unit.h"
#include "models/system/settings.h"
#include "models/system/sme_units.h"
#include "models/system/timeline.h"
#include "models/system/trace_commands.h"
#include "sim/app/model.h"
#include "sim/core/region.h"
#include "sim/tlm/protocol_checker.h"
#include "sim/tlm/router.h"

namespace platform {

// A token of the run, with what its commands were charged.
struct TokenResult {
  common::TokenTimes times;
  bool complete = false;
  common::Account account;
};

// The SystemC side of one run: host, bus, memory, GPU, chips, and how they are wired. Every unit hangs on one
// router by its memory-mapped socket.
//
//   host channels --+            +-- gpu (registers)
//   gpu (memory) ---+-- router --+-- hbm
//                                +-- sme chips
//                                +-- allmod units
//                                +-- ring (registers)
struct Platform {
  // `sme`, `allmod`, `ring`: null without.
  Platform(const Settings& settings, const TraceSurvey& survey, SmeUnits* sme, AllmodUnits* allmod,
           RingUnit* ring, sim::app::RunContext& context);
  ~Platform();

  const Settings& settings;
  const TraceSurvey& survey;
  SmeUnits* sme;
  AllmodUnits* allmod;
  RingUnit* ring;
  sim::Region region;
  DecodeModel model;

  common::Hbm hbm;
  std::unique_ptr<common::Gpu> gpu;  // GpuUnit, or loosely timed
  common::HostLink link;
  common::GpuChannel gpu_channel;
  sc_core::sc_signal<bool> gpu_irq;
  std::unique_ptr<TraceCommands> commands;
  std::unique_ptr<common::Player> player;
  std::unique_ptr<Timeline> timeline;  // null unless it is recorded; its tracks stand above the units' own
  std::unique_ptr<sim::bus::Router<64>> router;
  std::vector<std::unique_ptr<sim::bus::ProtocolChecker<64>>> checkers;

  // What came of it.
  TokenResult prefill;
  std::deque<TokenResult> tokens;  // parallel to commands->tokens()
  std::uint64_t tokens_done = 0;
  std::uint64_t served[common::kOperations] = {};  // commands done, by operation
  std::uint64_t macs_done = 0, hbm_bytes_done = 0, bus_bytes_done = 0;
  common::Ps end = 0;  // of the last command

  std::vector<common::UnitChannel*> channels();
  bool finished() const { return player->finished(); }

 private:
  std::vector<std::string> unit_names() const;  // in the order of channels()
  void wire(bool check_protocol);
  void listen();
  TokenResult& result_of(std::uint64_t token);
};

}  // namespace platform
