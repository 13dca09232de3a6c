// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/common/hbm_channel.h"

#include <algorithm>
#include <cmath>

namespace common {

Ps picoseconds(double ns) { return static_cast<Ps>(std::llround(ns * 1000)); }

HbmTiming::HbmTiming(const HbmConfig& config)
    : activate(picoseconds(config.activate_ns)),
      row_cycle(picoseconds(config.row_cycle_ns)),
      precharge(picoseconds(config.precharge_ns)),
      turnaround(picoseconds(config.turnaround_ns)),
      row_bytes(config.row_bytes),
      banks(config.banks),
      byte_ps_q16(static_cast<std::uint64_t>(std::llround(65536e3 / config.channel_gbytes_per_s))) {}

Ps HbmChannel::serve(std::uint64_t address, std::uint64_t bytes, bool write, Ps now) {
  if (served_ && write != last_write_) bus_free_ += t_.turnaround;
  served_ = true;
  last_write_ = write;
  std::uint64_t row = address / t_.row_bytes, number = row % t_.banks;
  std::uint64_t left = t_.row_bytes - (address - row * t_.row_bytes);  // in the row
  while (bytes > 0) {
    const std::uint64_t part = std::min(bytes, left);
    Bank& bank = banks_[number];
    Ps ready = now;
    if (bank.row != row) {
      if (bank.row != kNone) {
        ++conflicts_;
        ready = std::max(ready, bank.data_end) + t_.precharge;
      }
      if (bank.used) ready = std::max(ready, bank.activated + t_.row_cycle);
      bank.activated = ready;
      bank.used = true;
      bank.row = row;
      ready += t_.activate;
      ++activations_;
    } else {
      ready = std::max(ready, bank.activated + t_.activate);
    }
    const Ps start = std::max(ready, bus_free_);
    const Ps beat = t_.beat(part);
    bus_free_ = start + beat;
    busy_ += beat;
    bank.data_end = bus_free_;
    accesses_ += (part + 63) / 64;
    bytes -= part;
    left = t_.row_bytes;
    ++row;
    if (++number == t_.banks) number = 0;
  }
  return bus_free_;
}

}  // namespace common
