// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

#include <tlm>

#include "sim/tlm/target_port.h"

namespace sim::bus {

// What a loosely timed target does. Like Device, but it is told the caller's local time, which may be ahead
// of sc_time_stamp(), and never asks for a retry.
class LooseDevice {
 public:
  struct Reply {
    tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
    std::uint64_t ready_ps = 0;  // see Tag::ready_ps
  };
  virtual ~LooseDevice() = default;
  virtual Reply access(tlm::tlm_generic_payload& payload, const sc_core::sc_time& at) = 0;
};

// All of LoosePort but the socket.
class LoosePortBase : public PortBase {
 public:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return 0; }

 protected:
  LoosePortBase(const sc_core::sc_module_name& name, LooseDevice& device, const PortTiming& timing,
                unsigned bus_bytes)
      : PortBase(name, timing, bus_bytes), device_(device) {}

 private:
  LooseDevice& device_;
};

// A memory-mapped target for temporally decoupled initiators (IEEE 1666-2011, 10.3.2: loosely timed).
//
// b_transport never waits: the device is accessed at the caller's local time (sc_time_stamp() plus the
// annotated delay), and the latency that a TargetPort of the same timing has is added to the delay. Where the
// access started something, the payload's Tag says when that will be done, in place of an interrupt.
// nb_transport_fw is an SC_REPORT_ERROR. No DMI, no debug access.
template <unsigned BUSWIDTH = 64>
class LoosePort final : public LoosePortBase {
 public:
  LoosePort(const sc_core::sc_module_name& name, LooseDevice& device, const PortTiming& timing = {})
      : LoosePortBase(name, device, timing, BUSWIDTH / 8), socket("socket") {
    socket.bind(static_cast<tlm::tlm_fw_transport_if<>&>(*this));
  }

  tlm::tlm_target_socket<BUSWIDTH> socket;
};

}  // namespace sim::bus
