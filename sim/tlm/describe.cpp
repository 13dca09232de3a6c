// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/tlm/describe.h"

#include <sstream>

#include "sim/tlm/tag.h"

namespace sim::bus {

std::string describe(const tlm::tlm_generic_payload& payload) {
  std::ostringstream text;
  text << (payload.is_read()    ? "read"
           : payload.is_write() ? "write"
                                : "ignore")
       << " of " << payload.get_data_length() << " bytes at 0x" << std::hex << payload.get_address()
       << std::dec;
  if (const Tag* tag = tag_of(payload)) text << ", id " << tag->id;
  return text.str();
}

std::string describe(const tlm::tlm_phase& phase) { return phase.get_name(); }

std::string describe(tlm::tlm_sync_enum status) {
  switch (status) {
    case tlm::TLM_ACCEPTED:
      return "TLM_ACCEPTED";
    case tlm::TLM_UPDATED:
      return "TLM_UPDATED";
    case tlm::TLM_COMPLETED:
      return "TLM_COMPLETED";
  }
  return "an unknown tlm_sync_enum";
}

}  // namespace sim::bus
