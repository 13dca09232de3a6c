// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "models/sme/bank_core.h"
#include "models/sme/layer_schedule.h"
#include "sim/core/clock_domain.h"
#include "sim/record/recorder.h"

namespace sme {

// A pass under way.
struct PassState {
  Pass pass;
  std::uint64_t number = 0;
  BankWork nothing;                                    // of a program
  std::vector<std::unique_ptr<BankContext>> contexts;  // one for each bank of the work
  std::vector<std::uint32_t> missing;                  // by place in the window: blocks not in the buffer yet
  unsigned window = 1;                                 // products under way at the most
  std::uint64_t issued = 0;                            // products whose inputs were sent off
  std::uint64_t retired = 0;                           // products done, all before them too
  sim::Cycle begin = 0;
};

// Takes passes from the source and sends their products to the banks, as the schedule and the window allow.
class Controller final : public sim::Clocked {
 public:
  Controller(sim::ClockDomain& domain, const ChipConfig& config, ChipBus& chip_bus,
             sim::record::Recorder& recorder);

  void bind(PassSource& source) { source_ = &source; }
  // The source may have a pass again. At the first edge behind now.
  void wake(sim::Cycle at);

  // A bank has a block of the product in its buffer (or has written its crossbars) at `now`; taken note of at
  // the next edge, so the order of banks does not matter.
  void retired(PassState& pass, std::uint64_t position, sim::Cycle now);

  void evaluate(sim::Cycle now) override;
  sim::Cycle next_cycle(sim::Cycle now) const override;
  bool busy() const override { return !active_.empty(); }
  std::string state() const override;

  std::uint64_t passes_done() const { return passes_done_; }
  bool exhausted() const { return exhausted_ && active_.empty(); }

 private:
  struct Retired {
    sim::Cycle at;
    PassState* pass;
    std::uint64_t position;
  };
  void fetch(sim::Cycle now);
  void issue(sim::Cycle now);
  void send(PassState& state, sim::Cycle now);
  void send_program(PassState& state, sim::Cycle now);
  void collect(sim::Cycle now);
  void finish(sim::Cycle now);
  std::uint64_t released(std::size_t index) const;

  sim::ClockDomain& domain_;
  const ChipConfig& config_;
  ChipBus& chip_bus_;
  std::unique_ptr<LayerSchedule> schedule_;
  PassSource* source_ = nullptr;
  std::deque<std::unique_ptr<PassState>> active_;
  Ring<Retired> inbox_;
  std::vector<Retired> complete_;
  bool previous_done_ = true;  // the pass before active_.front()
  bool exhausted_ = false;
  bool moved_ = false;  // something was issued or retired at this edge
  std::uint64_t passes_ = 0, passes_done_ = 0;

  sim::record::Recorder& recorder_;
  sim::record::TrackId track_;
};

}  // namespace sme
