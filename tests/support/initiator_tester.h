// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <tlm>

#include <gtest/gtest.h>

#include "sim/tlm/payload_pool.h"
#include "sim/tlm/tag.h"

namespace test {

using Bytes = std::vector<unsigned char>;

// One transaction to be sent.
struct Command {
  tlm::tlm_command command = tlm::TLM_READ_COMMAND;
  std::uint64_t address = 0;
  Bytes data;                    // bytes to write; of a read: only its size counts
  Bytes enables = {};            // byte enable array; empty: none
  unsigned streaming_width = 0;  // 0: the data length
  sc_core::sc_time gap = {};     // pause before the request
};

// What became of it. Times include annotations.
struct Result {
  tlm::tlm_response_status status = tlm::TLM_INCOMPLETE_RESPONSE;
  Bytes data;
  sc_core::sc_time begin_req, end_req, begin_resp, end_resp;  // b_transport: begin_req and end_resp only
  bool done = false;
};

// An initiator that runs a script in a thread of its own. LtInitiator and AtInitiator say how a command
// travels; scripts do not know.
class Initiator : public sc_core::sc_module {
 public:
  using Script = std::function<void(Initiator&)>;

  Initiator(const sc_core::sc_module_name& name, Script script)
      : sc_module(name), pool_(this->name()), script_(std::move(script)) {
    SC_HAS_PROCESS(Initiator);
    SC_THREAD(run);
  }

  using sc_core::sc_module::wait;  // for scripts

  // For scripts. issue() returns when the next command may be issued; its result is complete after drain().
  virtual std::size_t issue(const Command& command) = 0;
  virtual void drain() = 0;
  virtual unsigned debug(tlm::tlm_generic_payload& payload) = 0;

  Result transfer(const Command& command) {
    const std::size_t index = issue(command);
    drain();
    return results_[index];
  }
  Result write(std::uint64_t address, Bytes data) {
    return transfer({tlm::TLM_WRITE_COMMAND, address, std::move(data)});
  }
  Result read(std::uint64_t address, unsigned length) {
    return transfer({tlm::TLM_READ_COMMAND, address, Bytes(length)});
  }
  unsigned debug(tlm::tlm_command command, std::uint64_t address, Bytes& data) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(address);
    payload.set_data_ptr(data.data());
    payload.set_data_length(static_cast<unsigned>(data.size()));
    payload.set_streaming_width(payload.get_data_length());
    return debug(payload);
  }

  const std::vector<Result>& results() const { return results_; }
  bool finished() const { return finished_; }  // the script has returned
  sim::bus::PayloadPool& pool() { return pool_; }

 protected:
  tlm::tlm_generic_payload& prepare(const Command& command) {
    tlm::tlm_generic_payload& payload = pool_.acquire(static_cast<unsigned>(command.data.size()));
    payload.set_command(command.command);
    payload.set_address(command.address);
    if (!command.data.empty()) std::copy(command.data.begin(), command.data.end(), payload.get_data_ptr());
    if (!command.enables.empty()) {
      payload.set_byte_enable_ptr(const_cast<unsigned char*>(command.enables.data()));
      payload.set_byte_enable_length(static_cast<unsigned>(command.enables.size()));
    }
    if (command.streaming_width != 0) payload.set_streaming_width(command.streaming_width);
    sim::bus::tag_of(payload)->user = results_.size();  // finds the result again
    results_.emplace_back();
    return payload;
  }
  Result& result_of(const tlm::tlm_generic_payload& payload) {
    return results_[static_cast<std::size_t>(sim::bus::tag_of(payload)->user)];
  }
  void finish(tlm::tlm_generic_payload& payload, const sc_core::sc_time& at) {
    Result& result = result_of(payload);
    EXPECT_FALSE(result.done) << name() << ": a transaction ended twice";
    result.status = payload.get_response_status();
    if (payload.get_data_length() != 0) {
      result.data.assign(payload.get_data_ptr(), payload.get_data_ptr() + payload.get_data_length());
    }
    result.end_resp = at;
    result.done = true;
    payload.release();
  }

 private:
  void run() {
    script_(*this);
    drain();
    finished_ = true;
  }

  sim::bus::PayloadPool pool_;
  Script script_;
  std::vector<Result> results_;
  bool finished_ = false;
};

}  // namespace test
