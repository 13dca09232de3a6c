// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <utility>

#include "tests/support/initiator_tester.h"

namespace test {

// Loosely timed, in the style of Accellera's example `lt`: b_transport from a thread, then wait for the
// annotated delay.
template <unsigned BUSWIDTH = 32>
class LtInitiator final : public Initiator, public tlm::tlm_bw_transport_if<> {
 public:
  LtInitiator(const sc_core::sc_module_name& name, Script script)
      : Initiator(name, std::move(script)), socket("socket") {
    socket.bind(static_cast<tlm::tlm_bw_transport_if<>&>(*this));
  }

  tlm::tlm_initiator_socket<BUSWIDTH> socket;
  sc_core::sc_time annotate;  // delay passed to b_transport: a temporally decoupled initiator
  using Initiator::debug;

  std::size_t issue(const Command& command) override {
    if (command.gap != sc_core::SC_ZERO_TIME) wait(command.gap);
    tlm::tlm_generic_payload& payload = prepare(command);
    sc_core::sc_time delay = annotate;
    result_of(payload).begin_req = sc_core::sc_time_stamp() + delay;
    socket->b_transport(payload, delay);
    wait(delay);
    finish(payload, sc_core::sc_time_stamp());
    return results().size() - 1;
  }
  void drain() override {}
  unsigned debug(tlm::tlm_generic_payload& payload) override { return socket->transport_dbg(payload); }

 private:
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase&, sc_core::sc_time&) override {
    ADD_FAILURE() << name() << ": nb_transport_bw called on an initiator that uses b_transport only";
    return tlm::TLM_COMPLETED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}
};

}  // namespace test
