// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>

#include <tlm>

namespace sim::bus {

// "write of 8 bytes at 0x1000" or "read of 4 bytes at 0x20, id 17": how messages name a transaction.
std::string describe(const tlm::tlm_generic_payload& payload);
// "BEGIN_REQ"
std::string describe(const tlm::tlm_phase& phase);
// "TLM_ACCEPTED"
std::string describe(tlm::tlm_sync_enum status);

}  // namespace sim::bus
