// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/sme/arbiter.h"
#include "models/sme/bank_stats.h"
#include "models/sme/chip_bus.h"
#include "models/sme/compute_unit.h"
#include "models/sme/ring.h"
#include "sim/core/clock_domain.h"
#include "sim/record/recorder.h"

namespace sme {

class Controller;
struct PassState;

// A pass as one bank sees it: results that are still missing, by block and place in the window.
struct BankContext {
  BankContext(BankWork& w, PassState* p, unsigned window_)
      : work(&w),
        pass(p),
        window(window_),
        left(w.blocks.size() * window_),
        blocks_left(window_, static_cast<std::uint32_t>(w.blocks.size())) {
    for (std::size_t i = 0; i < left.size(); ++i) left[i] = full(i % w.blocks.size());
  }
  std::uint32_t full(std::size_t block) const {
    const BlockWork& b = work->blocks[block];
    return b.local + (b.home ? b.foreign : 0);
  }
  std::uint32_t& missing(std::uint32_t block, std::uint64_t position) {
    return left[(position % window) * work->blocks.size() + block];
  }
  BankWork* work;
  PassState* pass;
  unsigned window;
  std::vector<std::uint32_t> left;
  std::vector<std::uint32_t> blocks_left;  // by place in the window: blocks still in the buffer
  std::vector<BankContext*> home;          // by block: context of the home bank, for partial sums
};

// A bank without its socket: CUs on a shared bus, the adder at the eDRAM buffer, activation and pooling
// units, and the drivers that write crossbars. One member of the clock domain; order inside an edge is fixed:
// arrivals, CUs (clocked), additions, activation, bus.
class BankCore final : public sim::Clocked {
 public:
  BankCore(sim::ClockDomain& domain, const ChipConfig& config, unsigned index, ChipBus& chip_bus,
           Controller& controller, sim::stats::Group& stats, sim::record::Recorder& recorder);

  // From the chip bus; message.at is later than now.
  void deliver(const BankMessage& message);

  void evaluate(sim::Cycle now) override;
  sim::Cycle next_cycle(sim::Cycle now) const override;
  bool busy() const override { return in_flight_ > 0; }
  std::string state() const override;

  const BankStats& stats() const { return stats_; }
  unsigned index() const { return index_; }
  const ComputeUnit& unit(unsigned i) const { return *units_[i]; }
  std::uint64_t in_flight() const { return in_flight_; }  // CU jobs, blocks and writes under way
  std::uint64_t edram_used() const { return edram_used_; }

 private:
  struct Add {
    sim::Cycle at;
    BankContext* context;
    std::uint32_t block;
    std::uint64_t position;
  };

  void receive(const BankMessage& message, sim::Cycle now);
  void added(const Add& add, sim::Cycle now);
  void give_bus(sim::Cycle now);
  void refresh(std::size_t unit);
  void close_jobs();
  static void pop_due(Ring<Add>& ring, sim::Cycle now, std::vector<Add>& out);

  sim::ClockDomain& domain_;
  const ChipConfig& config_;
  const unsigned index_;
  ChipBus& chip_bus_;
  Controller& controller_;
  std::vector<std::unique_ptr<ComputeUnit>> units_;
  std::vector<Request> requests_;  // inputs of unit i at 2 i, its results at 2 i + 1
  std::unique_ptr<Arbiter> arbiter_;
  Ring<BankMessage> inbox_;
  Ring<Add> local_adds_, foreign_adds_, activated_, written_;
  std::vector<Add> due_;
  sim::Cycle bus_free_ = 0, activation_free_ = 0, writers_free_ = 0;
  sim::Cycle next_request_ = sim::kNever;
  std::uint64_t in_flight_ = 0, edram_used_ = 0;
  BankStats stats_;

  sim::record::Recorder& recorder_;
  std::vector<sim::record::TrackId> unit_tracks_;
  sim::record::TrackId bus_track_, activation_track_, write_track_;
  sim::record::NameId job_name_, input_name_, result_name_, activation_name_, write_name_;
};

}  // namespace sme
