// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/link_protocol.h"

namespace ring {

void LinkForwardBase::b_transport(tlm::tlm_generic_payload&, sc_core::sc_time&) {
  SC_REPORT_ERROR("/ring/link", "link sockets have no b_transport; send a train with nb_transport_fw");
}

}  // namespace ring
