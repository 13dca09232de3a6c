// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

// One test for each rule of how a transaction proceeds, with an initiator or a target that breaks this rule
// and no other.
#include "tests/unit/tlm/checker_fixture.h"

namespace {

using sc_core::SC_NS;
using sc_core::sc_time;
using sim::bus::Rule;
using test::Checker;
using test::ns;
using testing::HasSubstr;
using tlm::BEGIN_REQ;
using tlm::BEGIN_RESP;
using tlm::END_REQ;
using tlm::END_RESP;
using tlm::tlm_generic_payload;
using tlm::tlm_phase;

TEST_F(Checker, DirectionForward) {
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ);
  initiator.send(p, END_REQ);
  expect_only(Rule::direction, "END_REQ on the forward path");
}

TEST_F(Checker, DirectionBackward) {
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ);
  target.send(p, END_RESP);
  expect_only(Rule::direction, "END_RESP on the backward path");
}

TEST_F(Checker, DirectionOfTheTargetsAnswer) {
  target.answer = [](auto&, tlm_phase& phase, auto&) {
    phase = END_RESP;
    return tlm::TLM_UPDATED;
  };
  initiator.send(payload(), BEGIN_REQ);
  expect_only(Rule::direction);
}

TEST_F(Checker, DirectionOfTheInitiatorsAnswer) {
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ);
  initiator.answer = [](auto&, tlm_phase& phase, auto&) {
    phase = BEGIN_REQ;
    return tlm::TLM_UPDATED;
  };
  respond(p);
  expect_only(Rule::direction);
}

TEST_F(Checker, UpdatedWithoutAnUpdateIsNoAnswer) {
  target.answer = [](auto&, auto&, auto&) { return tlm::TLM_UPDATED; };
  initiator.send(payload(), BEGIN_REQ);
  expect_only(Rule::direction);
}

TEST_F(Checker, SequenceEndReqTwice) {
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ);
  target.send(p, END_REQ);
  target.send(p, END_REQ);
  expect_only(Rule::sequence);
}

TEST_F(Checker, SequenceEndReqAfterBeginResp) {
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ);
  respond(p);
  target.send(p, END_REQ);
  expect_only(Rule::sequence);
}

TEST_F(Checker, SequenceResponseTwice) {
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ);
  respond(p);
  respond(p);
  expect_only(Rule::sequence);
}

TEST_F(Checker, SequenceResponseWithoutRequest) {
  respond(payload());
  expect_only(Rule::sequence);
}

TEST_F(Checker, SequenceResponseAfterCompleted) {
  target.answer = [](tlm_generic_payload& q, auto&, auto&) {
    q.set_response_status(tlm::TLM_OK_RESPONSE);
    return tlm::TLM_COMPLETED;
  };
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ);
  respond(p);
  expect_only(Rule::sequence);
}

TEST_F(Checker, SequenceEndRespBeforeBeginResp) {
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ);
  target.send(p, END_REQ);
  initiator.send(p, END_RESP);
  expect_only(Rule::sequence);
}

TEST_F(Checker, SequenceEndRespAfterUpdatedEndResp) {
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ);
  initiator.answer = [](auto&, tlm_phase& phase, auto&) {
    phase = END_RESP;
    return tlm::TLM_UPDATED;
  };
  respond(p);
  initiator.send(p, END_RESP);
  expect_only(Rule::sequence);
}

TEST_F(Checker, SequenceEndReqAnsweredCompleted) {
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ);
  initiator.answer = [](auto&, auto&, auto&) { return tlm::TLM_COMPLETED; };
  target.send(p, END_REQ);
  expect_only(Rule::sequence, "END_REQ answered TLM_COMPLETED");
}

TEST_F(Checker, SequenceEndRespAnsweredUpdated) {
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ);
  respond(p);
  target.answer = [](auto&, auto&, auto&) { return tlm::TLM_UPDATED; };
  initiator.send(p, END_RESP);
  expect_only(Rule::sequence, "END_RESP answered TLM_UPDATED");
}

TEST_F(Checker, RequestExclusion) {
  initiator.send(payload(), BEGIN_REQ);
  initiator.send(payload(), BEGIN_REQ);
  expect_only(Rule::request_exclusion, "id 2");
}

TEST_F(Checker, ResponseExclusion) {
  tlm_generic_payload& a = payload();
  tlm_generic_payload& b = payload();
  for (tlm_generic_payload* p : {&a, &b}) {
    initiator.send(*p, BEGIN_REQ);
    target.send(*p, END_REQ);
  }
  respond(a);
  respond(b);
  expect_only(Rule::response_exclusion);
}

TEST_F(Checker, ResponseExclusionInTheAnswerToBeginReq) {
  tlm_generic_payload& a = payload();
  initiator.send(a, BEGIN_REQ);
  respond(a);
  target.answer = [](tlm_generic_payload& q, tlm_phase& phase, auto&) {
    q.set_response_status(tlm::TLM_OK_RESPONSE);
    phase = BEGIN_RESP;
    return tlm::TLM_UPDATED;
  };
  initiator.send(payload(), BEGIN_REQ);
  expect_only(Rule::response_exclusion);
}

TEST_F(Checker, TimeBackwardsOnACall) {
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ, ns(10));
  target.send(p, END_REQ, ns(9));
  expect_only(Rule::time_backwards);
}

TEST_F(Checker, TimeBackwardsOnAReturn) {
  target.answer = [](auto&, tlm_phase& phase, sc_time& delay) {
    phase = END_REQ;
    delay = ns(1);
    return tlm::TLM_UPDATED;
  };
  initiator.send(payload(), BEGIN_REQ, ns(2));
  expect_only(Rule::time_backwards);
}

TEST_F(Checker, TimeBackwardsOfABlockingCall) {
  target.blocking = [](tlm_generic_payload& q, sc_time& delay) {
    q.set_response_status(tlm::TLM_OK_RESPONSE);
    delay = sc_core::SC_ZERO_TIME;
  };
  tlm_generic_payload& p = payload();
  sc_core::sc_spawn([&] {
    sc_time delay = ns(5);
    initiator.socket->b_transport(p, delay);
  });
  sc_core::sc_start(ns(100));
  expect_only(Rule::time_backwards);
}

TEST_F(Checker, Reused) {
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ);
  target.send(p, END_REQ);
  initiator.send(p, BEGIN_REQ);
  expect_only(Rule::reused);
}

TEST_F(Checker, MixedBlockingInsideNonBlocking) {
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ);
  blocking(p);
  expect_only(Rule::mixed);
}

TEST_F(Checker, MixedNonBlockingInsideBlocking) {
  tlm_generic_payload& p = payload();
  target.blocking = [&](tlm_generic_payload& q, sc_time&) { initiator.send(q, BEGIN_REQ); };
  blocking(p);
  expect_only(Rule::mixed);
}

TEST_F(Checker, ModifiedAttributes) {
  const std::vector<std::pair<std::string, std::function<void(tlm_generic_payload&)>>> changes = {
      {"the command", [](auto& p) { p.set_read(); }},
      {"the data pointer", [](auto& p) { p.set_data_ptr(p.get_data_ptr() + 1); }},
      {"the data length", [](auto& p) { p.set_data_length(3); }},
      {"the byte enable pointer", [](auto& p) { p.set_byte_enable_ptr(nullptr); }},
      {"the byte enable length", [](auto& p) { p.set_byte_enable_length(1); }},
      {"the streaming width", [](auto& p) { p.set_streaming_width(2); }},
      {"the byte enable array", [](auto& p) { p.get_byte_enable_ptr()[1] = 0xff; }},
      {"the data array of a write", [](auto& p) { p.get_data_ptr()[3] ^= 1; }},
  };
  for (const auto& [what, change] : changes) {
    unsigned char enables[] = {0xff, 0};
    tlm_generic_payload& p = payload();
    p.set_byte_enable_ptr(enables);
    p.set_byte_enable_length(2);
    const std::size_t before = checker.violations().size();
    initiator.send(p, BEGIN_REQ);
    change(p);
    respond(p);
    initiator.send(p, END_RESP);
    ASSERT_EQ(checker.violations().size(), before + 1) << what << ": " << all();
    EXPECT_EQ(checker.violations().back().rule, Rule::modified);
    EXPECT_THAT(checker.violations().back().text, HasSubstr(what + " changed"));
  }
}

TEST_F(Checker, ModifiedDuringABlockingCall) {
  target.blocking = [](tlm_generic_payload& q, sc_time&) {
    q.set_response_status(tlm::TLM_OK_RESPONSE);
    q.set_data_length(1);
  };
  blocking(payload());
  expect_only(Rule::modified);
}

TEST_F(Checker, AcceptedModified) {
  target.answer = [](auto&, auto&, sc_time& delay) {
    delay += ns(1);
    return tlm::TLM_ACCEPTED;
  };
  initiator.send(payload(), BEGIN_REQ);
  expect_only(Rule::accepted_modified);
}

TEST_F(Checker, AcceptedModifiedByTheInitiator) {
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ);
  initiator.answer = [](auto&, tlm_phase& phase, auto&) {
    phase = END_RESP;
    return tlm::TLM_ACCEPTED;
  };
  respond(p);
  expect_only(Rule::accepted_modified);
}

TEST_F(Checker, Blocked) {
  tlm_generic_payload& p = payload();
  target.answer = [](auto&, auto&, auto&) {
    sc_core::wait(sc_core::SC_ZERO_TIME);
    return tlm::TLM_ACCEPTED;
  };
  sc_core::sc_spawn([&] { initiator.send(p, BEGIN_REQ); });
  sc_core::sc_start(ns(1));
  expect_only(Rule::blocked);
}

TEST_F(Checker, MethodProcess) {
  tlm_generic_payload& p = payload();
  sc_core::sc_spawn_options options;
  options.spawn_method();
  sc_core::sc_spawn(
      [&] {
        sc_time delay;
        initiator.socket->b_transport(p, delay);
      },
      "method", &options);
  sc_core::sc_start(ns(1));
  expect_only(Rule::method_process);
}

TEST_F(Checker, ResponseMissing) {
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ);
  target.send(p, BEGIN_RESP);
  expect_only(Rule::response_missing);
}

TEST_F(Checker, ResponseMissingWithCompleted) {
  target.answer = [](auto&, auto&, auto&) { return tlm::TLM_COMPLETED; };
  initiator.send(payload(), BEGIN_REQ);
  expect_only(Rule::response_missing);
}

TEST_F(Checker, ResponseMissingAfterABlockingCall) {
  target.blocking = [](auto&, auto&) {};
  blocking(payload());
  expect_only(Rule::response_missing);
}

}  // namespace
