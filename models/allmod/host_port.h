// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "models/allmod/function/datapath.h"
#include "models/allmod/function/modulus.h"
#include "models/allmod/host_queue.h"
#include "models/allmod/stream.h"
#include "sim/config/visitor.h"
#include "sim/core/clock_domain.h"
#include "sim/tlm/register_file.h"

namespace allmod {

// Settings of the memory-mapped port.
struct HostPortConfig {
  unsigned operand_fifo = 64;  // operands a lane
  unsigned result_fifo = 64;   // results a lane
  unsigned accept_cycles = 1;
  unsigned response_cycles = 2;
  unsigned beat_cycles = 1;
  unsigned table_words_per_cycle = 1;

  void fields(sim::config::Visitor& v);
};

// Addresses of the memory map, bytes. The table in the model's README is made from the declarations.
struct HostMap {
  static constexpr std::uint64_t kId = 0x00, kBits = 0x08, kLanes = 0x10, kLatency = 0x18, kInterval = 0x20;
  static constexpr std::uint64_t kControl = 0x28, kStatus = 0x30, kIrqThreshold = 0x38;
  static constexpr std::uint64_t kOperandRoom = 0x40, kResultCount = 0x48, kWritten = 0x50, kRead = 0x58;
  static constexpr std::uint64_t kModulus = 0x1000, kModulusBytes = 0x1000;
  static constexpr std::uint64_t kOperand = 0x4000, kOperandBytes = 0x4000;
  static constexpr std::uint64_t kResult = 0x8000, kResultBytes = 0x4000;
  enum Control : std::uint64_t { kIrqEnable = 1, kReset = 2, kLoad = 4 };
  enum Status : std::uint64_t { kRoom = 1, kResultReady = 2, kBusy = 4, kLoading = 8 };
};

// The device behind the reducer's TLM socket: registers, a FIFO of operands and one of results for each lane.
// Operand number k goes to lane k mod lanes; results are read in the order of their operands.
//
// What the bus does at time t reaches the lanes at the first edge strictly after t; what a lane does at edge
// c is seen by the bus from edge c + 1 on. So neither depends on the order of processes.
class HostPort final : public sim::bus::Device {
 public:
  // What the port asks of the unit around it.
  struct Unit {
    std::function<std::uint64_t()> held;       // operands inside the lanes
    std::function<void(unsigned)> wake;        // a lane is to look again at the next edge
    std::function<void(const Modulus&)> load;  // new tables; all lanes are empty
    std::function<void()> reset;               // synchronous reset of the whole unit
    std::function<void(const sc_core::sc_time&)>
        irq_changes_at;  // the interrupt line is to be looked at then
    unsigned latency_cycles = 0, ii_cycles = 0;
  };

  HostPort(sim::ClockDomain& domain, const Datapath& datapath, const Modulus& modulus, unsigned lanes,
           const HostPortConfig& config, Unit unit);
  ~HostPort() override;

  OperandSource& source(unsigned lane);
  ResultSink& sink(unsigned lane);

  Reply access(tlm::tlm_generic_payload& payload) override { return registers_.access(payload); }
  unsigned debug(tlm::tlm_generic_payload& payload) override;
  const sc_core::sc_event* retry_event() override { return registers_.retry_event(); }

  // The register map; `self` is only used by accesses and may be null for printing it.
  static void declare_registers(sim::bus::RegisterFile& registers, HostPort* self);

  bool irq() const;  // level of the interrupt line now
  // Operands accepted by the bus whose results were not read yet.
  std::uint64_t outstanding() const { return written_ - read_; }
  std::size_t operand_bytes() const { return datapath_.x_limbs() * sizeof(Limb); }
  std::size_t result_bytes() const { return datapath_.n_limbs() * sizeof(Limb); }

 private:
  class ResetHook;

  Reply write_operands(const tlm::tlm_generic_payload& payload);
  Reply read_results(tlm::tlm_generic_payload& payload);
  Reply access_modulus(tlm::tlm_generic_payload& payload);
  tlm::tlm_response_status accept_control(std::uint64_t value) const;
  void control(std::uint64_t value);
  void reset();
  void lane_moved(sim::Cycle cycle);
  mpz_class modulus_written() const;
  sim::Cycle bus_cycle() const;  // last edge that the bus has seen
  std::uint64_t operand_room() const;
  std::uint64_t results_ready() const;
  std::uint64_t status() const;

  sim::ClockDomain& domain_;
  const Datapath& datapath_;
  HostPortConfig config_;
  Unit unit_;
  sim::bus::RegisterFile registers_;
  std::vector<std::unique_ptr<HostQueue>> queues_;  // by lane
  std::unique_ptr<ResetHook> reset_hook_;
  std::vector<unsigned char> modulus_;  // the window's bytes
  sim::Cycle loading_until_ = 0;        // operands are not offered before this cycle
  std::uint64_t written_ = 0, read_ = 0;
  std::uint64_t irq_enable_ = 0;
};

// Registers and windows as tables, for README.md and `tricycle describe`.
std::string register_map_markdown();

}  // namespace allmod