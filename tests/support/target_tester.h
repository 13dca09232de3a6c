// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <random>
#include <utility>
#include <vector>

#include <tlm>

#include "tests/support/memory_target.h"

namespace test {

// How a TargetTester carries out a transaction: every form that the base protocol allows.
enum class Form {
  four_phases,         // TLM_ACCEPTED, END_REQ, BEGIN_RESP
  no_end_req,          // TLM_ACCEPTED, BEGIN_RESP
  updated_end_req,     // TLM_UPDATED with END_REQ, BEGIN_RESP
  updated_begin_resp,  // TLM_UPDATED with BEGIN_RESP
  completed,           // TLM_COMPLETED
};

struct TargetOptions {
  std::vector<Form> forms = {Form::four_phases, Form::no_end_req, Form::updated_end_req,
                             Form::updated_begin_resp, Form::completed};  // one is drawn for each transaction
  std::uint64_t seed = 1;
  sc_core::sc_time max_delay = sc_core::sc_time(20, sc_core::SC_NS);  // of each step
  bool annotate = true;      // sends phases with annotated delays, too
  bool out_of_order = true;  // responses
};

// A memory that answers in random legal forms, with random delays and in random order. It has no retry: do
// not let its `memory` refuse.
template <unsigned BUSWIDTH = 32>
class TargetTester final : public sc_core::sc_module, public tlm::tlm_fw_transport_if<> {
 public:
  TargetTester(const sc_core::sc_module_name& name, unsigned size, const TargetOptions& options = {})
      : sc_module(name), socket("socket"), memory(size), options_(options), random_(options.seed) {
    socket.bind(static_cast<tlm::tlm_fw_transport_if<>&>(*this));
    SC_HAS_PROCESS(TargetTester);
    SC_METHOD(step);
    sensitive << wake_;
    dont_initialize();
  }

  tlm::tlm_target_socket<BUSWIDTH> socket;
  Memory memory;

  void b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) override {
    execute(payload);
    if (random_() % 2 == 0) {
      wait(delay + draw());
      delay = sc_core::SC_ZERO_TIME;
    }
    delay += draw();
  }

  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    if (phase == tlm::END_RESP) {
      EXPECT_EQ(responding_, &payload) << name() << ": END_RESP of something that is no response";
      end_response(now() + delay);
      return random_() % 2 == 0 ? tlm::TLM_ACCEPTED : tlm::TLM_COMPLETED;
    }
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
    EXPECT_EQ(requesting_, nullptr) << name() << ": two requests at a time";
    EXPECT_GE(now() + delay, request_free_) << name() << ": BEGIN_REQ before the annotated END_REQ";
    payload.acquire();
    execute(payload);  // at once: the order of calls is the order of accesses
    Form form = options_.forms[random_() % options_.forms.size()];
    // A response in the answer must keep the response exclusion rule.
    if (form == Form::updated_begin_resp && (responding_ != nullptr || response_free_ > now() + delay)) {
      form = Form::four_phases;
    }
    const sc_core::sc_time at = now() + delay;
    if (form == Form::completed) {
      delay += draw();
      request_free_ = now() + delay;
      payload.release();
      return tlm::TLM_COMPLETED;
    }
    if (form == Form::updated_begin_resp) {
      delay += draw();
      request_free_ = now() + delay;
      responding_ = &payload;
      phase = tlm::BEGIN_RESP;
      return tlm::TLM_UPDATED;
    }
    if (form == Form::updated_end_req) {
      delay += draw();
      request_free_ = now() + delay;
      queue(payload, now() + delay + draw());
      phase = tlm::END_REQ;
      return tlm::TLM_UPDATED;
    }
    requesting_ = &payload;
    end_req_ = form == Form::four_phases;
    end_req_at_ = at + draw();
    queue(payload, end_req_at_ + draw());
    return tlm::TLM_ACCEPTED;
  }

  unsigned transport_dbg(tlm::tlm_generic_payload& payload) override { return memory.debug(payload); }
  bool get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) override {
    dmi.allow_read_write();
    dmi.set_dmi_ptr(memory.bytes.data());
    dmi.set_end_address(memory.bytes.size() - 1);
    return true;
  }

 private:
  struct Response {
    tlm::tlm_generic_payload* payload;
    sc_core::sc_time due;
  };

  static sc_core::sc_time now() { return sc_core::sc_time_stamp(); }
  sc_core::sc_time draw() {
    return sc_core::sc_time::from_value(random_() % (options_.max_delay.value() + 1));
  }
  void execute(tlm::tlm_generic_payload& payload) {
    payload.set_response_status(memory.access(payload).status);
  }

  void queue(tlm::tlm_generic_payload& payload, const sc_core::sc_time& due) {
    responses_.push_back({&payload, due});
    wake_.notify(sc_core::SC_ZERO_TIME);
  }
  void end_response(const sc_core::sc_time& at) {
    responding_->release();
    responding_ = nullptr;
    response_free_ = at;
    wake_.notify(sc_core::SC_ZERO_TIME);
  }

  void step() {
    if (requesting_ != nullptr && end_req_ && end_req_at_ <= now()) {
      tlm::tlm_generic_payload& payload = *requesting_;
      requesting_ = nullptr;
      tlm::tlm_phase phase = tlm::END_REQ;
      sc_core::sc_time delay;
      EXPECT_EQ(socket->nb_transport_bw(payload, phase, delay), tlm::TLM_ACCEPTED);
    }
    if (responding_ == nullptr && response_free_ <= now()) respond();
    sc_core::sc_time next = sc_core::sc_max_time();
    if (requesting_ != nullptr && end_req_) next = end_req_at_;
    if (responding_ == nullptr) {
      for (const Response& r : responses_) next = std::min(next, std::max(r.due, response_free_));
    }
    if (next != sc_core::sc_max_time())
      next_trigger(next > now() ? next - now() : sc_core::SC_ZERO_TIME, wake_);
  }

  void respond() {
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < responses_.size(); ++i) {
      const bool held = responses_[i].payload == requesting_ && end_req_;  // END_REQ goes first
      if (responses_[i].due <= now() && !held) ready.push_back(i);
      if (!options_.out_of_order) break;
    }
    if (ready.empty()) return;
    const std::size_t pick = ready[random_() % ready.size()];
    tlm::tlm_generic_payload& payload = *responses_[pick].payload;
    responses_.erase(responses_.begin() + static_cast<std::ptrdiff_t>(pick));
    responding_ = &payload;
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time delay = options_.annotate && random_() % 2 == 0 ? draw() : sc_core::sc_time();
    if (requesting_ == &payload) {  // END_REQ is implied
      requesting_ = nullptr;
      request_free_ = now() + delay;
    }
    const tlm::tlm_sync_enum status = socket->nb_transport_bw(payload, phase, delay);
    if (status == tlm::TLM_ACCEPTED) return;
    EXPECT_TRUE(status == tlm::TLM_COMPLETED || phase == tlm::END_RESP) << name() << ": " << phase;
    end_response(now() + delay);
  }

  TargetOptions options_;
  std::mt19937_64 random_;
  tlm::tlm_generic_payload* requesting_ = nullptr;
  bool end_req_ = false;
  sc_core::sc_time end_req_at_, request_free_, response_free_;
  tlm::tlm_generic_payload* responding_ = nullptr;
  std::vector<Response> responses_;
  sc_core::sc_event wake_;
};

}  // namespace test
