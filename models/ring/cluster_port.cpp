// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/cluster_port.h"

#include <functional>
#include <utility>

namespace ring {

ClusterPort::ClusterPort(const sc_core::sc_module_name& name, Cluster& cluster, unsigned gpus,
                         const sim::bus::PortTiming& timing)
    : sc_module(name),
      irq("irq"),
      cluster_(cluster),
      gpus_(gpus),
      registers_("ring"),
      port_("port", *this, timing) {
  declare_registers(registers_, this);
  cluster_.on_end([this] {
    finished_ = true;
    ended_ = sc_core::sc_time_stamp().value();
    irq_event_.notify(sc_core::SC_ZERO_TIME);
  });
  SC_HAS_PROCESS(ClusterPort);
  SC_METHOD(drive_irq);
  sensitive << irq_event_;
  dont_initialize();
}

void ClusterPort::drive_irq() {
  if (irq.size() > 0) irq->write((irq_enable_ & ClusterMap::kIrqEnable) != 0 && finished_);
}

void ClusterPort::declare_registers(sim::bus::RegisterFile& registers, ClusterPort* self) {
  using sim::bus::Access;
  using sim::bus::RegisterSpec;
  const auto read_only = [&registers](const char* name, std::uint64_t offset, const char* text,
                                      std::function<std::uint64_t()> read) {
    RegisterSpec r{name, offset, 64, Access::read_only, 0, text};
    r.read = std::move(read);
    registers.add_register(std::move(r));
  };
  read_only("ID", ClusterMap::kId, "0x52494E47: the letters RING", [] { return std::uint64_t{0x52494E47}; });
  read_only("GPUS", ClusterMap::kGpus, "GPUs of the cluster", [self] { return std::uint64_t{self->gpus_}; });
  read_only("OPERATIONS", ClusterMap::kOperations, "operations of the prepared graph",
            [self] { return self->cluster_.total(); });
  RegisterSpec control{
      "CONTROL", ClusterMap::kControl,
      64,        Access::read_write,
      0,         "bit 0: interrupt enable; bit 1: start the graph (GENERIC_ERROR a second time), reads as 0"};
  control.accept = [self](std::uint64_t value) {
    return (value & ClusterMap::kStart) != 0 && self->started_ ? tlm::TLM_GENERIC_ERROR_RESPONSE
                                                               : tlm::TLM_OK_RESPONSE;
  };
  control.write = [self](std::uint64_t value) {
    self->irq_enable_ = value & ClusterMap::kIrqEnable;
    self->registers_.set("CONTROL", self->irq_enable_);
    if ((value & ClusterMap::kStart) != 0) {
      self->started_ = true;
      self->begun_ = sc_core::sc_time_stamp().value();
      self->cluster_.start();
    }
    self->irq_event_.notify(sc_core::SC_ZERO_TIME);
  };
  registers.add_register(std::move(control));
  read_only("STATUS", ClusterMap::kStatus, "bit 0: operations are under way; 1: all have finished", [self] {
    return std::uint64_t{self->started_ && !self->finished_ ? 1u : 0u} | (self->finished_ ? 2u : 0u);
  });
  read_only("DONE", ClusterMap::kDone, "operations that have finished",
            [self] { return self->cluster_.done(); });
  read_only("BEGUN", ClusterMap::kBegun, "time of START, ps", [self] { return self->begun_; });
  read_only("ENDED", ClusterMap::kEnded, "time at which the last operation finished, ps",
            [self] { return self->ended_; });
}

std::string cluster_register_map_markdown() {
  sim::bus::RegisterFile registers("ring");
  ClusterPort::declare_registers(registers, nullptr);
  return registers.markdown();
}

}  // namespace ring
