// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Every rule of the link protocol: traffic that keeps it passes, traffic that breaks it is caught by name.
#include "models/ring/link_checker.h"

#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/tlm/payload_pool.h"

namespace ring {
namespace {

class LinkRulesTest : public ::testing::Test {
 protected:
  tlm::tlm_generic_payload& train(std::uint32_t sequence, std::uint8_t vc = 0) {
    tlm::tlm_generic_payload& p = pool_.acquire(0);
    LinkHeader& h = link_header(p);
    h = LinkHeader();
    h.message = 40 + sequence;
    h.to = 1;
    h.bytes = 512;
    h.vc = vc;
    h.sequence = sequence;
    return p;
  }
  void send(tlm::tlm_generic_payload& p, tlm::tlm_sync_enum status = tlm::TLM_ACCEPTED) {
    rules_.forward(p, kTrain, sc_core::SC_ZERO_TIME);
    rules_.answered(p, status);
  }
  void back(tlm::tlm_generic_payload& p, const tlm::tlm_phase& phase) {
    rules_.backward(p, phase, sc_core::SC_ZERO_TIME);
    rules_.answered_backward(p, tlm::TLM_ACCEPTED);
  }
  // Exactly these rules were broken.
  void expect(const std::vector<LinkRule>& rules) {
    std::vector<std::string> got, want;
    for (const LinkViolation& v : rules_.violations()) got.emplace_back(name_of(v.rule));
    for (const LinkRule r : rules) want.emplace_back(name_of(r));
    EXPECT_EQ(got, want);
  }

  sim::bus::PayloadPool pool_;
  LinkRules rules_{"hop", 2};
};

TEST_F(LinkRulesTest, AGoodConversationPasses) {
  auto& a = train(0);
  auto& b = train(1);
  auto& c = train(0, 1);
  send(a);
  send(b);
  back(a, kCredit);
  send(c);
  back(b, kCredit);
  back(b, kAck);
  back(a, kNak);
  ++link_header(a).retry;
  send(a);
  back(a, kCredit);
  back(a, kAck);
  back(c, kCredit);
  back(c, kAck);
  send(train(2), tlm::TLM_COMPLETED);
  expect({});
  EXPECT_EQ(rules_.trains(), 5U);
  EXPECT_EQ(rules_.under_way(), 0U);
}

TEST_F(LinkRulesTest, MoreTrainsThanCredits) {
  for (std::uint32_t i = 0; i < 3; ++i) send(train(i));
  expect({LinkRule::credit});
  EXPECT_EQ(rules_.violations()[0].text,
            "hop: rule 'credit': train 2 of message 42, vc 0 at 0 s: sent without a credit; the hop has 2");
}

TEST_F(LinkRulesTest, TwoCreditsForOneTrain) {
  auto& a = train(0);
  send(a);
  back(a, kCredit);
  back(a, kCredit);
  expect({LinkRule::credit});
}

TEST_F(LinkRulesTest, AGapInTheNumbers) {
  send(train(0));
  send(train(2));
  expect({LinkRule::sequence});
}

TEST_F(LinkRulesTest, AnotherTrainBeforeTheRefusedOne) {
  auto& a = train(0);
  send(a);
  back(a, kCredit);
  back(a, kNak);
  send(train(1));
  expect({LinkRule::retry});
}

TEST_F(LinkRulesTest, SentAgainUnasked) {
  auto& a = train(0);
  send(a);
  back(a, kCredit);
  send(a);
  expect({LinkRule::retry, LinkRule::retry});  // nobody refused it, and it does not count
}

TEST_F(LinkRulesTest, AcknowledgedBeforeItIsOut) {
  auto& a = train(0);
  send(a);
  back(a, kAck);
  expect({LinkRule::acknowledge});
}

TEST_F(LinkRulesTest, AcknowledgedThoughRefused) {
  auto& a = train(0);
  send(a);
  back(a, kCredit);
  back(a, kNak);
  back(a, kAck);
  expect({LinkRule::acknowledge});
}

TEST_F(LinkRulesTest, AnAnswerToNothing) {
  auto& a = train(0);
  back(a, kAck);
  expect({LinkRule::acknowledge});
}

TEST_F(LinkRulesTest, ADamagedTrainIsNotAcknowledged) {
  auto& a = train(0);
  link_header(a).damaged = true;
  send(a, tlm::TLM_COMPLETED);
  expect({LinkRule::damaged});
}

TEST_F(LinkRulesTest, AHeaderThatChanges) {
  auto& a = train(0);
  send(a);
  link_header(a).bytes = 1;
  back(a, kCredit);
  expect({LinkRule::modified});
}

TEST_F(LinkRulesTest, PhasesTheWrongWay) {
  auto& a = train(0);
  rules_.forward(a, kCredit, sc_core::SC_ZERO_TIME);
  send(a);
  back(a, kTrain);
  expect({LinkRule::direction, LinkRule::direction});
}

TEST_F(LinkRulesTest, AnnotatedTimeAndOddAnswers) {
  auto& a = train(0);
  rules_.forward(a, kTrain, sc_core::sc_time(1, sc_core::SC_NS));
  rules_.answered(a, tlm::TLM_UPDATED);
  rules_.backward(a, kCredit, sc_core::SC_ZERO_TIME);
  rules_.answered_backward(a, tlm::TLM_COMPLETED);
  expect({LinkRule::delay, LinkRule::answer, LinkRule::answer});
}

TEST_F(LinkRulesTest, AnEmptyTrain) {
  auto& a = train(0);
  link_header(a).bytes = 0;
  send(a);
  tlm::tlm_generic_payload bare;
  rules_.forward(bare, kTrain, sc_core::SC_ZERO_TIME);
  expect({LinkRule::header, LinkRule::header});
}

}  // namespace
}  // namespace ring
