// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/tlm/device.h"

#include <cstring>

namespace sim::bus {

void store(const tlm::tlm_generic_payload& payload, unsigned char* memory) {
  const unsigned length = payload.get_data_length();
  const unsigned width = span(payload);
  const unsigned char* data = payload.get_data_ptr();
  if (width == length && payload.get_byte_enable_ptr() == nullptr) {
    std::memcpy(memory, data, length);
    return;
  }
  for (unsigned i = 0; i < length; ++i) {
    if (byte_enabled(payload, i)) memory[i % width] = data[i];
  }
}

void load(tlm::tlm_generic_payload& payload, const unsigned char* memory) {
  const unsigned length = payload.get_data_length();
  const unsigned width = span(payload);
  unsigned char* data = payload.get_data_ptr();
  if (width == length && payload.get_byte_enable_ptr() == nullptr) {
    std::memcpy(data, memory, length);
    return;
  }
  for (unsigned i = 0; i < length; ++i) {
    if (byte_enabled(payload, i)) data[i] = memory[i % width];
  }
}

}  // namespace sim::bus
