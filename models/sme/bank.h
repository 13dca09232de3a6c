// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <string>

#include <systemc>
#include <tlm>

#include "models/sme/bank_core.h"
#include "sim/tlm/register_file.h"
#include "sim/tlm/target_port.h"

namespace sme {

// Registers of a bank, byte offsets. All read-only.
struct BankMap {
  static constexpr std::uint64_t kId = 0x00, kIndex = 0x08, kUnits = 0x10, kCrossbars = 0x18,
                                 kInFlight = 0x20, kEdramUsed = 0x28, kEdramPeak = 0x30, kProducts = 0x38,
                                 kLoads = 0x40, kResults = 0x48, kBusBusy = 0x50, kBusWait = 0x58,
                                 kAdcBusy = 0x60, kActivations = 0x68, kWriteBusy = 0x70;
  static constexpr std::uint64_t kBytes = 0x1000;  // of its window in the chip's map
};

// A bank of the chip: a unit with a memory-mapped socket, behind which software sees what the bank does. Its
// work comes over the chip's bus.
class Bank final : public sc_core::sc_module {
 public:
  // `socket`: timing of its port; nullptr: built without one. Everything referred to must outlive the bank.
  Bank(sc_core::sc_module_name name, sim::ClockDomain& domain, const ChipConfig& config, unsigned index,
       ChipBus& chip_bus, Controller& controller, sim::stats::Group& stats, sim::record::Recorder& recorder,
       const sim::bus::PortTiming* socket);
  ~Bank() override;

  BankCore& core() { return core_; }
  const BankCore& core() const { return core_; }
  tlm::tlm_target_socket<64>& socket();  // sim::Error (usage) if built without one

  static void declare_registers(sim::bus::RegisterFile& registers, Bank* self);

 private:
  BankCore core_;
  const ChipConfig& config_;
  std::unique_ptr<sim::bus::RegisterFile> registers_;
  std::unique_ptr<sim::bus::TargetPort<64>> port_;
};

}  // namespace sme
