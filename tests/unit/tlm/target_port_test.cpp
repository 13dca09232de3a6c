// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/tlm/target_port.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/at_initiator.h"
#include "tests/support/lt_initiator.h"
#include "tests/support/memory_target.h"
#include "tests/unit/tlm/hand.h"

namespace {

using sc_core::SC_NS;
using sc_core::SC_PS;
using sc_core::sc_time;
using test::Answer;
using test::AtInitiator;
using test::Bytes;
using test::Command;
using test::Initiator;
using test::LtInitiator;
using test::MemoryTarget;
using test::Result;

sc_time ps(double n) { return sc_time(n, SC_PS); }

// Prime numbers, so that a sum cannot be right by accident.
const sim::bus::PortTiming kPortTiming{ps(1009), ps(7001), ps(503)};

// The same scripts run on both kinds of initiator.
class EachInitiator : public testing::TestWithParam<bool> {
 protected:
  void run(Initiator::Script script) {
    if (GetParam()) {
      AtInitiator<32> initiator("at", std::move(script));
      initiator.socket.bind(target.socket);
      finish(initiator);
    } else {
      LtInitiator<32> initiator("lt", std::move(script));
      initiator.socket.bind(target.socket);
      finish(initiator);
    }
  }
  void finish(Initiator& initiator) {
    sc_core::sc_start(sc_time(1, sc_core::SC_MS));
    EXPECT_TRUE(initiator.finished());
    EXPECT_EQ(initiator.pool().leaks(), "");
    EXPECT_EQ(target.port.in_flight(), 0U);
  }
  MemoryTarget<32> target{"target", 64, kPortTiming};
};
INSTANTIATE_TEST_SUITE_P(Styles, EachInitiator, testing::Bool(),
                         [](const auto& test) { return test.param ? "at_4_phase" : "lt"; });

TEST_P(EachInitiator, WritesAndReadsWithTheSameLatency) {
  run([&](Initiator& self) {
    self.wait(ps(10007));
    const Result write = self.write(8, {1, 2, 3, 4, 5, 6, 7, 8, 9});  // 9 bytes: 3 beats
    EXPECT_EQ(write.status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(write.end_resp - write.begin_req, ps(1009 + 7001 + 3 * 503));
    const Result read = self.read(10, 2);
    EXPECT_EQ(read.data, (Bytes{3, 4}));
    EXPECT_EQ(read.end_resp - read.begin_req, ps(1009 + 7001 + 503));
    EXPECT_EQ(target.memory.accesses, (std::vector<sc_time>{write.begin_req, read.begin_req}));
  });
  EXPECT_EQ(target.port.completed(), 2U);
}

TEST_P(EachInitiator, ByteEnables) {
  run([&](Initiator& self) {
    target.memory.bytes = Bytes(64, 9);
    Command command{tlm::TLM_WRITE_COMMAND, 4, {1, 2, 3, 4, 5}, {0xff, 0}};
    EXPECT_EQ(self.transfer(command).status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(self.read(3, 7).data, (Bytes{9, 1, 9, 3, 9, 5, 9}));
    target.memory.can_enable = false;
    EXPECT_EQ(self.transfer(command).status, tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
  });
}

TEST_P(EachInitiator, StreamingWidth) {
  run([&](Initiator& self) {
    Command command{tlm::TLM_WRITE_COMMAND, 4, {1, 2, 3, 4, 5}};
    command.streaming_width = 2;
    EXPECT_EQ(self.transfer(command).status, tlm::TLM_OK_RESPONSE);
    EXPECT_EQ(self.read(4, 3).data, (Bytes{5, 4, 0}));
    target.memory.can_stream = false;
    EXPECT_EQ(self.transfer(command).status, tlm::TLM_BURST_ERROR_RESPONSE);
    command.streaming_width = 6;  // wider than the data: no streaming at all
    EXPECT_EQ(self.transfer(command).status, tlm::TLM_OK_RESPONSE);
  });
}

TEST_P(EachInitiator, ErrorsLeaveTheMemoryAlone) {
  run([&](Initiator& self) {
    EXPECT_EQ(self.write(64, {1}).status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(self.write(62, {1, 2, 3, 4}).status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(self.transfer({tlm::TLM_WRITE_COMMAND, 0, {}}).status, tlm::TLM_BURST_ERROR_RESPONSE);
    const auto odd = static_cast<tlm::tlm_command>(3);
    EXPECT_EQ(self.transfer({odd, 0, {1}}).status, tlm::TLM_COMMAND_ERROR_RESPONSE);
    EXPECT_EQ(self.transfer({tlm::TLM_IGNORE_COMMAND, 999, {1}}).status, tlm::TLM_OK_RESPONSE);
  });
  EXPECT_EQ(target.memory.bytes, Bytes(64));
  EXPECT_TRUE(target.memory.accesses.empty());
}

TEST_P(EachInitiator, DebugTakesNoTimeAndSeesTheSameMemory) {
  run([&](Initiator& self) {
    Bytes data{4, 5, 6};
    EXPECT_EQ(self.debug(tlm::TLM_WRITE_COMMAND, 62, data), 2U);
    EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
    EXPECT_EQ(self.read(62, 2).data, (Bytes{4, 5}));
    EXPECT_EQ(self.debug(tlm::TLM_READ_COMMAND, 61, data), 3U);
    EXPECT_EQ(data, (Bytes{0, 4, 5}));
    EXPECT_EQ(self.debug(tlm::TLM_READ_COMMAND, 64, data), 0U);
    EXPECT_EQ(self.debug(tlm::TLM_IGNORE_COMMAND, 0, data), 0U);
    Bytes none;
    EXPECT_EQ(self.debug(tlm::TLM_READ_COMMAND, 0, none), 0U);
  });
}

TEST_P(EachInitiator, ABusyDeviceHoldsTheRequest) {
  sc_core::sc_spawn([&] {
    target.memory.held = true;
    wait(ps(20000));
    target.memory.release();
  });
  run([&](Initiator& self) {
    self.wait(ps(5000));
    const Result result = self.write(0, {1});
    EXPECT_EQ(result.status, tlm::TLM_OK_RESPONSE);
    if (GetParam()) {
      EXPECT_EQ(result.end_req, ps(20000 + 1009));
    }
    EXPECT_EQ(result.end_resp, ps(20000 + 1009 + 7001 + 503));
  });
  EXPECT_EQ(target.memory.accesses, std::vector<sc_time>{ps(20000)});
  EXPECT_EQ(target.port.refusals(), 1U);
}

TEST_P(EachInitiator, NoDmi) {
  run([](Initiator&) {});
  tlm::tlm_generic_payload payload;
  tlm::tlm_dmi dmi;
  EXPECT_FALSE(target.port.get_direct_mem_ptr(payload, dmi));
  EXPECT_TRUE(dmi.is_none_allowed());
}

TEST(TargetPort, FourPhasesAtTheirExactTimes) {
  MemoryTarget<64> target("target", 64, kPortTiming);
  AtInitiator<64> initiator("at", [](Initiator& self) {
    self.wait(ps(333));
    const Result r = self.write(0, Bytes(17));  // 64 bit: 3 beats
    EXPECT_EQ(r.begin_req, ps(333));
    EXPECT_EQ(r.end_req, ps(333 + 1009));
    EXPECT_EQ(r.begin_resp, ps(333 + 1009 + 7001 + 3 * 503));
  });
  initiator.socket.bind(target.socket);
  sc_core::sc_start(sc_time(1, sc_core::SC_US));
  EXPECT_TRUE(initiator.finished());
  EXPECT_EQ(target.port.latency(17), ps(1009 + 7001 + 3 * 503));
}

TEST(TargetPort, ZeroLatencyStillSendsEveryPhase) {
  MemoryTarget<32> target("target", 64);
  test::HandInitiator initiator("hand");
  initiator.socket.bind(target.socket);
  test::elaborate();
  sim::bus::PayloadPool pool;
  tlm::tlm_generic_payload& payload = pool.acquire(4);
  payload.set_read();
  EXPECT_EQ(initiator.send(payload, tlm::BEGIN_REQ), tlm::TLM_ACCEPTED);
  EXPECT_TRUE(initiator.seen.empty());
  sc_core::sc_start(sc_time(1, SC_NS));
  ASSERT_EQ(initiator.seen.size(), 2U);
  EXPECT_EQ(initiator.seen[0].phase, tlm::END_REQ);
  EXPECT_EQ(initiator.seen[1].phase, tlm::BEGIN_RESP);
  EXPECT_EQ(initiator.seen[1].at, sc_core::SC_ZERO_TIME);
  EXPECT_EQ(payload.get_ref_count(), 2);  // the port holds it
  EXPECT_EQ(initiator.send(payload, tlm::END_RESP), tlm::TLM_COMPLETED);
  EXPECT_EQ(payload.get_ref_count(), 1);
  payload.release();
}

TEST(TargetPort, RequestsArePipelinedAndResponsesKeepTheirOrder) {
  MemoryTarget<32> target("target", 64, kPortTiming);
  test::AtOptions options;
  options.window = 16;
  AtInitiator<32> initiator(
      "at",
      [](Initiator& self) {
        // The first response is due last: 8 beats against 1.
        self.issue({tlm::TLM_WRITE_COMMAND, 0, Bytes(32)});
        for (int i = 0; i < 7; ++i) self.issue({tlm::TLM_WRITE_COMMAND, 0, Bytes(4)});
      },
      options);
  initiator.socket.bind(target.socket);
  sc_core::sc_start(sc_time(1, sc_core::SC_US));
  ASSERT_TRUE(initiator.finished());
  ASSERT_EQ(initiator.results().size(), 8U);
  sc_time response;
  for (unsigned k = 0; k < 8; ++k) {
    const Result& r = initiator.results()[k];
    EXPECT_EQ(r.begin_req, ps(1009.0 * k));
    EXPECT_EQ(r.end_req, ps(1009.0 * (k + 1)));
    const sc_time due = r.begin_req + target.port.latency(k == 0 ? 32 : 4);
    response = std::max(response, due);
    EXPECT_EQ(r.begin_resp, response) << k;
  }
  EXPECT_EQ(target.port.in_flight(), 0U);
}

// The three answers to BEGIN_RESP, each with a delay: the next response waits for it, to the picosecond.
class EachAnswer : public testing::TestWithParam<Answer> {};
INSTANTIATE_TEST_SUITE_P(Answers, EachAnswer,
                         testing::Values(Answer::end_resp_later, Answer::updated, Answer::completed));

TEST_P(EachAnswer, ResponseExclusion) {
  MemoryTarget<32> target("target", 64, kPortTiming);
  test::HandInitiator initiator("hand");
  initiator.socket.bind(target.socket);
  sim::bus::PayloadPool pool;
  sc_core::sc_event end_resp;
  tlm::tlm_generic_payload* owing = nullptr;
  const sc_time stall = ps(50021);
  initiator.answer = [&](tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, sc_time& delay) {
    if (phase == tlm::END_REQ) return tlm::TLM_ACCEPTED;
    if (GetParam() == Answer::end_resp_later) {
      owing = &payload;
      end_resp.notify(stall);
      return tlm::TLM_ACCEPTED;
    }
    delay += stall;
    if (GetParam() == Answer::completed) return tlm::TLM_COMPLETED;
    phase = tlm::END_RESP;
    return tlm::TLM_UPDATED;
  };
  sc_core::sc_spawn([&] {
    for (;;) {
      wait(end_resp);
      EXPECT_EQ(initiator.send(*owing, tlm::END_RESP), tlm::TLM_COMPLETED);
    }
  });
  std::vector<tlm::tlm_generic_payload*> payloads;
  sc_core::sc_spawn([&] {
    for (int i = 0; i < 4; ++i) {
      if (i == 3) wait(ps(30000));  // a request wakes the port while the response channel is taken
      payloads.push_back(&pool.acquire(4));
      payloads.back()->set_read();
      initiator.send(*payloads.back(), tlm::BEGIN_REQ);
      wait(kPortTiming.accept + ps(1));
    }
  });
  sc_core::sc_start(sc_time(1, sc_core::SC_US));
  std::vector<sc_time> responses;
  for (const auto& seen : initiator.seen) {
    if (seen.phase == tlm::BEGIN_RESP) responses.push_back(seen.at);
  }
  const sc_time first = target.port.latency(4);
  EXPECT_EQ(responses, (std::vector<sc_time>{first, first + stall, first + stall + stall,
                                             first + stall + stall + stall}));
  for (auto* payload : payloads) {
    EXPECT_EQ(payload->get_ref_count(), 1);
    payload->release();
  }
}

TEST(TargetPort, AnAnnotatedRequestArrivesWhenItSays) {
  MemoryTarget<32> target("target", 64, kPortTiming);
  test::HandInitiator initiator("hand");
  initiator.socket.bind(target.socket);
  test::elaborate();
  sim::bus::PayloadPool pool;
  tlm::tlm_generic_payload& payload = pool.acquire(4);
  payload.set_write();
  initiator.send(payload, tlm::BEGIN_REQ, ps(4001));
  sc_core::sc_start(sc_time(1, sc_core::SC_US));
  ASSERT_EQ(initiator.seen.size(), 2U);
  EXPECT_EQ(target.memory.accesses, std::vector<sc_time>{ps(4001)});
  EXPECT_EQ(initiator.seen[0].at, ps(4001 + 1009));
  EXPECT_EQ(initiator.seen[1].at, ps(4001) + target.port.latency(4));
  initiator.send(payload, tlm::END_RESP);
  payload.release();
}

TEST(TargetPort, ATemporallyDecoupledCallerIsSynchronised) {
  MemoryTarget<32> target("target", 64, kPortTiming);
  LtInitiator<32> initiator("lt", [&](Initiator& self) {
    const Result r = self.write(0, {1});
    EXPECT_EQ(r.end_resp, ps(4001) + target.port.latency(1));
  });
  initiator.annotate = ps(4001);
  initiator.socket.bind(target.socket);
  sc_core::sc_start(sc_time(1, sc_core::SC_US));
  EXPECT_EQ(target.memory.accesses, std::vector<sc_time>{ps(4001)});
}

TEST(TargetPort, BlockedCallersTakeTurns) {
  MemoryTarget<32> target("target", 64, kPortTiming);
  test::HandInitiator initiator("hand");
  initiator.socket.bind(target.socket);
  target.memory.held = true;
  std::vector<int> order;
  for (int caller = 0; caller < 4; ++caller) {
    sc_core::sc_spawn([&, caller] {
      wait(ps(100 * (4 - caller)));  // arrive in the reverse order of their processes
      unsigned char byte = static_cast<unsigned char>(caller);
      tlm::tlm_generic_payload payload;
      payload.set_write();
      payload.set_data_ptr(&byte);
      payload.set_data_length(1);
      payload.set_streaming_width(1);
      sc_time delay;
      initiator.socket->b_transport(payload, delay);
      order.push_back(caller);
    });
  }
  sc_core::sc_start(ps(5000));
  EXPECT_TRUE(order.empty());
  EXPECT_EQ(target.port.in_flight(), 4U);
  target.memory.release();
  sc_core::sc_start(ps(5000));
  EXPECT_EQ(order, (std::vector<int>{3, 2, 1, 0}));
}

TEST(TargetPort, BlockingAndNonBlockingCallsMayMix) {
  MemoryTarget<32> target("target", 64, kPortTiming);
  test::HandInitiator initiator("hand");
  initiator.socket.bind(target.socket);
  sim::bus::PayloadPool pool;
  tlm::tlm_generic_payload& first = pool.acquire(4);
  first.set_write();
  std::fill_n(first.get_data_ptr(), 4, 5);
  sc_core::sc_spawn([&] {
    initiator.send(first, tlm::BEGIN_REQ);
    wait(ps(10));
    Bytes data(4);
    tlm::tlm_generic_payload second;  // b_transport does not wait for the request in progress
    second.set_read();
    second.set_data_ptr(data.data());
    second.set_data_length(4);
    second.set_streaming_width(4);
    sc_time delay;
    initiator.socket->b_transport(second, delay);
    EXPECT_EQ(delay, target.port.latency(4));
    EXPECT_EQ(data, Bytes(4, 5));
  });
  sc_core::sc_start(sc_time(1, sc_core::SC_US));
  initiator.send(first, tlm::END_RESP);
  first.release();
  EXPECT_EQ(target.port.completed(), 2U);
}

}  // namespace
