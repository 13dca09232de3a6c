// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include <tlm>

#include "sim/tlm/payload_pool.h"

namespace test {

inline sc_core::sc_time ns(double n) { return sc_core::sc_time(n, sc_core::SC_NS); }

// Elaborates, so that sockets may be called; no time passes, and there need not be anything to do.
inline void elaborate() {
  sc_core::sc_report_handler::set_actions("no activity or clock movement for sc_start() invocation",
                                          sc_core::SC_DO_NOTHING);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);
}

using Nb = std::function<tlm::tlm_sync_enum(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&)>;

inline tlm::tlm_sync_enum accepted(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) {
  return tlm::TLM_ACCEPTED;
}

// The two ends of a hop played by hand: a test calls the sockets itself and says what comes back.
struct HandInitiator final : sc_core::sc_module, tlm::tlm_bw_transport_if<> {
  explicit HandInitiator(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
    socket.bind(static_cast<tlm::tlm_bw_transport_if<>&>(*this));
  }
  tlm::tlm_initiator_socket<32> socket;
  Nb answer = accepted;
  struct Seen {
    tlm::tlm_generic_payload* payload;
    tlm::tlm_phase phase;
    sc_core::sc_time at;
  };
  std::vector<Seen> seen;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> invalidated;

  tlm::tlm_sync_enum send(tlm::tlm_generic_payload& payload, tlm::tlm_phase phase,
                          sc_core::sc_time delay = {}) {
    return socket->nb_transport_fw(payload, phase, delay);
  }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    seen.push_back({&payload, phase, sc_core::sc_time_stamp() + delay});
    return answer(payload, phase, delay);
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override {
    invalidated.emplace_back(start, end);
  }
};

struct HandTarget final : sc_core::sc_module, tlm::tlm_fw_transport_if<> {
  explicit HandTarget(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
    socket.bind(static_cast<tlm::tlm_fw_transport_if<>&>(*this));
  }
  tlm::tlm_target_socket<32> socket;
  Nb answer = accepted;
  std::function<void(tlm::tlm_generic_payload&, sc_core::sc_time&)> blocking =
      [](tlm::tlm_generic_payload& payload, sc_core::sc_time&) {
        payload.set_response_status(tlm::TLM_OK_RESPONSE);
      };
  std::function<bool(tlm::tlm_generic_payload&, tlm::tlm_dmi&)> direct = [](auto&, auto&) { return false; };
  unsigned debug_count = 0;
  std::vector<std::pair<std::uint64_t, tlm::tlm_phase>> seen;  // address, phase

  tlm::tlm_sync_enum send(tlm::tlm_generic_payload& payload, tlm::tlm_phase phase,
                          sc_core::sc_time delay = {}) {
    return socket->nb_transport_bw(payload, phase, delay);
  }
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    seen.emplace_back(payload.get_address(), phase);
    return answer(payload, phase, delay);
  }
  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    blocking(payload, delay);
  }
  unsigned transport_dbg(tlm::tlm_generic_payload&) override { return debug_count; }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) override {
    return direct(payload, dmi);
  }
};

}  // namespace test
