// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/tlm/protocol_rules.h"

#include <algorithm>
#include <utility>

#include "sim/tlm/describe.h"

namespace sim::bus {

using sc_core::sc_time;
using sc_core::sc_time_stamp;
using tlm::tlm_generic_payload;
using tlm::tlm_phase;

namespace {

bool extended(const tlm_phase& phase) { return phase > tlm::END_RESP; }

}  // namespace

ProtocolRules::ProtocolRules(std::string name, Listener listener)
    : name_(std::move(name)), listener_(std::move(listener)) {}

// ---- life of a record

ProtocolRules::Record* ProtocolRules::find(const tlm_generic_payload& payload) {
  const auto found = records_.find(&payload);
  return found == records_.end() ? nullptr : &found->second;
}

ProtocolRules::Record& ProtocolRules::open(tlm_generic_payload& payload, State state, const sc_time& time) {
  Record record;
  record.serial = ++serial_;
  record.state = state;
  record.time = time;
  record.since = sc_time_stamp();
  record.address = payload.get_address();
  record.command = payload.get_command();
  record.data = payload.get_data_ptr();
  record.length = payload.get_data_length();
  record.enables = payload.get_byte_enable_ptr();
  record.enable_length = payload.get_byte_enable_length();
  record.streaming_width = payload.get_streaming_width();
  if (record.enables != nullptr)
    record.enable_copy.assign(record.enables, record.enables + record.enable_length);
  if (payload.is_write() && record.data != nullptr) {
    record.write_copy.assign(record.data, record.data + record.length);
  }
  Record& kept = records_[&payload];
  kept = std::move(record);
  return kept;
}

void ProtocolRules::close(tlm_generic_payload& payload) {
  if (requesting_ == &payload) requesting_ = nullptr;
  if (responding_ == &payload) responding_ = nullptr;
  records_.erase(&payload);
  ++transactions_;
}

// ---- checks of attributes

void ProtocolRules::check_alive(const tlm_generic_payload& payload) {
  if (!payload.has_mm()) {
    violation(Rule::memory_manager, payload,
              "nb_transport without a memory manager; set one before the call");
  } else if (payload.get_ref_count() == 0) {
    violation(Rule::reference_count, payload,
              "passed on with reference count 0; acquire() before the call and release() when done");
  }
}

void ProtocolRules::check_start(const tlm_generic_payload& payload) {
  const bool moves = payload.get_command() != tlm::TLM_IGNORE_COMMAND;
  if (moves && payload.get_data_ptr() == nullptr) {
    violation(Rule::data_pointer, payload, "the data pointer is null; give it a buffer");
  }
  if (moves && payload.get_data_length() == 0) {
    violation(Rule::data_length, payload, "the data length is 0; use TLM_IGNORE_COMMAND to move nothing");
  }
  if (payload.get_byte_enable_ptr() != nullptr) {
    const unsigned char* enables = payload.get_byte_enable_ptr();
    if (payload.get_byte_enable_length() == 0) {
      violation(Rule::byte_enable_length, payload,
                "a byte enable array of length 0; set its length or a null pointer");
    }
    for (unsigned i = 0; i < payload.get_byte_enable_length(); ++i) {
      if (enables[i] == TLM_BYTE_DISABLED || enables[i] == TLM_BYTE_ENABLED) continue;
      violation(
          Rule::byte_enable_value, payload,
          "byte enable " + std::to_string(i) + " is " + std::to_string(enables[i]) + "; only 0 and 255 are");
      break;
    }
  }
  if (payload.get_streaming_width() == 0) {
    violation(Rule::streaming_width, payload, "the streaming width is 0; set it to the data length");
  }
  if (payload.is_dmi_allowed()) violation(Rule::dmi_hint, payload, "starts with the DMI hint set; clear it");
  if (payload.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE) {
    violation(Rule::response_initial, payload,
              "starts with " + payload.get_response_string() + "; set TLM_INCOMPLETE_RESPONSE");
  }
  if (payload.get_gp_option() != tlm::TLM_MIN_PAYLOAD) {
    violation(Rule::option, payload,
              "the payload option is not TLM_MIN_PAYLOAD; others are for DMI and debug");
  }
}

void ProtocolRules::check_unmodified(const tlm_generic_payload& payload, Record& record) {
  if (record.modified) return;
  const char* what = nullptr;
  if (payload.get_command() != record.command) {
    what = "command";
  } else if (payload.get_data_ptr() != record.data) {
    what = "data pointer";
  } else if (payload.get_data_length() != record.length) {
    what = "data length";
  } else if (payload.get_byte_enable_ptr() != record.enables) {
    what = "byte enable pointer";
  } else if (payload.get_byte_enable_length() != record.enable_length) {
    what = "byte enable length";
  } else if (payload.get_streaming_width() != record.streaming_width) {
    what = "streaming width";
  } else if (!std::equal(record.enable_copy.begin(), record.enable_copy.end(), record.enables)) {
    what = "byte enable array";
  } else if (!std::equal(record.write_copy.begin(), record.write_copy.end(), record.data)) {
    what = "data array of a write";
  }
  if (what == nullptr) return;
  record.modified = true;
  violation(Rule::modified, payload,
            std::string("the ") + what + " changed while the transaction was in flight");
}

void ProtocolRules::check_time(const tlm_generic_payload& payload, Record& record, const sc_time& delay,
                               const char* where) {
  const sc_time time = sc_time_stamp() + delay;
  if (time < record.time) {
    violation(Rule::time_backwards, payload,
              std::string(where) + " is at " + time.to_string() + ", annotation included, before " +
                  record.time.to_string() + " of the same transaction");
  }
  record.time = time;
}

void ProtocolRules::check_response(const tlm_generic_payload& payload, const char* where) {
  if (payload.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE) {
    violation(
        Rule::response_missing, payload,
        std::string(where) + ": still TLM_INCOMPLETE_RESPONSE; the target should set a response status");
  }
}

// ---- transitions

void ProtocolRules::end_request(tlm_generic_payload& payload, const char* where) {
  Record* record = find(payload);
  if (record == nullptr || record->state != State::requested) {
    violation(Rule::sequence, payload, std::string("END_REQ ") + where + " does not follow BEGIN_REQ");
  }
  if (record != nullptr && record->state == State::requested) record->state = State::request_ended;
  if (requesting_ == &payload) requesting_ = nullptr;
}

void ProtocolRules::begin_response(tlm_generic_payload& payload, const char* where) {
  Record* record = find(payload);
  if (record == nullptr || (record->state != State::requested && record->state != State::request_ended)) {
    violation(Rule::sequence, payload,
              std::string("BEGIN_RESP ") + where + " does not follow BEGIN_REQ or END_REQ");
    if (record == nullptr) return;
  } else if (responding_ != nullptr && responding_ != &payload) {
    violation(Rule::response_exclusion, payload,
              std::string("BEGIN_RESP ") + where + " before the end of the previous response (" +
                  describe(*responding_) + "); the target has to wait for END_RESP");
  }
  if (requesting_ == &payload) requesting_ = nullptr;  // END_REQ is implied
  responding_ = &payload;
  record->state = State::responding;
  check_response(payload, "BEGIN_RESP");
}

void ProtocolRules::end_response(tlm_generic_payload& payload, const char* where) {
  Record* record = find(payload);
  if (record == nullptr || record->state != State::responding) {
    violation(Rule::sequence, payload, std::string("END_RESP ") + where + " does not follow BEGIN_RESP");
  }
  if (responding_ == &payload) responding_ = nullptr;
  if (record != nullptr) record->state = State::response_ended;
}

void ProtocolRules::check_return(const Call& call, const tlm_phase& phase, const sc_time& delay,
                                 tlm::tlm_sync_enum status, const char* method) {
  const tlm_generic_payload& payload = *call.payload;
  if (sc_time_stamp() != call.at || sc_core::sc_delta_count() != call.delta) {
    violation(Rule::blocked, payload, std::string(method) + " called wait(); it has to return at once");
  }
  if (status == tlm::TLM_ACCEPTED && (phase != call.phase || delay != call.delay)) {
    violation(
        Rule::accepted_modified, payload,
        std::string(method) + " changed phase or annotation and returned TLM_ACCEPTED; return TLM_UPDATED");
  }
}

// ---- calls

ProtocolRules::Call ProtocolRules::enter_fw(tlm_generic_payload& payload, const tlm_phase& phase,
                                            const sc_time& delay) {
  check_alive(payload);
  Record* record = find(payload);
  if (phase == tlm::BEGIN_REQ) {
    if (record != nullptr) {
      violation(record->state == State::blocking ? Rule::mixed : Rule::reused, payload,
                record->state == State::blocking ? "BEGIN_REQ while the same payload is in b_transport"
                                                 : "BEGIN_REQ with a payload that is still in flight");
    }
    check_start(payload);
    if (requesting_ != nullptr && requesting_ != &payload) {
      violation(Rule::request_exclusion, payload,
                "BEGIN_REQ before the end of the previous request (" + describe(*requesting_) +
                    "); the initiator has to wait for END_REQ or BEGIN_RESP");
    }
    record = &open(payload, State::requested, sc_time_stamp() + delay);
    requesting_ = &payload;
  } else if (phase == tlm::END_RESP) {
    end_response(payload, "on the forward path");
  } else if (!extended(phase)) {
    violation(Rule::direction, payload,
              describe(phase) + " on the forward path; an initiator sends BEGIN_REQ and END_RESP");
  }
  if (record != nullptr) {
    check_unmodified(payload, *record);
    check_time(payload, *record, delay, "nb_transport_fw");
  }
  return {&payload,        record != nullptr ? record->serial : 0,
          phase,           delay,
          sc_time_stamp(), sc_core::sc_delta_count()};
}

void ProtocolRules::leave_fw(const Call& call, const tlm_phase& phase, const sc_time& delay,
                             tlm::tlm_sync_enum status) {
  tlm_generic_payload& payload = *call.payload;
  Record* record = find(payload);
  if (record == nullptr || record->serial != call.serial) return;  // ended by calls from within, may be gone
  check_return(call, phase, delay, status, "nb_transport_fw");
  check_unmodified(payload, *record);
  if (status != tlm::TLM_ACCEPTED) check_time(payload, *record, delay, "return of nb_transport_fw");
  if (call.phase == tlm::END_RESP) {
    if (status == tlm::TLM_UPDATED) {
      violation(Rule::sequence, payload, "END_RESP answered TLM_UPDATED; no phase follows END_RESP");
    }
    close(payload);
  } else if (status == tlm::TLM_COMPLETED) {
    check_response(payload, "TLM_COMPLETED");
    close(payload);
  } else if (status == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
    end_request(payload, "returned by nb_transport_fw");
  } else if (status == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP) {
    begin_response(payload, "returned by nb_transport_fw");
  } else if (status == tlm::TLM_UPDATED && !extended(phase)) {
    violation(
        Rule::direction, payload,
        "nb_transport_fw returned TLM_UPDATED and " + describe(phase) + "; END_REQ or BEGIN_RESP can follow");
  }
}

ProtocolRules::Call ProtocolRules::enter_bw(tlm_generic_payload& payload, const tlm_phase& phase,
                                            const sc_time& delay) {
  check_alive(payload);
  if (phase == tlm::END_REQ) {
    end_request(payload, "on the backward path");
  } else if (phase == tlm::BEGIN_RESP) {
    begin_response(payload, "on the backward path");
  } else if (!extended(phase)) {
    violation(Rule::direction, payload,
              describe(phase) + " on the backward path; a target sends END_REQ and BEGIN_RESP");
  }
  Record* record = find(payload);
  if (record != nullptr) {
    check_unmodified(payload, *record);
    check_time(payload, *record, delay, "nb_transport_bw");
  }
  return {&payload,        record != nullptr ? record->serial : 0,
          phase,           delay,
          sc_time_stamp(), sc_core::sc_delta_count()};
}

void ProtocolRules::leave_bw(const Call& call, const tlm_phase& phase, const sc_time& delay,
                             tlm::tlm_sync_enum status) {
  tlm_generic_payload& payload = *call.payload;
  Record* record = find(payload);
  if (record == nullptr || record->serial != call.serial) return;
  check_return(call, phase, delay, status, "nb_transport_bw");
  check_unmodified(payload, *record);
  if (status == tlm::TLM_ACCEPTED) return;
  check_time(payload, *record, delay, "return of nb_transport_bw");
  if (extended(call.phase) || (status == tlm::TLM_UPDATED && extended(phase))) return;
  if (call.phase != tlm::BEGIN_RESP) {
    violation(
        Rule::sequence, payload,
        describe(call.phase) + " answered " + describe(status) + "; the answer to END_REQ is TLM_ACCEPTED");
  } else if (status == tlm::TLM_COMPLETED) {
    close(payload);
  } else if (phase == tlm::END_RESP) {
    end_response(payload, "returned by nb_transport_bw");
    close(payload);
  } else {
    violation(Rule::direction, payload,
              "nb_transport_bw returned TLM_UPDATED and " + describe(phase) + "; only END_RESP can follow");
  }
}

ProtocolRules::Call ProtocolRules::enter_b(tlm_generic_payload& payload, const sc_time& delay) {
  if (payload.has_mm() && payload.get_ref_count() == 0) check_alive(payload);
  if (sc_core::sc_get_current_process_handle().proc_kind() == sc_core::SC_METHOD_PROC_) {
    violation(Rule::method_process, payload, "b_transport called from a method process, which cannot wait");
  }
  check_start(payload);
  if (Record* record = find(payload)) {
    violation(record->state == State::blocking ? Rule::reused : Rule::mixed, payload,
              record->state == State::blocking
                  ? "b_transport with a payload that is in b_transport already"
                  : "b_transport with a payload that is in flight on nb_transport");
    return {&payload, 0, tlm_phase(), delay, sc_time_stamp(), 0};  // the first user keeps the record
  }
  const Record& record = open(payload, State::blocking, sc_time_stamp() + delay);
  return {&payload, record.serial, tlm_phase(), delay, sc_time_stamp(), 0};
}

void ProtocolRules::leave_b(const Call& call, const sc_time& delay) {
  tlm_generic_payload& payload = *call.payload;
  Record* record = find(payload);
  if (record == nullptr || record->serial != call.serial) return;
  check_unmodified(payload, *record);
  check_time(payload, *record, delay, "return of b_transport");
  check_response(payload, "return of b_transport");
  close(payload);
}

void ProtocolRules::enter_debug(const tlm_generic_payload& payload) {
  if (payload.get_data_length() != 0 && payload.get_data_ptr() == nullptr) {
    violation(Rule::debug_pointer, payload, "debug transaction without a data pointer; give it a buffer");
  }
}

void ProtocolRules::leave_debug(const tlm_generic_payload& payload, unsigned done) {
  if (done > payload.get_data_length()) {
    violation(Rule::debug_count, payload,
              "transport_dbg returned " + std::to_string(done) + " bytes, more than asked for");
  }
}

void ProtocolRules::enter_dmi(const tlm_generic_payload& payload, const tlm::tlm_dmi& dmi) {
  if (dmi.get_dmi_ptr() != nullptr || !dmi.is_none_allowed() || dmi.get_start_address() != 0 ||
      dmi.get_end_address() != ~sc_dt::uint64{0} || dmi.get_read_latency() != sc_core::SC_ZERO_TIME ||
      dmi.get_write_latency() != sc_core::SC_ZERO_TIME) {
    violation(Rule::dmi_descriptor, payload, "the DMI descriptor has been used; call init() before");
  }
}

}  // namespace sim::bus
