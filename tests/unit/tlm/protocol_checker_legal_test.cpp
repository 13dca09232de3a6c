// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

// The checker is silent on every legal form.
#include "tests/unit/tlm/checker_fixture.h"

namespace {

using sc_core::SC_NS;
using sc_core::sc_time;
using test::Checker;
using test::ns;
using testing::HasSubstr;
using tlm::BEGIN_REQ;
using tlm::BEGIN_RESP;
using tlm::END_REQ;
using tlm::END_RESP;
using tlm::tlm_generic_payload;
using tlm::tlm_phase;

TLM_DECLARE_EXTENDED_PHASE(SIDE_NOTE);

TEST_F(Checker, LegalFourPhases) {
  complete(payload());
  expect_clean(1);
}

TEST_F(Checker, LegalPipelining) {
  tlm_generic_payload& a = payload();
  tlm_generic_payload& b = payload();
  initiator.send(a, BEGIN_REQ);
  target.send(a, END_REQ);
  initiator.send(b, BEGIN_REQ);
  target.send(b, END_REQ);
  respond(b);  // out of order
  initiator.send(b, END_RESP);
  respond(a);
  initiator.send(a, END_RESP);
  expect_clean(2);
}

TEST_F(Checker, LegalImpliedEndReq) {
  tlm_generic_payload& a = payload();
  initiator.send(a, BEGIN_REQ);
  respond(a);
  initiator.send(payload(), BEGIN_REQ);  // the request of a has ended
  initiator.send(a, END_RESP);
  EXPECT_EQ(all(), "");
  EXPECT_THAT(checker.rules().unfinished(), HasSubstr("1 transactions not finished"));
  EXPECT_THAT(checker.rules().unfinished(), HasSubstr("write of 4 bytes at 0x0 since 0 s: no END_REQ"));
}

TEST_F(Checker, LegalAnswersOfTheTarget) {
  for (const tlm_phase& answer : {tlm_phase(END_REQ), tlm_phase(BEGIN_RESP)}) {
    tlm_generic_payload& p = payload();
    target.answer = [&](tlm_generic_payload& q, tlm_phase& phase, sc_time& delay) {
      if (phase == END_RESP) return tlm::TLM_COMPLETED;
      phase = answer;
      delay += ns(3);
      if (answer == BEGIN_RESP) q.set_response_status(tlm::TLM_OK_RESPONSE);
      return tlm::TLM_UPDATED;
    };
    initiator.send(p, BEGIN_REQ, ns(1));
    if (answer == END_REQ) respond(p, ns(5));
    initiator.send(p, END_RESP, ns(5));
  }
  target.answer = [&](tlm_generic_payload& q, tlm_phase&, sc_time&) {
    q.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return tlm::TLM_COMPLETED;
  };
  initiator.send(payload(), BEGIN_REQ);
  expect_clean(3);
}

TEST_F(Checker, LegalAnswersOfTheInitiator) {
  for (const tlm::tlm_sync_enum answer : {tlm::TLM_UPDATED, tlm::TLM_COMPLETED}) {
    tlm_generic_payload& p = payload();
    initiator.answer = [&](tlm_generic_payload&, tlm_phase& phase, sc_time& delay) {
      if (phase == END_REQ) return tlm::TLM_ACCEPTED;
      if (answer == tlm::TLM_UPDATED) phase = END_RESP;
      delay += ns(2);
      return answer;
    };
    initiator.send(p, BEGIN_REQ);
    target.send(p, END_REQ);
    respond(p);
  }
  expect_clean(2);
}

TEST_F(Checker, LegalIgnorablePhases) {
  tlm_generic_payload& p = payload();
  initiator.send(p, BEGIN_REQ);
  initiator.send(p, SIDE_NOTE);
  target.send(p, SIDE_NOTE);
  target.send(p, END_REQ);
  respond(p);
  initiator.send(p, END_RESP);
  expect_clean(1);
}

TEST_F(Checker, LegalCallsFromWithinCalls) {
  tlm_generic_payload& p = payload();
  target.answer = [&](tlm_generic_payload& q, tlm_phase& phase, sc_time&) {
    if (phase == BEGIN_REQ) {
      target.send(q, END_REQ);
      respond(q);
    }
    return tlm::TLM_ACCEPTED;
  };
  initiator.answer = [&](tlm_generic_payload& q, tlm_phase& phase, sc_time&) {
    if (phase == BEGIN_RESP) initiator.send(q, END_RESP);
    return tlm::TLM_ACCEPTED;
  };
  initiator.send(p, BEGIN_REQ);
  expect_clean(1);
}

TEST_F(Checker, LegalBlockingWithoutMemoryManager) {
  tlm_generic_payload p;
  unsigned char byte = 0;
  p.set_read();
  p.set_data_ptr(&byte);
  p.set_data_length(1);
  p.set_streaming_width(1);
  blocking(p);
  expect_clean(1);
}

TEST_F(Checker, LegalUseOfOnePayloadTwice) {
  tlm_generic_payload& p = payload();
  complete(p);
  p.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  complete(p);
  p.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  blocking(p);
  expect_clean(3);
}

TEST_F(Checker, LegalChanges) {  // address, DMI hint, data of a read
  tlm_generic_payload& p = payload();
  p.set_read();
  initiator.send(p, BEGIN_REQ);
  p.set_address(0x1234);
  p.set_dmi_allowed(true);
  p.get_data_ptr()[0] ^= 1;
  respond(p);
  initiator.send(p, END_RESP);
  expect_clean(1);
}

}  // namespace
