// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "sim/tlm/target_port.h"
#include "tests/support/initiator_tester.h"

namespace test {

// Bytes from address 0. Can refuse accesses at random, or while a test holds it.
class Memory final : public sim::bus::Device {
 public:
  explicit Memory(unsigned size) : bytes(size) {}

  Bytes bytes;
  bool can_enable = true;
  bool can_stream = true;
  bool held = false;            // refuses everything; see release()
  unsigned refuse_percent = 0;  // of the accesses, for up to max_refusal
  sc_core::sc_time max_refusal = sc_core::sc_time(7, sc_core::SC_NS);
  std::mt19937_64 random{1};
  std::vector<sc_core::sc_time> accesses;  // when each was executed

  void release() {
    held = false;
    retry_.notify(sc_core::SC_ZERO_TIME);
  }

  Reply access(tlm::tlm_generic_payload& payload) override {
    if (held) return {tlm::TLM_INCOMPLETE_RESPONSE, true};
    if (random() % 100 < refuse_percent) {
      retry_.notify(sc_core::sc_time::from_value(random() % (max_refusal.value() + 1)));
      return {tlm::TLM_INCOMPLETE_RESPONSE, true};
    }
    const std::uint64_t at = payload.get_address();
    if (!sim::bus::inside(at, sim::bus::span(payload), 0, bytes.size()))
      return {tlm::TLM_ADDRESS_ERROR_RESPONSE};
    accesses.push_back(sc_core::sc_time_stamp());
    if (payload.is_write()) sim::bus::store(payload, &bytes[at]);
    if (payload.is_read()) sim::bus::load(payload, &bytes[at]);
    return {};
  }
  unsigned debug(tlm::tlm_generic_payload& payload) override {
    const std::uint64_t at = payload.get_address();
    if (at >= bytes.size()) return 0;
    const auto count =
        static_cast<unsigned>(std::min<std::uint64_t>(payload.get_data_length(), bytes.size() - at));
    if (payload.is_write()) std::copy_n(payload.get_data_ptr(), count, &bytes[at]);
    if (payload.is_read()) std::copy_n(&bytes[at], count, payload.get_data_ptr());
    return count;
  }
  const sc_core::sc_event* retry_event() override { return &retry_; }
  bool byte_enables() const override { return can_enable; }
  bool streaming() const override { return can_stream; }

 private:
  sc_core::sc_event retry_;
};

// A memory behind a TargetPort: `socket` is what an initiator is bound to.
template <unsigned BUSWIDTH = 32>
class MemoryTarget final {
 public:
  MemoryTarget(const char* name, unsigned size, const sim::bus::PortTiming& timing = {})
      : memory(size), port(name, memory, timing), socket(port.socket) {}
  Memory memory;
  sim::bus::TargetPort<BUSWIDTH> port;
  tlm::tlm_target_socket<BUSWIDTH>& socket;
};

}  // namespace test
