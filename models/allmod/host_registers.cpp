// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/host_port.h"

namespace allmod {

void HostPort::declare_registers(sim::bus::RegisterFile& registers, HostPort* self) {
  using sim::bus::Access;
  using sim::bus::RegisterSpec;
  const auto read_only = [&registers](const char* name, std::uint64_t offset, const char* text,
                                      std::function<std::uint64_t()> read) {
    RegisterSpec r{name, offset, 64, Access::read_only, 0, text};
    r.read = std::move(read);
    registers.add_register(std::move(r));
  };
  read_only("ID", HostMap::kId, "0x414C4C4D4F44: the letters ALLMOD",
            [] { return std::uint64_t{0x414C4C4D4F44}; });
  read_only("BITS", HostMap::kBits, "n, bits of the modulus",
            [self] { return std::uint64_t{self->datapath_.design().n}; });
  read_only("LANES", HostMap::kLanes, "reducers", [self] { return std::uint64_t{self->queues_.size()}; });
  read_only("LATENCY", HostMap::kLatency, "cycles from an operand's acceptance by a lane to its result",
            [self] { return std::uint64_t{self->unit_.latency_cycles}; });
  read_only("INTERVAL", HostMap::kInterval, "cycles between two operands of a lane",
            [self] { return std::uint64_t{self->unit_.ii_cycles}; });
  RegisterSpec control{
      "CONTROL",
      HostMap::kControl,
      64,
      Access::read_write,
      0,
      "bit 0: interrupt enable; bit 1: reset the unit; bit 2: load the modulus (GENERIC_ERROR "
      "unless idle and the modulus has n bits); bits 1, 2 read as 0"};
  control.accept = [self](std::uint64_t value) { return self->accept_control(value); };
  control.write = [self](std::uint64_t value) { self->control(value); };
  registers.add_register(std::move(control));
  read_only("STATUS", HostMap::kStatus,
            "bit 0: room for an operand; 1: result ready; 2: operands not read back; 3: loading",
            [self] { return self->status(); });
  RegisterSpec threshold{"IRQ_THRESHOLD",
                         HostMap::kIrqThreshold,
                         64,
                         Access::read_write,
                         1,
                         "the interrupt line is high while at least so many results can be read"};
  threshold.write = [self](std::uint64_t) { self->unit_.irq_changes_at(sc_core::SC_ZERO_TIME); };
  registers.add_register(std::move(threshold));
  read_only("OPERAND_ROOM", HostMap::kOperandRoom, "operands that can be written without waiting",
            [self] { return self->operand_room(); });
  read_only("RESULT_COUNT", HostMap::kResultCount, "results that can be read",
            [self] { return self->results_ready(); });
  read_only("WRITTEN", HostMap::kWritten, "operands written since reset", [self] { return self->written_; });
  read_only("READ", HostMap::kRead, "results read since reset", [self] { return self->read_; });
  registers.add_window(sim::bus::served_window(
      "MODULUS", HostMap::kModulus, HostMap::kModulusBytes, Access::read_write,
      "M, little-endian, ceil(n/64) * 8 bytes; takes effect with CONTROL bit 2",
      [self](tlm::tlm_generic_payload& payload) { return self->access_modulus(payload); }));
  registers.add_window(sim::bus::served_window(
      "OPERAND", HostMap::kOperand, HostMap::kOperandBytes, Access::write_only,
      "FIFO: a burst of whole operands of ceil(2n/64) * 8 bytes, little-endian; any address of the window; "
      "waits while there is no room",
      [self](tlm::tlm_generic_payload& payload) { return self->write_operands(payload); }));
  registers.add_window(sim::bus::served_window(
      "RESULT", HostMap::kResult, HostMap::kResultBytes, Access::read_only,
      "FIFO: a burst of whole results of ceil(n/64) * 8 bytes; GENERIC_ERROR, and nothing is taken, when "
      "fewer are there",
      [self](tlm::tlm_generic_payload& payload) { return self->read_results(payload); }));
}

std::string register_map_markdown() {
  sim::bus::RegisterFile registers("allmod");
  HostPort::declare_registers(registers, nullptr);
  return registers.markdown();
}

}  // namespace allmod
