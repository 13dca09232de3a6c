// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <vector>

#include "models/common/hbm_config.h"

namespace common {

// One channel of a stack memory: when its data bus is free, which row each bank holds. Plain, no SystemC.
//
// Requests are served in the order of calls. The columns of a row go over the data bus one after the other;
// a row that is not open is activated first (and the open one precharged), as soon as the request is known
// and the bank's row cycle allows: rows lie round the banks, so the activations of a long run hide behind the
// data of the rows before.
class HbmChannel {
 public:
  explicit HbmChannel(const HbmTiming& timing) : t_(timing), banks_(timing.banks) {}

  // Reads or writes `bytes` contiguous bytes from `address`, counted within the channel, known from `now` on.
  // Returns when the last of them has left the data bus.
  Ps serve(std::uint64_t address, std::uint64_t bytes, bool write, Ps now);

  Ps free() const { return bus_free_; }  // of the data bus
  Ps busy() const { return busy_; }      // time in which data were on it
  std::uint64_t activations() const { return activations_; }
  std::uint64_t conflicts() const { return conflicts_; }  // activations that closed another row first
  std::uint64_t accesses() const { return accesses_; }    // of 64 bytes at most, within a row

 private:
  static constexpr std::uint64_t kNone = ~std::uint64_t{0};
  struct Bank {
    std::uint64_t row = kNone;  // the open one
    Ps activated = 0;           // its activation
    Ps data_end = 0;            // last data from it
    bool used = false;
  };

  HbmTiming t_;
  std::vector<Bank> banks_;
  Ps bus_free_ = 0, busy_ = 0;
  bool last_write_ = false, served_ = false;
  std::uint64_t activations_ = 0, conflicts_ = 0, accesses_ = 0;
};

}  // namespace common
