// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/tlm/loose_port.h"

#include <string>

#include "sim/tlm/describe.h"
#include "sim/tlm/tag.h"

namespace sim::bus {

void LoosePortBase::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  LooseDevice::Reply reply;
  reply.status = answer_without_device(payload, false, false);
  if (reply.status == tlm::TLM_INCOMPLETE_RESPONSE) {
    reply = device_.access(payload, sc_core::sc_time_stamp() + delay);
  }
  payload.set_response_status(reply.status);
  if (Tag* tag = tag_of(payload)) tag->ready_ps = reply.ready_ps;
  ++completed_;
  delay += latency(payload);
}

tlm::tlm_sync_enum LoosePortBase::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase&,
                                                  sc_core::sc_time&) {
  SC_REPORT_ERROR("/sim/bus/loose_port", (std::string(name()) + ": " + describe(payload) +
                                          ": this target is loosely timed; use b_transport")
                                             .c_str());
  payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
  return tlm::TLM_COMPLETED;
}

}  // namespace sim::bus
