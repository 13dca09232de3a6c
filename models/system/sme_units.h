// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/common/unit_channel.h"
#include "models/sme/chip.h"
#include "models/sme/layers.h"
#include "models/sme/tech.h"
#include "models/system/settings.h"
#include "models/system/trace_commands.h"
#include "sim/app/model.h"
#include "sim/record/recorder.h"
#include "sim/stats/group.h"

namespace platform {

// The host's queue of one chip: writes a vector, starts, reads the sums when the interrupt says so, and
// compares their digest with the trace's.
class SmeChannel final : public common::UnitChannel {
 public:
  SmeChannel(sc_core::sc_module_name name, unsigned number, sme::HostedChip& chip, const sme::CostTable& cost,
             const SmeSettings& settings, common::HostLink& link, sim::Failure& failure);

  std::uint64_t products() const { return products_; }
  std::uint64_t macs() const { return macs_; }
  std::uint64_t checked() const { return checked_; }
  std::uint64_t mismatches() const { return mismatches_; }
  std::uint64_t clips() const { return clips_; }
  common::Ps busy() const { return busy_; }
  double energy_j() const { return energy_j_; }
  const std::string& first_mismatch() const { return first_mismatch_; }

 private:
  void set_up() override;
  bool room() const override { return under_way() < queue_; }
  void start(common::Command& command) override;
  void collect() override;
  double energy_of(std::uint32_t layer, unsigned planes);
  void compare(const common::Command& command, const GemvWork& work, const std::vector<std::int64_t>& sums);

  sme::HostedChip& chip_;
  const sme::CostTable& cost_;
  unsigned queue_, result_bytes_;
  std::uint64_t layer_ = ~std::uint64_t{0}, planes_ = ~std::uint64_t{0};  // as the registers have them
  std::map<std::pair<std::uint32_t, unsigned>, double> energies_;         // of a product
  common::Ps last_finished_ = 0, busy_ = 0;
  std::uint64_t products_ = 0, macs_ = 0, checked_ = 0, mismatches_ = 0, clips_ = 0;
  double energy_j_ = 0;
  std::string first_mismatch_;
};

// What the trace's matrices become: which chip has which.
class SmeUnits final : public GemvPlaces {
 public:
  // Reads the weights; matrices of layers that stay on the GPU are left out. Throws sim::Error (input,
  // usage).
  explicit SmeUnits(const Settings& settings);
  ~SmeUnits() override;

  // Rules between settings and weights: capacity, width of sums, buffers.
  void check(const sim::config::Resolved& resolved, sim::config::Diagnostics& diagnostics) const;

  // Chip i is on channel first_channel + i.
  void elaborate(unsigned first_channel, common::HostLink& link, sim::app::RunContext& context);

  GemvPlace find(std::uint32_t layer, int matrix, bool int4) const override;

  struct Unit {
    sme::LoadedLayers loaded;
    std::unique_ptr<sim::stats::Group> group;
    std::unique_ptr<sim::record::Recorder> recorder;  // of its own clock and name
    std::unique_ptr<sme::HostedChip> chip;
    std::unique_ptr<SmeChannel> channel;
    std::unique_ptr<sc_core::sc_signal<bool>> irq;
  };
  const std::vector<Unit>& units() const { return units_; }
  std::vector<Unit>& units() { return units_; }
  const sme::CostTable& cost() const { return cost_; }
  // crossbars.csv: what each crossbar's ADC did until `end`; false, and nothing written, for more than
  // 100,000.
  bool write_crossbars(const std::filesystem::path& file, common::Ps end) const;
  // All ADCs hold every sum and nothing else changes values: digests must agree.
  bool exact() const;

 private:
  const Settings& settings_;
  std::vector<Unit> units_;
  std::map<sme::TraceKey, unsigned> unit_of_;
  sme::CostTable cost_;
  unsigned first_channel_ = 0;
};

}  // namespace platform
