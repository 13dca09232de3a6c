// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <random>
#include <utility>

#include <tlm_utils/peq_with_get.h>

#include "tests/support/initiator_tester.h"

namespace test {

// How an AtInitiator answers BEGIN_RESP.
enum class Answer { end_resp_later, updated, completed, random };

struct AtOptions {
  Answer answer = Answer::end_resp_later;
  unsigned window = 1;  // transactions in flight at most
  std::uint64_t seed = 1;
  sc_core::sc_time max_stall = {};     // END_RESP comes up to this much after BEGIN_RESP (random, whole ps)
  sc_core::sc_time max_annotate = {};  // BEGIN_REQ is annotated with up to this much
};

// Approximately timed, in the style of Accellera's example `at_4_phase`: four phases on nb_transport, and
// every shorter form that a target may choose. One request at a time; as many transactions as `window`
// allows.
template <unsigned BUSWIDTH = 32>
class AtInitiator final : public Initiator, public tlm::tlm_bw_transport_if<> {
 public:
  AtInitiator(const sc_core::sc_module_name& name, Script script, const AtOptions& options = {})
      : Initiator(name, std::move(script)),
        socket("socket"),
        options_(options),
        random_(options.seed),
        end_resp_("end_resp") {
    socket.bind(static_cast<tlm::tlm_bw_transport_if<>&>(*this));
    SC_HAS_PROCESS(AtInitiator);
    SC_METHOD(send_end_resp);
    this->sensitive << end_resp_.get_event();
    this->dont_initialize();
  }

  tlm::tlm_initiator_socket<BUSWIDTH> socket;
  using Initiator::debug;

  std::size_t issue(const Command& command) override {
    if (command.gap != sc_core::SC_ZERO_TIME) this->wait(command.gap);
    while (in_flight_ >= options_.window) this->wait(ended_);
    while (requesting_ != nullptr) this->wait(request_ended_);  // request exclusion rule
    if (request_free_ > now()) this->wait(request_free_ - now());
    tlm::tlm_generic_payload& payload = prepare(command);
    const std::size_t index = results().size() - 1;
    ++in_flight_;
    requesting_ = &payload;
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = draw(options_.max_annotate);
    result_of(payload).begin_req = now() + delay;
    const tlm::tlm_sync_enum status = socket->nb_transport_fw(payload, phase, delay);
    if (status == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
      end_request(payload, now() + delay);
    } else if (status == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP) {
      begin_response(payload, now() + delay);
      end_resp_.notify(payload, delay + draw(options_.max_stall));
    } else if (status == tlm::TLM_COMPLETED) {
      begin_response(payload, now() + delay);
      end(payload, now() + delay);
    } else {
      EXPECT_EQ(status, tlm::TLM_ACCEPTED) << name() << ": BEGIN_REQ answered TLM_UPDATED with " << phase;
    }
    return index;
  }
  void drain() override {
    while (in_flight_ != 0) this->wait(ended_);
    if (last_end_ > now()) this->wait(last_end_ - now());
  }
  unsigned debug(tlm::tlm_generic_payload& payload) override { return socket->transport_dbg(payload); }

 private:
  static sc_core::sc_time now() { return sc_core::sc_time_stamp(); }
  sc_core::sc_time draw(const sc_core::sc_time& max) {
    if (max == sc_core::SC_ZERO_TIME) return max;
    return sc_core::sc_time::from_value(random_() % (max.value() + 1));
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    if (phase == tlm::END_REQ) {
      end_request(payload, now() + delay);
      return tlm::TLM_ACCEPTED;
    }
    if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;  // an ignorable phase
    begin_response(payload, now() + delay);
    Answer answer = options_.answer;
    if (answer == Answer::random) answer = static_cast<Answer>(random_() % 3);
    const sc_core::sc_time stall = draw(options_.max_stall);
    if (answer == Answer::end_resp_later) {
      end_resp_.notify(payload, delay + stall);
      return tlm::TLM_ACCEPTED;
    }
    delay += stall;
    end(payload, now() + delay);
    if (answer == Answer::completed) return tlm::TLM_COMPLETED;
    phase = tlm::END_RESP;
    return tlm::TLM_UPDATED;
  }
  void invalidate_direct_mem_ptr(sc_dt::uint64, sc_dt::uint64) override {}

  void send_end_resp() {
    while (tlm::tlm_generic_payload* payload = end_resp_.get_next_transaction()) {
      tlm::tlm_phase phase = tlm::END_RESP;
      sc_core::sc_time delay;
      const tlm::tlm_sync_enum status = socket->nb_transport_fw(*payload, phase, delay);
      EXPECT_NE(status, tlm::TLM_UPDATED) << name() << ": nothing may follow END_RESP";
      end(*payload, now());
    }
  }

  void end_request(tlm::tlm_generic_payload& payload, const sc_core::sc_time& at) {
    EXPECT_EQ(requesting_, &payload) << name() << ": END_REQ of something that is no request";
    requesting_ = nullptr;
    request_free_ = at;
    result_of(payload).end_req = at;
    request_ended_.notify(sc_core::SC_ZERO_TIME);
  }
  void begin_response(tlm::tlm_generic_payload& payload, const sc_core::sc_time& at) {
    if (requesting_ == &payload) end_request(payload, at);  // implied
    EXPECT_EQ(result_of(payload).begin_resp, sc_core::SC_ZERO_TIME) << name() << ": two responses";
    result_of(payload).begin_resp = at;
  }
  void end(tlm::tlm_generic_payload& payload, const sc_core::sc_time& at) {
    finish(payload, at);
    last_end_ = std::max(last_end_, at);
    --in_flight_;
    ended_.notify(sc_core::SC_ZERO_TIME);
  }

  AtOptions options_;
  std::mt19937_64 random_;
  unsigned in_flight_ = 0;
  tlm::tlm_generic_payload* requesting_ = nullptr;  // between BEGIN_REQ and its end
  sc_core::sc_time request_free_, last_end_;
  sc_core::sc_event request_ended_, ended_;
  tlm_utils::peq_with_get<tlm::tlm_generic_payload> end_resp_;
};

}  // namespace test
