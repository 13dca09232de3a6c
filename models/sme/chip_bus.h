// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "models/sme/arbiter.h"
#include "models/sme/ring.h"
#include "models/sme/work.h"
#include "sim/core/clock_domain.h"
#include "sim/record/recorder.h"

namespace sme {

class BankCore;
struct BankContext;

// What reaches a bank over the chip's bus.
struct BankMessage {
  enum class Kind { inputs, partial, program };
  Kind kind = Kind::inputs;
  BankContext* context = nullptr;  // of the receiving bank
  std::uint64_t position = 0;
  std::uint32_t block = 0;  // partial: of the receiving bank's BankWork
  sim::Cycle cycles = 0;    // program: of writing
  sim::Cycle at = 0;        // arrival
};

// The bus between the controller and the banks, and from bank to bank. Requester 0 is the controller, i + 1
// is bank i; each asks for one transfer at a time, in the order of its posts. What is posted in cycle t is
// asked for from t + arbitration on, so the order of members does not matter.
class ChipBus final : public sim::Clocked {
 public:
  ChipBus(sim::ClockDomain& domain, const ChipConfig& config, sim::record::Recorder& recorder);
  void connect(BankCore& bank) { banks_.push_back(&bank); }  // in the order of their numbers

  // Cost of the message on the bus; it arrives in `bank` behind its last beat.
  void post(unsigned requester, unsigned bank, std::uint64_t bytes, const BankMessage& message,
            sim::Cycle now);

  void evaluate(sim::Cycle now) override;
  sim::Cycle next_cycle(sim::Cycle now) const override;
  bool busy() const override { return pending_ > 0; }
  std::string state() const override { return std::to_string(pending_) + " transfers wait"; }

  struct Counts {
    std::uint64_t transfers = 0, bytes = 0, busy_cycles = 0, wait_cycles = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  struct Transfer {
    unsigned bank;
    std::uint64_t bytes;
    BankMessage message;
    sim::Cycle posted;
  };
  void refresh(std::size_t requester, sim::Cycle not_before);

  sim::ClockDomain& domain_;
  const unsigned width_;
  const sim::Cycle arbitration_;
  std::unique_ptr<Arbiter> arbiter_;
  std::vector<BankCore*> banks_;
  std::vector<Ring<Transfer>> queues_;
  std::vector<Request> requests_;
  sim::Cycle free_ = 0;
  std::uint64_t pending_ = 0;
  Counts counts_;
  sim::record::Recorder& recorder_;
  sim::record::TrackId track_;
  sim::record::NameId names_[3];
};

}  // namespace sme
