// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <vector>

#include <systemc>

#include "models/allmod/reducer.h"
#include "models/allmod/workload.h"
#include "sim/tlm/bus_master.h"

namespace allmod {

// Drives a workload through the memory-mapped socket: fills the operand FIFOs in bursts, sleeps until the
// interrupt says that results wait, reads them back in bursts.
class SocketDriver final : public sc_core::sc_module {
 public:
  // `burst`: operands or results in one transaction at the most.
  SocketDriver(sc_core::sc_module_name name, Reducer& reducer, Workload& workload, unsigned burst,
               sim::Failure& failure);

  tlm::tlm_initiator_socket<64>& socket() { return master_.socket; }
  sc_core::sc_in<bool> irq;

  const sim::bus::PayloadPool& pool() const { return master_.pool(); }
  std::uint64_t loads() const { return loads_; }           // moduli loaded after the first
  sim::Cycle load_cycles() const { return load_cycles_; }  // spent on them, the bus included

 private:
  void run();
  void serve();
  void write_some();
  void read_some();
  void load_modulus(const Modulus& modulus);
  void set(std::uint64_t offset, std::uint64_t value);
  std::uint64_t get(std::uint64_t offset);

  Reducer& reducer_;
  Workload& workload_;
  std::uint64_t burst_;
  sim::Failure& failure_;
  sim::bus::BusMaster<64> master_;
  Workload::Cursor next_operand_, next_result_;
  std::vector<Limb> buffer_;
  const Modulus* loaded_ = nullptr;  // of the workload's moduli
  std::uint64_t loads_ = 0;
  sim::Cycle load_cycles_ = 0;
};

}  // namespace allmod
