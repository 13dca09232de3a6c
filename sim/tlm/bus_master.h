// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <cstring>

#include <systemc>
#include <tlm>

#include "sim/tlm/payload_pool.h"
#include "sim/tlm/tag.h"

namespace sim::bus {

// An initiator for SC_THREADs: read() and write() block in simulated time until the response has come. On the
// socket it speaks the four-phase non-blocking base protocol, one transaction at a time.
template <unsigned BUSWIDTH = 64>
class BusMaster final : public sc_core::sc_module, public tlm::tlm_bw_transport_if<> {
 public:
  explicit BusMaster(const sc_core::sc_module_name& name)
      : sc_module(name), socket("socket"), pool_(std::string(this->name()) + ".payloads") {
    socket.bind(static_cast<tlm::tlm_bw_transport_if<>&>(*this));
  }

  tlm::tlm_initiator_socket<BUSWIDTH> socket;

  tlm::tlm_response_status write(std::uint64_t address, const void* data, unsigned bytes) {
    PayloadGuard payload(pool_.acquire(bytes));
    payload->set_write();
    std::memcpy(payload->get_data_ptr(), data, bytes);
    return transport(*payload, address);
  }
  // `data` is written only if the response is TLM_OK_RESPONSE.
  tlm::tlm_response_status read(std::uint64_t address, void* data, unsigned bytes) {
    PayloadGuard payload(pool_.acquire(bytes));
    payload->set_read();
    const tlm::tlm_response_status status = transport(*payload, address);
    if (status == tlm::TLM_OK_RESPONSE) std::memcpy(data, payload->get_data_ptr(), bytes);
    return status;
  }

  // The same, loosely timed: by b_transport, with what it takes added to `delay`. `ready_ps`: see
  // Tag::ready_ps; left alone where the access started nothing. Callable from any SC_THREAD.
  tlm::tlm_response_status write(std::uint64_t address, const void* data, unsigned bytes,
                                 sc_core::sc_time& delay, std::uint64_t& ready_ps) {
    PayloadGuard payload(pool_.acquire(bytes));
    payload->set_write();
    std::memcpy(payload->get_data_ptr(), data, bytes);
    return blocking(*payload, address, delay, ready_ps);
  }
  tlm::tlm_response_status read(std::uint64_t address, void* data, unsigned bytes, sc_core::sc_time& delay,
                                std::uint64_t& ready_ps) {
    PayloadGuard payload(pool_.acquire(bytes));
    payload->set_read();
    const tlm::tlm_response_status status = blocking(*payload, address, delay, ready_ps);
    if (status == tlm::TLM_OK_RESPONSE) std::memcpy(data, payload->get_data_ptr(), bytes);
    return status;
  }

  const PayloadPool& pool() const { return pool_; }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    advance(phase, delay);
    return tlm::TLM_ACCEPTED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

 private:
  enum class State { requesting, requested, responding, done };

  // Takes note of a phase that takes effect after `delay`.
  void advance(const tlm::tlm_phase& phase, const sc_core::sc_time& delay) {
    if (phase == tlm::END_REQ) state_ = State::requested;
    if (phase == tlm::BEGIN_RESP) {
      state_ = State::responding;
      responded_.notify(delay);
    }
  }

  tlm::tlm_response_status blocking(tlm::tlm_generic_payload& payload, std::uint64_t address,
                                    sc_core::sc_time& delay, std::uint64_t& ready_ps) {
    payload.set_address(address);
    socket->b_transport(payload, delay);
    if (tag_of(payload)->ready_ps != 0) ready_ps = tag_of(payload)->ready_ps;
    return payload.get_response_status();
  }

  tlm::tlm_response_status transport(tlm::tlm_generic_payload& payload, std::uint64_t address) {
    payload.set_address(address);
    state_ = State::requesting;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum answer = socket->nb_transport_fw(payload, phase, delay);
    if (answer == tlm::TLM_COMPLETED) {
      sc_core::wait(delay);
      return payload.get_response_status();
    }
    if (answer == tlm::TLM_UPDATED) advance(phase, delay);
    sc_core::wait(responded_);
    phase = tlm::END_RESP;
    delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_fw(payload, phase, delay);
    state_ = State::done;
    return payload.get_response_status();
  }

  PayloadPool pool_;
  State state_ = State::done;
  sc_core::sc_event responded_;
};

}  // namespace sim::bus
