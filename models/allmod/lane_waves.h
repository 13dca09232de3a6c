// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include "models/allmod/function/evaluate.h"
#include "sim/record/recorder.h"

namespace allmod {

// The waveform of one lane: both handshakes, which stages hold an operand, and, if all registers together
// have at most kRegisterBits bits and are computed at all, the value of every register. All changes of a
// cycle carry that cycle.
class LaneWaves {
 public:
  static constexpr unsigned kRegisterBits = 20000;

  LaneWaves(sim::record::Recorder& recorder, std::size_t lane, const Datapath& datapath, bool register_true);
  bool on() const { return recorder_.waves(); }

  // Before anything moves: nothing is valid. To be called when every signal of every unit is declared.
  void start();
  void input(sim::Cycle now, bool valid, bool ready, const Limb* operand);
  void output(sim::Cycle now, bool valid, bool ready, const Limb* result);
  // `token`: the operand whose registers the stage shows, nullptr if it holds none.
  void stage(sim::Cycle now, unsigned stage, const Token* token);

 private:
  struct Handshake {
    sim::record::SignalId valid, ready, data;
  };
  Handshake handshake(const std::string& prefix, unsigned bits);
  void show(const Handshake& h, sim::Cycle now, bool valid, bool ready, const Limb* data);

  sim::record::Recorder& recorder_;
  const Datapath& datapath_;
  Handshake in_, out_;
  std::vector<sim::record::SignalId> valid_;      // by stage
  std::vector<sim::record::SignalId> registers_;  // by register; empty when they are not shown
};

}  // namespace allmod
