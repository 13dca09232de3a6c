// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <deque>

#include <tlm>

#include "sim/tlm/device.h"

namespace sim::bus {

// Latencies of a memory-mapped port. A beat is one word of the socket's bus width.
struct PortTiming {
  sc_core::sc_time accept = {};    // BEGIN_REQ to END_REQ, when the device takes the request at once
  sc_core::sc_time response = {};  // END_REQ to BEGIN_RESP of a transfer without beats
  sc_core::sc_time per_beat = {};  // added for every beat of the data array

  // BEGIN_REQ to BEGIN_RESP of an access that nothing holds up, on a bus of `bus_bytes`.
  sc_core::sc_time latency(unsigned data_bytes, unsigned bus_bytes) const {
    const unsigned beats = data_bytes / bus_bytes + (data_bytes % bus_bytes != 0 ? 1 : 0);
    return accept + response + per_beat * beats;
  }
};

// What every target of the base protocol has to answer in the same way: the response of a transaction that
// does not reach the device, or TLM_INCOMPLETE_RESPONSE where the device is to be asked.
tlm::tlm_response_status answer_without_device(const tlm::tlm_generic_payload& payload, bool streaming,
                                               bool byte_enables);

// What ports have in common, however they are timed: latencies, and that they count. They grant no DMI.
class PortBase : public sc_core::sc_module, public tlm::tlm_fw_transport_if<> {
 public:
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) override;

  const PortTiming& timing() const { return timing_; }
  // BEGIN_REQ to BEGIN_RESP, or the delay added by b_transport, of an access that nothing holds up.
  sc_core::sc_time latency(unsigned data_bytes) const { return timing_.latency(data_bytes, bus_bytes_); }
  std::uint64_t completed() const { return completed_; }  // transactions answered

 protected:
  PortBase(const sc_core::sc_module_name& name, const PortTiming& timing, unsigned bus_bytes)
      : sc_module(name), timing_(timing), bus_bytes_(bus_bytes) {}

  sc_core::sc_time latency(const tlm::tlm_generic_payload& payload) const {
    return latency(payload.get_command() == tlm::TLM_IGNORE_COMMAND ? 0 : payload.get_data_length());
  }

  PortTiming timing_;
  unsigned bus_bytes_;
  std::uint64_t completed_ = 0;
};

// All of TargetPort but the socket, so that the protocol is compiled once for every bus width.
class TargetPortBase : public PortBase {
 public:
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;
  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override;

  // Transactions between BEGIN_REQ and the end of their response, and calls of b_transport that wait.
  std::size_t in_flight() const;
  std::uint64_t refusals() const { return refusals_; }  // times the device asked for a retry

 protected:
  TargetPortBase(const sc_core::sc_module_name& name, Device& device, const PortTiming& timing,
                 unsigned bus_bytes);

  virtual tlm::tlm_bw_transport_if<>& initiator() = 0;

 private:
  enum class Step { idle, arriving, accepting };
  struct Request {  // the one request that may be between BEGIN_REQ and END_REQ
    Step step = Step::idle;
    tlm::tlm_generic_payload* payload = nullptr;
    sc_core::sc_time due;  // arriving: arrival at the device; accepting: END_REQ
  };
  struct Response {
    tlm::tlm_generic_payload* payload;
    sc_core::sc_time due;
  };

  void step();
  void take_request();
  void end_request();
  void begin_response();
  void end_response(const sc_core::sc_time& free_at);
  void schedule();
  const sc_core::sc_event& retry_event();
  Device::Reply execute(tlm::tlm_generic_payload& payload);

  Device& device_;

  Request request_;
  bool refused_ = false;                            // request_ waits for the device's retry event
  std::deque<Response> responses_;                  // accepted by the device, in order
  tlm::tlm_generic_payload* responding_ = nullptr;  // between BEGIN_RESP and END_RESP
  sc_core::sc_time response_free_;                  // earliest time of the next BEGIN_RESP
  sc_core::sc_event wake_;

  std::uint64_t next_ticket_ = 0;  // callers of b_transport take turns in the order of arrival
  std::uint64_t serving_ = 0;
  sc_core::sc_event turn_;

  std::uint64_t refusals_ = 0;
};

// A memory-mapped target of the TLM-2.0 base protocol in front of a Device.
//
// nb_transport, four phases, times counted from the arrival T of BEGIN_REQ (call time plus annotated delay):
//   T                                 the device executes the access (later if it asks for a retry)
//   T + accept                        END_REQ
//   T + accept + response + beats     BEGIN_RESP, or when the initiator has ended the previous response
// BEGIN_REQ is always answered TLM_ACCEPTED, END_REQ always sent. The initiator may answer BEGIN_RESP with
// TLM_ACCEPTED and END_RESP later, with TLM_UPDATED and END_RESP, or with TLM_COMPLETED; an annotated delay
// keeps the response channel taken until it has passed. END_RESP is answered TLM_COMPLETED. Requests
// may follow each END_REQ, so many transactions can be in flight; responses keep the order of the requests.
// Ignorable phases are ignored.
//
// b_transport: same access, same latency, annotated (not waited for). It waits only for time that the caller
// annotated (so that the device is accessed at the right time) and for the device's retry.
//
// Response status: TLM_OK_RESPONSE for TLM_IGNORE_COMMAND; TLM_BURST_ERROR_RESPONSE for data length 0,
// streaming width 0, or a streaming width below the data length if the device cannot stream;
// TLM_BYTE_ENABLE_ERROR_RESPONSE for an empty byte enable array, or any if the device cannot; else the
// device's. No DMI: cycle-accurate targets never grant it.
//
// A broken initiator (second BEGIN_REQ before END_REQ, END_RESP out of place, no memory manager) is an
// SC_REPORT_ERROR that names the port and the rule.
template <unsigned BUSWIDTH = 32>
class TargetPort final : public TargetPortBase {
  static_assert(BUSWIDTH % 8 == 0 && BUSWIDTH >= 8, "BUSWIDTH is in bits, a whole number of bytes");

 public:
  TargetPort(const sc_core::sc_module_name& name, Device& device, const PortTiming& timing = {})
      : TargetPortBase(name, device, timing, BUSWIDTH / 8), socket("socket") {
    socket.bind(static_cast<tlm::tlm_fw_transport_if<>&>(*this));
  }

  tlm::tlm_target_socket<BUSWIDTH> socket;

 private:
  tlm::tlm_bw_transport_if<>& initiator() override { return *socket.operator->(); }
};

}  // namespace sim::bus
