// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/tlm/target_port.h"

#include <algorithm>
#include <string>

#include "sim/tlm/describe.h"

namespace sim::bus {

using sc_core::sc_time;
using sc_core::sc_time_stamp;
using sc_core::SC_ZERO_TIME;

namespace {

constexpr const char* kReport = "/sim/bus/target_port";

void error(const sc_core::sc_object& port, const std::string& text) {
  SC_REPORT_ERROR(kReport, (std::string(port.name()) + ": " + text).c_str());
}

}  // namespace

tlm::tlm_response_status answer_without_device(const tlm::tlm_generic_payload& payload, bool streaming,
                                               bool byte_enables) {
  const unsigned length = payload.get_data_length();
  const unsigned width = payload.get_streaming_width();
  if (payload.get_command() == tlm::TLM_IGNORE_COMMAND) return tlm::TLM_OK_RESPONSE;
  if (!payload.is_read() && !payload.is_write()) return tlm::TLM_COMMAND_ERROR_RESPONSE;
  if (length == 0 || width == 0 || (width < length && !streaming)) return tlm::TLM_BURST_ERROR_RESPONSE;
  if (payload.get_data_ptr() == nullptr) return tlm::TLM_GENERIC_ERROR_RESPONSE;
  if (payload.get_byte_enable_ptr() != nullptr && (payload.get_byte_enable_length() == 0 || !byte_enables)) {
    return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  }
  return tlm::TLM_INCOMPLETE_RESPONSE;
}

TargetPortBase::TargetPortBase(const sc_core::sc_module_name& name, Device& device, const PortTiming& timing,
                               unsigned bus_bytes)
    : PortBase(name, timing, bus_bytes), device_(device) {
  SC_HAS_PROCESS(TargetPortBase);
  SC_METHOD(step);
  sensitive << wake_;
  dont_initialize();
}

std::size_t TargetPortBase::in_flight() const {
  // A request that the device has accepted is in responses_ already.
  return (request_.step == Step::arriving ? 1 : 0) + responses_.size() + (responding_ != nullptr ? 1 : 0) +
         static_cast<std::size_t>(next_ticket_ - serving_);
}

Device::Reply TargetPortBase::execute(tlm::tlm_generic_payload& payload) {
  Device::Reply reply;
  reply.status = answer_without_device(payload, device_.streaming(), device_.byte_enables());
  if (reply.status == tlm::TLM_INCOMPLETE_RESPONSE) reply = device_.access(payload);
  if (reply.retry) {
    ++refusals_;
  } else {
    payload.set_response_status(reply.status);
  }
  return reply;
}

const sc_core::sc_event& TargetPortBase::retry_event() {
  const sc_core::sc_event* event = device_.retry_event();
  if (event == nullptr) {
    SC_REPORT_FATAL(kReport,
                    (std::string(name()) + ": the device asked for a retry but has no retry_event(); "
                                           "override Device::retry_event")
                        .c_str());
  }
  return *event;
}

void TargetPortBase::b_transport(tlm::tlm_generic_payload& payload, sc_time& delay) {
  if (delay != SC_ZERO_TIME) {  // a temporally decoupled caller: the device has to see the real time
    sc_core::wait(delay);
    delay = SC_ZERO_TIME;
  }
  // Serves in the order of arrival: nobody overtakes a caller whom the device made wait.
  const std::uint64_t ticket = next_ticket_++;
  while (ticket != serving_) sc_core::wait(turn_);
  while (execute(payload).retry) sc_core::wait(retry_event());
  ++serving_;
  if (next_ticket_ != serving_) turn_.notify(SC_ZERO_TIME);
  ++completed_;
  delay += latency(payload);
}

tlm::tlm_sync_enum TargetPortBase::nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                   sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) {
    const char* broken = request_.step != Step::idle
                             ? "BEGIN_REQ before END_REQ of the previous request (request "
                               "exclusion rule); the initiator has to wait for END_REQ"
                         : !payload.has_mm() ? "nb_transport_fw with a payload without memory manager; "
                                               "the initiator has to set one, for example a PayloadPool"
                                             : nullptr;
    if (broken != nullptr) {
      error(*this, describe(payload) + ": " + broken);
      payload.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
      return tlm::TLM_COMPLETED;
    }
    payload.acquire();
    request_ = {Step::arriving, &payload, sc_time_stamp() + delay};
    refused_ = false;
    schedule();
    return tlm::TLM_ACCEPTED;
  }
  if (phase == tlm::END_RESP) {
    if (responding_ != &payload) {
      error(*this, describe(payload) +
                       ": END_RESP without BEGIN_RESP; the initiator has to answer each "
                       "BEGIN_RESP exactly once");
      return tlm::TLM_COMPLETED;
    }
    end_response(sc_time_stamp() + delay);
    schedule();
    return tlm::TLM_COMPLETED;
  }
  if (phase == tlm::END_REQ || phase == tlm::BEGIN_RESP || phase == tlm::UNINITIALIZED_PHASE) {
    error(*this, describe(payload) + ": " + describe(phase) +
                     " on the forward path; an initiator sends "
                     "BEGIN_REQ and END_RESP only");
  }
  return tlm::TLM_ACCEPTED;  // an ignorable phase
}

// One activation does what is due now, in this order: (1) the device takes the request, (2) END_REQ,
// (3) BEGIN_RESP. So END_REQ precedes BEGIN_RESP of the same transaction also when both are due together.
// An initiator may call back from within (2) and (3); the members are up to date before each call.
void TargetPortBase::step() {
  const sc_time now = sc_time_stamp();
  if (request_.step == Step::arriving && request_.due <= now) take_request();  // (1)
  if (request_.step == Step::accepting && request_.due <= now) end_request();  // (2)
  if (responding_ == nullptr && !responses_.empty() &&
      std::max(responses_.front().due, response_free_) <= now) {
    begin_response();  // (3)
  }
  schedule();
  if (refused_) next_trigger(wake_ | retry_event());
}

void TargetPortBase::take_request() {
  refused_ = execute(*request_.payload).retry;
  if (refused_) return;
  const sc_time now = sc_time_stamp();
  request_.step = Step::accepting;
  request_.due = now + timing_.accept;
  responses_.push_back({request_.payload, now + latency(*request_.payload)});
}

void TargetPortBase::end_request() {
  tlm::tlm_generic_payload& payload = *request_.payload;
  request_ = Request{};
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_time delay = SC_ZERO_TIME;
  const tlm::tlm_sync_enum status = initiator().nb_transport_bw(payload, phase, delay);
  if (status != tlm::TLM_ACCEPTED) {
    error(*this, describe(payload) + ": the initiator answered END_REQ with " + describe(status) +
                     "; only TLM_ACCEPTED is allowed, the response is still to come");
  }
}

void TargetPortBase::begin_response() {
  tlm::tlm_generic_payload& payload = *responses_.front().payload;
  responses_.pop_front();
  responding_ = &payload;
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_time delay = SC_ZERO_TIME;
  const tlm::tlm_sync_enum status = initiator().nb_transport_bw(payload, phase, delay);
  if (status == tlm::TLM_ACCEPTED || responding_ != &payload) return;  // END_RESP comes, or came from within
  if (status == tlm::TLM_COMPLETED || phase == tlm::END_RESP) {
    end_response(sc_time_stamp() + delay);
  } else if (phase <= tlm::END_RESP) {
    error(*this, describe(payload) + ": the initiator answered BEGIN_RESP with TLM_UPDATED and " +
                     describe(phase) + "; only END_RESP may follow");
  }
}

void TargetPortBase::end_response(const sc_time& free_at) {
  tlm::tlm_generic_payload& payload = *responding_;
  responding_ = nullptr;
  response_free_ = free_at;
  ++completed_;
  payload.release();
}

void TargetPortBase::schedule() {
  sc_time next = sc_core::sc_max_time();
  if (request_.step != Step::idle && !refused_) next = request_.due;
  if (responding_ == nullptr && !responses_.empty()) {
    next = std::min(next, std::max(responses_.front().due, response_free_));
  }
  wake_.cancel();
  if (next == sc_core::sc_max_time()) return;
  const sc_time now = sc_time_stamp();
  wake_.notify(next > now ? next - now : SC_ZERO_TIME);
}

unsigned TargetPortBase::transport_dbg(tlm::tlm_generic_payload& payload) {
  if (payload.get_data_length() == 0 || payload.get_data_ptr() == nullptr) return 0;
  if (!payload.is_read() && !payload.is_write()) return 0;
  return std::min(device_.debug(payload), payload.get_data_length());
}

bool PortBase::get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
  dmi.allow_none();  // the range stays 0 to the end: no DMI anywhere behind this socket
  return false;
}

}  // namespace sim::bus
