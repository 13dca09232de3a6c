// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <systemc>
#include <tlm>

#include "models/allmod/modmul.h"
#include "models/allmod/reducer.h"
#include "sim/tlm/register_file.h"
#include "sim/tlm/target_port.h"

namespace allmod {

// Addresses of the unit's memory map, bytes. The table in the model's README is made from the declarations.
struct ModMulMap {
  static constexpr std::uint64_t kId = 0x00, kBits = 0x08, kLanes = 0x10, kInputs = 0x18, kOperations = 0x20,
                                 kControl = 0x28, kStatus = 0x30, kCycles = 0x38, kDone = 0x40;
  static constexpr std::uint64_t kProgram = 0x100000, kProgramBytes = 0x100000;  // 8 bytes an operation
  static constexpr std::uint64_t kValue = 0x800000, kValueBytes = 0x800000;  // ceil(n/64) * 8 bytes a value
  static constexpr std::uint64_t kBytes = 0x1000000;
  enum Control : std::uint64_t { kIrqEnable = 1, kStart = 2, kClear = 4 };
  enum Status : std::uint64_t { kIdle = 1, kResultReady = 2, kBusy = 4 };
};

// The unit as a platform sees it from outside, however it is timed.
class HostedModMul {
 public:
  virtual ~HostedModMul() = default;
  virtual tlm::tlm_target_socket<64>& socket() = 0;
  virtual const char* unit_name() const = 0;
  // Told every result: operation of the program, n_limbs, cycle. For checkers.
  virtual void on_result(ModMulFrontEnd::OnResult listener) = 0;
  // What a lane had to reduce for an operation whose result is there.
  virtual void product(std::uint32_t operation, Limb* x) const = 0;
  virtual const Datapath& datapath() const = 0;
  virtual const Modulus& modulus() const = 0;
  virtual unsigned lanes() const = 0;
  virtual sc_core::sc_time period() const = 0;
  virtual Counters counters() const = 0;
  virtual sim::Cycle busy_cycles() const = 0;  // from START to the last result
  std::size_t value_bytes() const { return datapath().n_limbs() * sizeof(Limb); }
};

// Modular multiplication as a memory-mapped unit: a reducer with the multiplying front end, a program memory
// and a register file of values. Software writes residues and a program (straight-line code of
// multiplications), starts it, and reads the values it wants when the interrupt says so. The modulus is
// fixed.
//
// START at time t is seen at the first edge strictly after t; the last result of cycle c can be read, and the
// interrupt is high, from edge c + 1 on. One program at a time.
class ModMulUnit final : public sc_core::sc_module, public HostedModMul, public sim::bus::Device {
 public:
  // `port`: timing of its registers, in cycles of its clock. Throws as Reducer does.
  ModMulUnit(sc_core::sc_module_name name, ReducerConfig config, const HostPortConfig& port,
             const Modulus& modulus, const MultiplierCycles& multiplier, sim::Failure& failure,
             sim::stats::Group& stats, sim::record::Recorder& recorder);
  ~ModMulUnit() override;

  tlm::tlm_target_socket<64>& socket() override { return port_->socket; }
  const char* unit_name() const override { return name(); }
  sc_core::sc_port<sc_core::sc_signal_inout_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND> irq;

  void on_result(ModMulFrontEnd::OnResult listener) override { listener_ = std::move(listener); }
  void product(std::uint32_t operation, Limb* x) const override { front_->product(operation, x); }
  const Datapath& datapath() const override { return reducer_.datapath(); }
  const Modulus& modulus() const override { return modulus_; }
  unsigned lanes() const override { return reducer_.lanes(); }
  sc_core::sc_time period() const override { return reducer_.domain().period(); }
  Counters counters() const override { return reducer_.counters(); }

  Reducer& reducer() { return reducer_; }
  const Reducer& reducer() const { return reducer_; }
  const ModMulFrontEnd& front() const { return *front_; }
  std::uint64_t multiplications() const { return multiplications_; }  // done
  sim::Cycle busy_cycles() const override { return busy_cycles_; }

  // The register map; `self` is only used by accesses and may be null for printing it.
  static void declare_registers(sim::bus::RegisterFile& registers, ModMulUnit* self);

  Reply access(tlm::tlm_generic_payload& payload) override { return registers_.access(payload); }
  unsigned debug(tlm::tlm_generic_payload& payload) override { return registers_.debug(payload); }

 private:
  tlm::tlm_response_status accept_control(std::uint64_t value) const;
  void control(std::uint64_t value);
  Reply access_program(tlm::tlm_generic_payload& payload);
  Reply access_values(tlm::tlm_generic_payload& payload);
  bool ready() const;  // the program is done, as the bus sees it
  void drive_irq();

  const Modulus modulus_;
  Reducer reducer_;
  std::unique_ptr<ModMulFrontEnd> front_;
  sim::bus::RegisterFile registers_;
  std::unique_ptr<sim::bus::TargetPort<64>> port_;
  std::vector<unsigned char> program_bytes_, value_bytes_;
  std::uint64_t inputs_ = 0, operations_ = 0;
  std::unique_ptr<ChainProgram> program_;  // the last one started
  bool there_ = false;                     // it is under way, or done and not cleared
  std::uint64_t results_ = 0;              // of it
  sim::Cycle started_ = 0, finished_ = 0;
  std::uint64_t irq_enable_ = 0, done_ = 0, multiplications_ = 0;
  sim::Cycle busy_cycles_ = 0;
  ModMulFrontEnd::OnResult listener_;
  sc_core::sc_event irq_event_;
};

// Registers and windows as tables, for README.md and `tricycle describe`.
std::string modmul_register_map_markdown();

}  // namespace allmod
