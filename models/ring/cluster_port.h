// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// A cluster as a memory-mapped unit: software starts the prepared op graph and is told when it is done.
#pragma once

#include <cstdint>
#include <string>

#include <systemc>
#include <tlm>

#include "models/ring/cluster.h"
#include "sim/tlm/register_file.h"
#include "sim/tlm/target_port.h"

namespace ring {

/// Addresses of its registers, bytes.
struct ClusterMap {
  static constexpr std::uint64_t kId = 0x00, kGpus = 0x08, kOperations = 0x10, kControl = 0x18,
                                 kStatus = 0x20, kDone = 0x28, kBegun = 0x30, kEnded = 0x38;
  static constexpr std::uint64_t kBytes = 0x1000;
  enum Control : std::uint64_t { kIrqEnable = 1, kStart = 2 };
  enum Status : std::uint64_t { kBusy = 1, kFinished = 2 };
};

/// Registers in front of a cluster that is held. START begins the graph at the time at which the write
/// arrives; the interrupt rises when the last operation has finished.
class ClusterPort final : public sc_core::sc_module, public sim::bus::Device {
 public:
  ClusterPort(const sc_core::sc_module_name& name, Cluster& cluster, unsigned gpus,
              const sim::bus::PortTiming& timing);

  tlm::tlm_target_socket<64>& socket() { return port_.socket; }
  sc_core::sc_port<sc_core::sc_signal_inout_if<bool>, 1, sc_core::SC_ZERO_OR_MORE_BOUND> irq;

  Ps begun() const { return begun_; }
  Ps ended() const { return ended_; }

  /// The register map; `self` is only used by accesses and may be null for printing it.
  static void declare_registers(sim::bus::RegisterFile& registers, ClusterPort* self);

  Reply access(tlm::tlm_generic_payload& payload) override { return registers_.access(payload); }
  unsigned debug(tlm::tlm_generic_payload& payload) override { return registers_.debug(payload); }

 private:
  void drive_irq();

  Cluster& cluster_;
  unsigned gpus_;
  sim::bus::RegisterFile registers_;
  sim::bus::TargetPort<64> port_;
  sc_core::sc_event irq_event_;
  bool started_ = false, finished_ = false;
  std::uint64_t irq_enable_ = 0;
  Ps begun_ = 0, ended_ = 0;
};

/// Registers as a table, for README.md and `tricycle describe`.
std::string cluster_register_map_markdown();

}  // namespace ring
