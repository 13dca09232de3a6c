// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/tlm/protocol_checker.h"
#include "tests/unit/tlm/hand.h"

namespace test {

// A checker between two ends played by hand.
class Checker : public testing::Test {
 protected:
  Checker() {
    initiator.socket.bind(checker.target_socket);
    checker.initiator_socket.bind(target.socket);
    test::elaborate();
  }
  ~Checker() override {
    for (tlm::tlm_generic_payload* used : payloads) used->release();
  }

  tlm::tlm_generic_payload& payload(unsigned bytes = 4) {
    payloads.push_back(&pool.acquire(bytes));
    payloads.back()->set_write();
    return *payloads.back();
  }
  tlm::tlm_sync_enum respond(tlm::tlm_generic_payload& p, sc_core::sc_time delay = {}) {
    p.set_response_status(tlm::TLM_OK_RESPONSE);
    return target.send(p, tlm::BEGIN_RESP, delay);
  }
  void complete(tlm::tlm_generic_payload& p) {
    initiator.send(p, tlm::BEGIN_REQ);
    target.send(p, tlm::END_REQ);
    respond(p);
    initiator.send(p, tlm::END_RESP);
  }
  void blocking(tlm::tlm_generic_payload& p) {
    sc_core::sc_spawn([&] {
      sc_core::sc_time delay;
      initiator.socket->b_transport(p, delay);
    });
    sc_core::sc_start(sc_core::sc_time(100, sc_core::SC_NS));
  }
  void expect_only(sim::bus::Rule rule, const std::string& part = "") {
    ASSERT_EQ(checker.violations().size(), 1U) << all();
    EXPECT_EQ(checker.violations()[0].rule, rule) << all();
    EXPECT_EQ(checker.rules().count(rule), 1U);
    EXPECT_THAT(checker.violations()[0].text,
                testing::HasSubstr(std::string("1666-2011, ") + sim::bus::clause_of(rule)));
    EXPECT_THAT(checker.violations()[0].text, testing::HasSubstr(part));
  }
  void expect_clean(unsigned transactions) {
    EXPECT_EQ(all(), "");
    EXPECT_EQ(checker.rules().transactions(), transactions);
    EXPECT_EQ(checker.rules().unfinished(), "");
  }
  std::string all() const {
    std::string text;
    for (const auto& violation : checker.violations()) text += violation.text + "\n";
    return text;
  }

  sim::bus::PayloadPool pool;
  std::vector<tlm::tlm_generic_payload*> payloads;
  test::HandInitiator initiator{"initiator"};
  sim::bus::ProtocolChecker<32> checker{"checker", sim::bus::OnViolation::collect};
  test::HandTarget target{"target"};
};

}  // namespace test
