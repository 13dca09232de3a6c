// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/lane_waves.h"

#include <algorithm>
#include <cctype>

namespace allmod {
namespace {

// Signal names consist of letters, digits and _; the dots of the path make the hierarchy.
std::string legal(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '_' && c != '.'; },
      '_');
  return text;
}

}  // namespace

LaneWaves::LaneWaves(sim::record::Recorder& recorder, std::size_t lane, const Datapath& datapath,
                     bool register_true)
    : recorder_(recorder), datapath_(datapath) {
  if (!on()) return;
  const std::string path = "allmod.lane" + std::to_string(lane) + ".";
  in_ = handshake(path + "in_", 2 * datapath.design().n);
  out_ = handshake(path + "out_", datapath.design().n);
  for (const Stage& s : datapath.stages())
    valid_.push_back(recorder.signal(legal(path + s.name) + ".valid", 1));
  if (!register_true) return;
  std::uint64_t bits = 0;
  for (const RegisterView& r : datapath.registers()) bits += r.bits;
  if (bits > kRegisterBits) return;
  for (const RegisterView& r : datapath.registers()) {
    registers_.push_back(recorder.signal(legal(path + r.name), std::max(r.bits, 1u)));
  }
}

LaneWaves::Handshake LaneWaves::handshake(const std::string& prefix, unsigned bits) {
  return {recorder_.signal(prefix + "valid", 1), recorder_.signal(prefix + "ready", 1),
          recorder_.signal(prefix + "data", bits)};
}

void LaneWaves::show(const Handshake& h, sim::Cycle now, bool valid, bool ready, const Limb* data) {
  recorder_.change(h.valid, now, valid);
  recorder_.change(h.ready, now, ready);
  if (valid) {
    recorder_.change_wide(h.data, now, data);
  } else {
    recorder_.change_unknown(h.data, now);
  }
}

void LaneWaves::start() {
  if (!on()) return;
  recorder_.change(in_.valid, 0, 0);
  recorder_.change(out_.valid, 0, 0);
  for (unsigned s = 0; s < valid_.size(); ++s) stage(0, s, nullptr);
}

void LaneWaves::input(sim::Cycle now, bool valid, bool ready, const Limb* operand) {
  if (on()) show(in_, now, valid, ready, operand);
}

void LaneWaves::output(sim::Cycle now, bool valid, bool ready, const Limb* result) {
  if (on()) show(out_, now, valid, ready, result);
}

void LaneWaves::stage(sim::Cycle now, unsigned stage, const Token* token) {
  if (!on()) return;
  recorder_.change(valid_[stage], now, token != nullptr ? 1u : 0u);
  if (registers_.empty()) return;
  for (std::size_t i = datapath_.first_register(stage); i < datapath_.first_register(stage + 1); ++i) {
    if (token != nullptr) {
      recorder_.change_wide(registers_[i], now, token->registers.data() + datapath_.registers()[i].offset);
    } else {
      recorder_.change_unknown(registers_[i], now);
    }
  }
}

}  // namespace allmod
