// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>

#include <tlm>

#include "sim/tlm/protocol_rules.h"

namespace sim::bus {

enum class OnViolation {
  report,   // SC_REPORT_ERROR "/sim/bus/protocol", which throws unless the report handler says otherwise
  collect,  // only kept in violations()
};

// Base-protocol checker for one hop: bind an initiator to `target_socket` and `initiator_socket` to the
// target it was bound to. It passes every call on unchanged, takes no time and no delta cycle. The rules are
// listed in protocol_rules.h. Transactions unfinished at the end of the simulation are an SC_REPORT_WARNING;
// rules().unfinished() lists them for a model that wants to fail.
template <unsigned BUSWIDTH = 32>
class ProtocolChecker final : public sc_core::sc_module,
                              public tlm::tlm_fw_transport_if<>,
                              public tlm::tlm_bw_transport_if<> {
 public:
  explicit ProtocolChecker(const sc_core::sc_module_name& name, OnViolation action = OnViolation::report)
      : sc_module(name),
        target_socket("target_socket"),
        initiator_socket("initiator_socket"),
        rules_(this->name(), [action](const Violation& violation) {
          if (action == OnViolation::report) SC_REPORT_ERROR("/sim/bus/protocol", violation.text.c_str());
        }) {
    target_socket.bind(static_cast<tlm::tlm_fw_transport_if<>&>(*this));
    initiator_socket.bind(static_cast<tlm::tlm_bw_transport_if<>&>(*this));
  }

  tlm::tlm_target_socket<BUSWIDTH> target_socket;
  tlm::tlm_initiator_socket<BUSWIDTH> initiator_socket;

  const ProtocolRules& rules() const { return rules_; }
  const std::vector<Violation>& violations() const { return rules_.violations(); }

  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    const ProtocolRules::Call call = rules_.enter_fw(payload, phase, delay);
    const tlm::tlm_sync_enum status = initiator_socket->nb_transport_fw(payload, phase, delay);
    rules_.leave_fw(call, phase, delay, status);
    return status;
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    const ProtocolRules::Call call = rules_.enter_bw(payload, phase, delay);
    const tlm::tlm_sync_enum status = target_socket->nb_transport_bw(payload, phase, delay);
    rules_.leave_bw(call, phase, delay, status);
    return status;
  }

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    const ProtocolRules::Call call = rules_.enter_b(payload, delay);
    initiator_socket->b_transport(payload, delay);
    rules_.leave_b(call, delay);
  }

  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override {
    rules_.enter_debug(payload);
    const unsigned done = initiator_socket->transport_dbg(payload);
    rules_.leave_debug(payload, done);
    return done;
  }

  bool get_direct_mem_ptr(tlm::tlm_generic_payload& payload, tlm::tlm_dmi& dmi) override {
    rules_.enter_dmi(payload, dmi);
    return initiator_socket->get_direct_mem_ptr(payload, dmi);
  }

  void invalidate_direct_mem_ptr(sc_dt::uint64 start, sc_dt::uint64 end) override {
    target_socket->invalidate_direct_mem_ptr(start, end);
  }

 private:
  void end_of_simulation() override {
    const std::string open = rules_.unfinished();
    if (!open.empty()) SC_REPORT_WARNING("/sim/bus/protocol", open.c_str());
  }

  ProtocolRules rules_;
};

}  // namespace sim::bus
