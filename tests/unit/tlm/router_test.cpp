// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/tlm/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/at_initiator.h"
#include "tests/support/lt_initiator.h"
#include "tests/support/memory_target.h"
#include "tests/unit/tlm/hand.h"

namespace {

using sc_core::SC_NS;
using sc_core::sc_time;
using sim::bus::AddressMap;
using sim::bus::Router;
using test::Bytes;
using test::Initiator;
using test::ns;
using testing::HasSubstr;
using tlm::tlm_generic_payload;
using tlm::tlm_phase;

const sim::bus::PortTiming kTiming{ns(2), ns(10), ns(1)};

AddressMap two_targets() {
  AddressMap map;
  map.add("low", 0x1000, 0x100);
  map.add("high", 0x2000, 0x100);
  return map;
}

// Two memories behind a router; the script runs on both kinds of initiator.
class RouterOfEach : public testing::TestWithParam<bool> {
 protected:
  RouterOfEach() {
    router.initiator_sockets[0].bind(low.socket);
    router.initiator_sockets[1].bind(high.socket);
  }
  void run(Initiator::Script script) {
    test::AtInitiator<32> at(
        "at", GetParam() ? script : [](Initiator&) {});
    test::LtInitiator<32> lt("lt", GetParam() ? [](Initiator&) {} : script);
    at.socket.bind(router.target_sockets[0]);
    lt.socket.bind(router.target_sockets[1]);
    sc_core::sc_start(sc_time(1, sc_core::SC_US));
    EXPECT_TRUE(at.finished() && lt.finished());
    EXPECT_EQ(at.pool().leaks() + lt.pool().leaks(), "");
    EXPECT_EQ(router.in_flight(), 0U);
  }
  Router<32> router{"router", 2, two_targets()};
  test::MemoryTarget<32> low{"low", 0x100, kTiming};
  test::MemoryTarget<32> high{"high", 0x100, kTiming};
};
INSTANTIATE_TEST_SUITE_P(Styles, RouterOfEach, testing::Bool(),
                         [](const auto& test) { return test.param ? "at_4_phase" : "lt"; });

TEST_P(RouterOfEach, FindsTheTargetAndTakesNoTime) {
  run([&](Initiator& self) {
    const auto write = self.write(0x1010, {1, 2, 3, 4});
    EXPECT_EQ(write.end_resp - write.begin_req, low.port.latency(4));
    self.write(0x20fc, {5, 6, 7, 8});
    EXPECT_EQ(self.read(0x1012, 1).data, Bytes{3});
    EXPECT_EQ(self.read(0x20ff, 1).data, Bytes{8});
  });
  EXPECT_EQ(low.memory.bytes[0x10], 1);
  EXPECT_EQ(high.memory.bytes[0xfc], 5);
}

TEST_P(RouterOfEach, AddressErrors) {
  run([&](Initiator& self) {
    EXPECT_EQ(self.write(0xfff, {1}).status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(self.write(0x10fe, {1, 2, 3}).status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(self.read(~std::uint64_t{0}, 4).status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
    test::Command streaming{tlm::TLM_WRITE_COMMAND, 0x10fe, {1, 2, 3, 4}};
    streaming.streaming_width = 2;  // touches two bytes only
    EXPECT_EQ(self.transfer(streaming).status, tlm::TLM_OK_RESPONSE);
  });
  EXPECT_EQ(low.port.completed() + high.port.completed(), 1U);
}

TEST_P(RouterOfEach, Debug) {
  run([&](Initiator& self) {
    Bytes data{1, 2};
    EXPECT_EQ(self.debug(tlm::TLM_WRITE_COMMAND, 0x2004, data), 2U);
    EXPECT_EQ(high.memory.bytes[5], 2);
    EXPECT_EQ(self.debug(tlm::TLM_READ_COMMAND, 0x3000, data), 0U);
    EXPECT_EQ(self.debug(tlm::TLM_READ_COMMAND, 0x10ff, data), 0U);
  });
}

TEST(Router, RequestsOfOneInstantTakeTurnsWhateverTheOrderOfTheProcesses) {
  Router<32> router("router", 3, two_targets());
  test::MemoryTarget<32> low("low", 0x100, kTiming);
  test::MemoryTarget<32> high("high", 0x100, kTiming);
  router.initiator_sockets[0].bind(low.socket);
  router.initiator_sockets[1].bind(high.socket);
  test::AtOptions options;
  options.window = 8;
  std::vector<std::unique_ptr<test::AtInitiator<32>>> initiators;
  for (unsigned i : {2U, 0U, 1U}) {  // processes run in this order
    const auto script = [i](Initiator& self) {
      for (unsigned k = 0; k < 3; ++k) self.issue({tlm::TLM_WRITE_COMMAND, 0x1000 + i, Bytes(1)});
    };
    initiators.push_back(
        std::make_unique<test::AtInitiator<32>>(("at" + std::to_string(i)).c_str(), script, options));
    initiators.back()->socket.bind(router.target_sockets[i]);
  }
  sc_core::sc_start(sc_time(1, sc_core::SC_US));
  // Round robin beginning behind initiator 0: 1, 2, 0, 1, 2, 0, ...
  const unsigned place[] = {2, 0, 1};  // of initiators 0, 1, 2
  for (unsigned n = 0; n < 3; ++n) {
    const unsigned i = n == 0 ? 2 : n - 1;
    ASSERT_TRUE(initiators[n]->finished());
    for (unsigned k = 0; k < 3; ++k) {
      EXPECT_EQ(initiators[n]->results()[k].end_req, ns(2) * (place[i] + 3 * k + 1)) << i << " " << k;
    }
  }
}

// A request that comes in the delta cycle in which the router decides is too late for this decision,
// whichever process runs first. Initiator 1 would be served before initiator 0.
class RouterOrder : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Orders, RouterOrder, testing::Bool());

TEST_P(RouterOrder, ARequestOfTheDecidingDeltaCycleIsTooLate) {
  AddressMap map;
  map.add("low", 0, 0x100);
  Router<32> router("router", 2, map);
  test::HandTarget low("low");
  test::HandInitiator first("first");
  test::HandInitiator late("late");
  first.socket.bind(router.target_sockets[0]);
  late.socket.bind(router.target_sockets[1]);
  router.initiator_sockets[0].bind(low.socket);
  sim::bus::PayloadPool pool;
  tlm_generic_payload& a = pool.acquire(4);
  tlm_generic_payload& b = pool.acquire(4);
  b.set_address(4);
  sc_core::sc_event next;
  sc_core::sc_spawn_options method;
  method.spawn_method();
  sc_core::sc_spawn(
      [&] {
        if (sc_core::sc_delta_count() == 0) {
          next_trigger(next);
          if (GetParam()) next.notify(sc_core::SC_ZERO_TIME);
          first.send(a, tlm::BEGIN_REQ);
          if (!GetParam()) next.notify(sc_core::SC_ZERO_TIME);
        } else {
          late.send(b, tlm::BEGIN_REQ);
        }
      },
      "both", &method);
  sc_core::sc_start(ns(1));
  ASSERT_EQ(low.seen.size(), 1U);
  EXPECT_EQ(low.seen[0].first, 0U);
  for (tlm_generic_payload* p : {&a, &b}) {
    low.send(*p, tlm::BEGIN_RESP);
    sc_core::sc_start(ns(1));
    (p == &a ? first : late).send(*p, tlm::END_RESP);
    p->release();
  }
}

// One initiator, two targets played by hand.
class RouterByHand : public testing::Test {
 protected:
  RouterByHand() {
    initiator.socket.bind(router.target_sockets[0]);
    router.initiator_sockets[0].bind(low.socket);
    router.initiator_sockets[1].bind(high.socket);
    test::elaborate();
  }
  ~RouterByHand() override {
    for (tlm_generic_payload* used : payloads) used->release();
  }
  tlm_generic_payload& payload(std::uint64_t address) {
    payloads.push_back(&pool.acquire(4));
    payloads.back()->set_write();
    payloads.back()->set_address(address);
    return *payloads.back();
  }
  static void pass(double n) { sc_core::sc_start(ns(n)); }

  sim::bus::PayloadPool pool;
  std::vector<tlm_generic_payload*> payloads;
  test::HandInitiator initiator{"initiator"};
  Router<32> router{"router", 1, two_targets()};
  test::HandTarget low{"low"};
  test::HandTarget high{"high"};
};

TEST_F(RouterByHand, PassesEveryPhaseWithItsAnnotation) {
  tlm_generic_payload& p = payload(0x1010);
  EXPECT_EQ(initiator.send(p, tlm::BEGIN_REQ, ns(5)), tlm::TLM_ACCEPTED);
  pass(4);
  EXPECT_TRUE(low.seen.empty());
  pass(2);
  ASSERT_EQ(low.seen.size(), 1U);
  EXPECT_EQ(low.seen[0].first, 0x10U);
  low.send(p, tlm::END_REQ, ns(3));
  ASSERT_EQ(initiator.seen.size(), 1U);
  EXPECT_EQ(initiator.seen[0].phase, tlm::END_REQ);
  EXPECT_EQ(initiator.seen[0].at, ns(9));
  low.send(p, tlm::BEGIN_RESP, ns(10));
  EXPECT_EQ(initiator.seen.size(), 1U);
  pass(20);
  ASSERT_EQ(initiator.seen.size(), 2U);
  EXPECT_EQ(initiator.seen[1].phase, tlm::BEGIN_RESP);
  EXPECT_EQ(initiator.seen[1].at, ns(16));
  EXPECT_EQ(p.get_address(), 0x1010U);
  low.answer = [](auto&, auto&, auto&) { return tlm::TLM_COMPLETED; };
  EXPECT_EQ(initiator.send(p, tlm::END_RESP), tlm::TLM_COMPLETED);
  EXPECT_EQ(low.seen.back().second, tlm::END_RESP);
  EXPECT_EQ(router.in_flight(), 0U);
  EXPECT_EQ(p.get_ref_count(), 1);
}

TEST_F(RouterByHand, OneResponseAtATime) {
  tlm_generic_payload& a = payload(0x1000);
  tlm_generic_payload& b = payload(0x2000);
  initiator.send(a, tlm::BEGIN_REQ);
  pass(1);
  low.send(a, tlm::END_REQ);
  initiator.send(b, tlm::BEGIN_REQ);
  pass(1);
  high.send(b, tlm::END_REQ);
  low.send(a, tlm::BEGIN_RESP);
  high.send(b, tlm::BEGIN_RESP);
  pass(10);
  EXPECT_EQ(initiator.seen.size(), 3U);  // two END_REQ, one BEGIN_RESP
  initiator.send(*initiator.seen[2].payload, tlm::END_RESP, ns(4));
  pass(3);
  EXPECT_EQ(initiator.seen.size(), 3U);
  pass(2);
  ASSERT_EQ(initiator.seen.size(), 4U);
  EXPECT_EQ(initiator.seen[3].at, ns(16));
  EXPECT_NE(initiator.seen[3].payload, initiator.seen[2].payload);
  initiator.send(*initiator.seen[3].payload, tlm::END_RESP);
}

TEST_F(RouterByHand, ResponsesOfOneInstantTakeTurns) {
  tlm_generic_payload& a = payload(0x1000);
  tlm_generic_payload& b = payload(0x2000);
  tlm_generic_payload& c = payload(0x2004);
  for (tlm_generic_payload* p : {&a, &b, &c}) {
    initiator.send(*p, tlm::BEGIN_REQ);
    pass(1);
    (p == &a ? low : high).send(*p, tlm::END_REQ);
  }
  initiator.seen.clear();
  low.send(a, tlm::BEGIN_RESP, ns(2));
  high.send(b, tlm::BEGIN_RESP);
  pass(1);
  ASSERT_EQ(initiator.seen.size(), 1U);
  EXPECT_EQ(initiator.seen[0].payload, &b);
  initiator.send(b, tlm::END_RESP, ns(1));
  high.send(c, tlm::BEGIN_RESP,
            ns(1));  // target 1 again, due together with a: now it is the turn of target 0
  pass(2);
  ASSERT_EQ(initiator.seen.size(), 2U);
  EXPECT_EQ(initiator.seen[1].payload, &a);
  initiator.send(a, tlm::END_RESP);
  pass(1);
  initiator.send(c, tlm::END_RESP);
  EXPECT_EQ(router.in_flight(), 0U);
}

class RouterOrderByHand : public RouterByHand, public testing::WithParamInterface<bool> {};
INSTANTIATE_TEST_SUITE_P(Orders, RouterOrderByHand, testing::Bool());

TEST_P(RouterOrderByHand, AResponseOfTheDecidingDeltaCycleIsTooLate) {
  tlm_generic_payload& a = payload(0x1000);
  tlm_generic_payload& b = payload(0x2000);  // would be served before a
  for (tlm_generic_payload* p : {&a, &b}) {
    initiator.send(*p, tlm::BEGIN_REQ);
    pass(1);
    (p == &a ? low : high).send(*p, tlm::END_REQ);
  }
  initiator.seen.clear();
  sc_core::sc_event next;
  bool begun = false;
  sc_core::sc_spawn_options method;
  method.spawn_method();
  sc_core::sc_spawn(
      [&] {
        if (!begun) {
          begun = true;
          next_trigger(next);
          if (GetParam()) next.notify(sc_core::SC_ZERO_TIME);
          low.send(a, tlm::BEGIN_RESP);
          if (!GetParam()) next.notify(sc_core::SC_ZERO_TIME);
        } else {
          high.send(b, tlm::BEGIN_RESP);
        }
      },
      "both", &method);
  pass(1);
  ASSERT_EQ(initiator.seen.size(), 1U);
  EXPECT_EQ(initiator.seen[0].payload, &a);
  initiator.send(a, tlm::END_RESP);
  pass(1);
  initiator.send(b, tlm::END_RESP);
}

TEST_F(RouterByHand, CompletedByTheTargetNeedsNoEndResp) {
  tlm_generic_payload& p = payload(0x1000);
  low.answer = [](tlm_generic_payload& q, tlm_phase&, sc_time& delay) {
    q.set_response_status(tlm::TLM_OK_RESPONSE);
    delay += ns(6);
    return tlm::TLM_COMPLETED;
  };
  initiator.send(p, tlm::BEGIN_REQ);
  pass(10);
  ASSERT_EQ(initiator.seen.size(), 1U);
  EXPECT_EQ(initiator.seen[0].phase, tlm::BEGIN_RESP);
  EXPECT_EQ(initiator.seen[0].at, ns(6));
  initiator.send(p, tlm::END_RESP);
  EXPECT_EQ(low.seen.size(), 1U);
  EXPECT_EQ(router.in_flight(), 0U);
}

TEST_F(RouterByHand, TheInitiatorsShortAnswersBecomeEndResp) {
  for (const tlm::tlm_sync_enum answer : {tlm::TLM_UPDATED, tlm::TLM_COMPLETED}) {
    tlm_generic_payload& p = payload(0x1000);
    initiator.answer = [&](tlm_generic_payload&, tlm_phase& phase, sc_time&) {
      if (phase == tlm::END_REQ) return tlm::TLM_ACCEPTED;
      if (answer == tlm::TLM_UPDATED) phase = tlm::END_RESP;
      return answer;
    };
    initiator.send(p, tlm::BEGIN_REQ);
    pass(1);
    low.send(p, tlm::BEGIN_RESP);
    pass(1);
    EXPECT_EQ(low.seen.back().second, tlm::END_RESP);
    EXPECT_EQ(router.in_flight(), 0U);
  }
}

TEST_F(RouterByHand, DmiRangesAreTranslatedAndCut) {
  unsigned char bytes[0x200];
  high.direct = [&](tlm_generic_payload& p, tlm::tlm_dmi& dmi) {
    EXPECT_EQ(p.get_address(), 0x10U);
    dmi.allow_read_write();
    dmi.set_dmi_ptr(bytes);
    dmi.set_start_address(0);
    dmi.set_end_address(0x1ff);  // more than the window shows
    return true;
  };
  tlm::tlm_dmi dmi;
  tlm_generic_payload& p = payload(0x2010);
  EXPECT_TRUE(initiator.socket->get_direct_mem_ptr(p, dmi));
  EXPECT_EQ(p.get_address(), 0x2010U);
  EXPECT_EQ(dmi.get_start_address(), 0x2000U);
  EXPECT_EQ(dmi.get_end_address(), 0x20ffU);
  EXPECT_EQ(dmi.get_dmi_ptr(), bytes);
  dmi.init();
  EXPECT_FALSE(initiator.socket->get_direct_mem_ptr(payload(0x5), dmi));
  EXPECT_TRUE(dmi.is_none_allowed());
  high.socket->invalidate_direct_mem_ptr(0x20, 0x1ff);
  high.socket->invalidate_direct_mem_ptr(0x100, 0x1ff);  // not in the window
  EXPECT_THAT(initiator.invalidated, testing::ElementsAre(std::pair(0x2020U, 0x20ffU)));
}

TEST_F(RouterByHand, BrokenPartnersAreNamed) {
  const auto message = [](const std::function<void()>& action) {
    try {
      action();
    } catch (const sc_core::sc_report& report) {
      return std::string(report.get_msg());
    }
    return std::string("no report");
  };
  tlm_generic_payload& a = payload(0x1000);
  tlm_generic_payload& b = payload(0x1004);
  initiator.send(a, tlm::BEGIN_REQ);
  EXPECT_THAT(message([&] { initiator.send(b, tlm::BEGIN_REQ); }),
              HasSubstr("router: write of 4 bytes at 0x1004"));
  EXPECT_THAT(message([&] { initiator.send(a, tlm::END_RESP); }), HasSubstr("END_RESP without BEGIN_RESP"));
  EXPECT_THAT(message([&] { initiator.send(a, tlm::END_REQ); }), HasSubstr("END_REQ on the forward path"));
  pass(1);
  EXPECT_THAT(message([&] { high.send(a, tlm::END_REQ); }), HasSubstr("END_REQ from target 1"));
  EXPECT_THAT(message([&] { low.send(b, tlm::BEGIN_RESP); }), HasSubstr("BEGIN_RESP from target 0"));
  low.send(a, tlm::BEGIN_RESP);
  pass(1);
  initiator.send(a, tlm::END_RESP);
}

}  // namespace
