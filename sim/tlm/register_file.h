// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/tlm/device.h"

namespace sim::bus {

enum class Access {
  read_only,           // RO: a write is a TLM_COMMAND_ERROR_RESPONSE
  read_write,          // RW
  write_only,          // WO: a read is a TLM_COMMAND_ERROR_RESPONSE
  write_one_to_clear,  // W1C: a written 1 clears the bit, a written 0 leaves it
};
const char* name_of(Access access);  // "RO", "RW", "WO", "W1C"

// One register of up to 64 bit. It takes 4 bytes of the address map, or 8 if wider than 32 bit; bits above
// `width` read as 0 and are not written. Little-endian: bits 7..0 are at the lowest address.
struct RegisterSpec {
  std::string name;
  std::uint64_t offset = 0;  // bytes
  unsigned width = 32;       // bits, 1 to 64
  Access access = Access::read_write;
  std::uint64_t reset = 0;
  std::string text = {};  // one line for the register map

  // All hooks are optional.
  std::function<std::uint64_t()> read = {};  // value of a read, in place of the stored one
  std::function<std::uint64_t()> peek = {};  // value of a debug read, where `read` has side effects
  std::function<void(std::uint64_t)> write =
      {};  // called with the new stored value (W1C: with the ones written)
  std::function<bool(bool is_write)> ready = {};  // false: not now, TargetPort tries again at the retry event
  // Refuses a value: anything but TLM_OK_RESPONSE is the answer, and nothing of the transaction happens.
  std::function<tlm::tlm_response_status(std::uint64_t)> accept = {};
};

// A range of bytes with its own storage behind hooks, such as an operand of many words.
struct WindowSpec {
  std::string name;
  std::uint64_t offset = 0;  // bytes
  std::uint64_t bytes = 0;
  Access access = Access::read_write;  // not W1C
  std::string text = {};

  // `at` counts from the start of the window. Debug accesses use peek and poke where given, else read and
  // write.
  std::function<void(std::uint64_t at, unsigned char* out, std::size_t n)> read = {};
  std::function<void(std::uint64_t at, const unsigned char* in, std::size_t n)> write = {};
  std::function<void(std::uint64_t at, unsigned char* out, std::size_t n)> peek = {};
  std::function<void(std::uint64_t at, const unsigned char* in, std::size_t n)> poke = {};
  std::function<bool(bool is_write)> ready = {};

  // In place of all of these: answers a transaction that lies in the window as a whole, with its payload as
  // it came (a FIFO of whole items, say). Access rights are asked before. A transaction that reaches beyond
  // the window is a TLM_ADDRESS_ERROR_RESPONSE; a debug access ends in front of it.
  std::function<Device::Reply(tlm::tlm_generic_payload&)> serve = {};
};

// A window that `serve` answers.
WindowSpec served_window(std::string name, std::uint64_t offset, std::uint64_t bytes, Access access,
                         std::string text, std::function<Device::Reply(tlm::tlm_generic_payload&)> serve);

// A register map: a Device that answers accesses to named registers and windows.
//
// A transaction may cover several neighbours. It happens as a whole or not at all: addresses, access rights,
// `ready` and `accept` of everything touched are asked before the first effect. Within a transaction, effects
// are in the order of addresses. A hole in the map is a TLM_ADDRESS_ERROR_RESPONSE. Byte enables are
// supported, streaming is not. A byte that is not enabled does not count: a register none of whose bytes is
// enabled is neither read nor written.
class RegisterFile final : public Device {
 public:
  explicit RegisterFile(std::string name);
  ~RegisterFile() override;

  // Declare before the first access. Throws sim::Error(Exit::internal) for overlaps, equal names, a width
  // outside 1..64 or hooks that are missing: a mistake of the model.
  void add_register(RegisterSpec spec);
  void add_window(WindowSpec spec);

  // The stored value, for the model itself: no hooks, no access rights. Throws sim::Error for unknown names.
  std::uint64_t get(const std::string& name) const;
  void set(const std::string& name, std::uint64_t value);
  // References stay valid; the cheap way to a register that a model touches every cycle.
  std::uint64_t& value(const std::string& name);

  void reset();  // every register back to its reset value; windows belong to their owner

  // The event of Device::retry_event(): notify it when something becomes ready.
  sc_core::sc_event& retry() { return retry_; }

  Reply access(tlm::tlm_generic_payload& payload) override;
  // Reads and writes values without rights, `ready`, `accept` and write hooks; stops at the first hole.
  unsigned debug(tlm::tlm_generic_payload& payload) override;
  const sc_core::sc_event* retry_event() override { return &retry_; }

  std::uint64_t size() const;  // bytes from offset 0 to the end of the last entry
  std::string markdown()
      const;  // registers and windows, windows that serve themselves apart: tables for a README

 private:
  struct Entry;
  struct Part;  // the piece of a transaction that falls on one entry

  Entry& insert(const std::string& name, std::uint64_t offset, std::uint64_t bytes);
  Entry* at(std::uint64_t address) const;
  Entry& named(const std::string& name) const;
  bool split(const tlm::tlm_generic_payload& payload, std::vector<Part>& parts) const;
  static void apply(const Part& part, tlm::tlm_generic_payload& payload, bool debug);

  std::string name_;
  std::map<std::uint64_t, std::unique_ptr<Entry>> entries_;  // by offset
  sc_core::sc_event retry_;
};

}  // namespace sim::bus
