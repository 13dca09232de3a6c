// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

#include <tlm>

namespace sim::bus {

// What a memory-mapped target does, free of protocol and of time. TargetPort calls it, for b_transport,
// nb_transport and transport_dbg alike.
//
// Contract of access():
// * The payload is a read or a write with a data pointer, at least one byte, a streaming width of at least
// one,
//   and, if present, a byte enable array of at least one element; TargetPort answers everything else.
// * Called at the time at which the request arrives (sc_time_stamp()). What the device does with it shows
// when
//   the device makes it show: a clocked unit at its first edge strictly after that time.
// * Data of a read is in the payload when access() returns; the initiator gets it with the response.
// * {.retry = true} refuses the access for now: there must have been no effect. TargetPort holds the request
//   (the initiator sees no END_REQ, or stays blocked in b_transport) and calls again when retry_event() is
//   notified; it may also call earlier. The notification has to come after the refusal, delta or timed.
// * Byte enables: bytes with a disabled enable are neither written nor returned (store/load below do it).
class Device {
 public:
  struct Reply {
    tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
    bool retry = false;
  };

  virtual ~Device() = default;
  virtual Reply access(tlm::tlm_generic_payload& payload) = 0;
  // Reads or writes without side effects and without time (IEEE 1666-2011, 11.3): the number of bytes done,
  // counted from the start address. Byte enables and streaming width are to be ignored.
  virtual unsigned debug(tlm::tlm_generic_payload& payload) = 0;
  // Never nullptr if access() may ask for a retry; always the same event.
  virtual const sc_core::sc_event* retry_event() { return nullptr; }

  // What the device can do; TargetPort answers TLM_BYTE_ENABLE_ERROR_RESPONSE or TLM_BURST_ERROR_RESPONSE
  // in its place where it cannot.
  virtual bool byte_enables() const { return true; }
  virtual bool streaming() const { return false; }  // streaming width below data length
};

// True when byte `index` of the data array takes part in the transfer.
inline bool byte_enabled(const tlm::tlm_generic_payload& payload, unsigned index) {
  const unsigned char* enables = payload.get_byte_enable_ptr();
  return enables == nullptr || enables[index % payload.get_byte_enable_length()] == TLM_BYTE_ENABLED;
}

// Copies the enabled bytes of the data array to `memory`, the place of the transaction's start address.
// Streaming: byte i goes to memory[i mod streaming width], so later beats overwrite earlier ones.
void store(const tlm::tlm_generic_payload& payload, unsigned char* memory);
// The reverse, for a read.
void load(tlm::tlm_generic_payload& payload, const unsigned char* memory);

// Bytes of the address range that the transaction touches: the smaller of data length and streaming width.
inline unsigned span(const tlm::tlm_generic_payload& payload) {
  const unsigned width = payload.get_streaming_width();
  return width != 0 && width < payload.get_data_length() ? width : payload.get_data_length();
}

// True when `bytes` bytes from `address` lie in [base, base + size); safe against wrap-around.
inline bool inside(std::uint64_t address, std::uint64_t bytes, std::uint64_t base, std::uint64_t size) {
  return address >= base && bytes <= size && address - base <= size - bytes;
}

}  // namespace sim::bus
