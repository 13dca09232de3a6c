// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <tlm>

namespace sim::bus {

// The memory manager of generic payloads (IEEE 1666-2011, 14.5): one pool for each initiator.
//
// A payload, its data buffer and its sticky Tag are allocated once and used again. The pool has to outlive
// every payload it gave out. Environment variable SIM_PAYLOAD_CHECK=1 makes the destructor report payloads
// that never came back as a SystemC warning.
class PayloadPool final : public tlm::tlm_mm_interface {
 public:
  explicit PayloadPool(std::string name = "payloads");
  ~PayloadPool() override;
  PayloadPool(const PayloadPool&) = delete;
  PayloadPool& operator=(const PayloadPool&) = delete;

  // A payload with reference count 1, to be given back with release() by whoever asked for it.
  // Its attributes are those a new transaction must have: TLM_IGNORE_COMMAND, address 0, data length and
  // streaming width `data_bytes` (the latter at least 1), no byte enables, DMI not allowed,
  // TLM_INCOMPLETE_RESPONSE, and (for data_bytes > 0) a data pointer to a buffer of at least `data_bytes`
  // bytes, contents undefined. The Tag has the next id and is otherwise zero.
  tlm::tlm_generic_payload& acquire(unsigned data_bytes);

  // Called by tlm_generic_payload::release() when the reference count reaches 0; never by a user.
  void free(tlm::tlm_generic_payload* payload) override;

  const std::string& name() const { return name_; }
  std::size_t outstanding() const { return created() - idle_.size(); }  // payloads not given back
  std::size_t high_water() const { return high_water_; }                // largest outstanding() ever
  std::size_t created() const { return all_.size(); }                   // payloads allocated
  std::uint64_t acquired() const { return acquired_; }                  // calls of acquire()

  // One line for each payload not given back, oldest first; empty when there are none.
  std::string leaks() const;
  // Throws sim::Error(Exit::check) with leaks() when a payload was not given back.
  void check() const;

 private:
  struct Pooled;

  std::string name_;
  std::vector<std::unique_ptr<Pooled>> all_;
  std::vector<Pooled*> idle_;
  std::size_t high_water_ = 0;
  std::uint64_t acquired_ = 0;
};

// Holds one reference for the length of a scope.
class PayloadGuard {
 public:
  // Takes over a reference that the caller already has (as acquire() of the pool returns it).
  explicit PayloadGuard(tlm::tlm_generic_payload& payload) : payload_(&payload) {}
  ~PayloadGuard() { payload_->release(); }
  PayloadGuard(const PayloadGuard&) = delete;
  PayloadGuard& operator=(const PayloadGuard&) = delete;
  tlm::tlm_generic_payload& operator*() const { return *payload_; }
  tlm::tlm_generic_payload* operator->() const { return payload_; }

 private:
  tlm::tlm_generic_payload* payload_;
};

}  // namespace sim::bus
