// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include <tlm>

namespace sim::bus {

// The rules of the base protocol that can be seen on one hop. Clauses are those of IEEE 1666-2011.
enum class Rule {
  // How a transaction has to look when it starts
  memory_manager,      // 14.5 i    nb_transport needs a memory manager
  reference_count,     // 14.5 t    whoever passes a payload on holds a reference
  data_pointer,        // 14.11 e   no null data pointer (except TLM_IGNORE_COMMAND)
  data_length,         // 14.12 d   no zero data length (except TLM_IGNORE_COMMAND)
  byte_enable_length,  // 14.14 f   a byte enable array has at least one element
  byte_enable_value,   // 14.13     the elements are 0x00 or 0xff, nothing else has a meaning
  streaming_width,     // 14.15 f   greater than zero
  dmi_hint,            // 14.16     starts as false
  response_initial,    // 14.17 e   starts as TLM_INCOMPLETE_RESPONSE
  option,              // 14.8 g    TLM_MIN_PAYLOAD for transport
  // How it proceeds
  direction,           // 15.2.3 c  BEGIN_REQ, END_RESP forward; END_REQ, BEGIN_RESP backward
  sequence,            // 15.2.4    the order of phases, and the answers allowed to each
  request_exclusion,   // 15.2.6 e  one request at a time
  response_exclusion,  // 15.2.6 f  one response at a time
  time_backwards,      // 15.2.7 c  call time plus annotation never decreases within a transaction
  reused,              // 14.5 x    a payload in flight is not sent as another transaction
  mixed,               // 15.2.10 c one transaction is either blocking or non-blocking
  modified,            // 14.7      attributes that nobody may change while it is in flight
  accepted_modified,   // 11.1.2    TLM_ACCEPTED: phase and annotation are untouched
  blocked,             // 11.1.2    nb_transport does not wait
  method_process,      // 11.1.1.4 b  b_transport is not called from a method process
  response_missing,    // 14.17     the target sets a response status (the standard says should)
  // The other interfaces
  debug_pointer,   // 11.3.4 l  a debug transaction that moves bytes has a data pointer
  debug_count,     // 11.3.4 s  not more bytes than asked for
  dmi_descriptor,  // 11.2.5    starts in its initial state
};
const char* name_of(Rule rule);    // "request_exclusion"
const char* clause_of(Rule rule);  // "15.2.6 e"

struct Violation {
  Rule rule;
  std::string text;  // who, which rule, which transaction, when, and what to do
};

// Follows the transactions of one hop and finds violations. No sockets: ProtocolChecker calls enter_x before
// and leave_x after passing a call on. After a violation it follows what it saw, so that one mistake is
// usually one message. Extended phases are ignorable phases: passed, not checked.
class ProtocolRules {
 public:
  using Listener = std::function<void(const Violation&)>;
  ProtocolRules(std::string name, Listener listener);

  struct Call {  // what enter_x tells leave_x
    tlm::tlm_generic_payload* payload;
    std::uint64_t serial;  // of the transaction; 0 when it is not known
    tlm::tlm_phase phase;
    sc_core::sc_time delay;
    sc_core::sc_time at;
    std::uint64_t delta;
  };

  Call enter_fw(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                const sc_core::sc_time& delay);
  void leave_fw(const Call& call, const tlm::tlm_phase& phase, const sc_core::sc_time& delay,
                tlm::tlm_sync_enum status);
  Call enter_bw(tlm::tlm_generic_payload& payload, const tlm::tlm_phase& phase,
                const sc_core::sc_time& delay);
  void leave_bw(const Call& call, const tlm::tlm_phase& phase, const sc_core::sc_time& delay,
                tlm::tlm_sync_enum status);
  Call enter_b(tlm::tlm_generic_payload& payload, const sc_core::sc_time& delay);
  void leave_b(const Call& call, const sc_core::sc_time& delay);
  void enter_debug(const tlm::tlm_generic_payload& payload);
  void leave_debug(const tlm::tlm_generic_payload& payload, unsigned done);
  void enter_dmi(const tlm::tlm_generic_payload& payload, const tlm::tlm_dmi& dmi);

  const std::vector<Violation>& violations() const { return violations_; }
  std::size_t count(Rule rule) const;
  std::uint64_t transactions() const { return transactions_; }  // finished, blocking and non-blocking
  std::size_t in_flight() const { return records_.size(); }
  std::string unfinished() const;  // one line for each transaction in flight, oldest first; empty if none

 private:
  enum class State { requested, request_ended, responding, response_ended, blocking };
  struct Record {
    std::uint64_t serial = 0;
    State state = State::requested;
    sc_core::sc_time time;  // of the last call or return, annotation included
    sc_core::sc_time since;
    std::uint64_t address = 0;
    tlm::tlm_command command = tlm::TLM_IGNORE_COMMAND;
    const unsigned char* data = nullptr;
    unsigned length = 0;
    const unsigned char* enables = nullptr;
    unsigned enable_length = 0;
    unsigned streaming_width = 0;
    std::vector<unsigned char> enable_copy;
    std::vector<unsigned char> write_copy;
    bool modified = false;  // said so already
  };

  Record& open(tlm::tlm_generic_payload& payload, State state, const sc_core::sc_time& time);
  void close(tlm::tlm_generic_payload& payload);
  Record* find(const tlm::tlm_generic_payload& payload);
  void check_start(const tlm::tlm_generic_payload& payload);
  void check_alive(const tlm::tlm_generic_payload& payload);
  void check_unmodified(const tlm::tlm_generic_payload& payload, Record& record);
  void check_time(const tlm::tlm_generic_payload& payload, Record& record, const sc_core::sc_time& delay,
                  const char* where);
  void check_return(const Call& call, const tlm::tlm_phase& phase, const sc_core::sc_time& delay,
                    tlm::tlm_sync_enum status, const char* method);
  void end_request(tlm::tlm_generic_payload& payload, const char* where);
  void begin_response(tlm::tlm_generic_payload& payload, const char* where);
  void end_response(tlm::tlm_generic_payload& payload, const char* where);
  void check_response(const tlm::tlm_generic_payload& payload, const char* where);
  void violation(Rule rule, const tlm::tlm_generic_payload& payload, const std::string& text);

  std::string name_;
  Listener listener_;
  std::unordered_map<const tlm::tlm_generic_payload*, Record> records_;
  const tlm::tlm_generic_payload* requesting_ = nullptr;  // between BEGIN_REQ and its end
  const tlm::tlm_generic_payload* responding_ = nullptr;  // between BEGIN_RESP and its end
  std::uint64_t serial_ = 0;
  std::uint64_t transactions_ = 0;
  std::vector<Violation> violations_;
};

}  // namespace sim::bus
