// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

// What TargetPort does about partners that break the protocol, and about phases it does not know.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/tlm/target_port.h"
#include "tests/support/lt_initiator.h"
#include "tests/support/memory_target.h"
#include "tests/unit/tlm/hand.h"

namespace {

using sc_core::SC_NS;
using sc_core::sc_time;
using test::Initiator;
using test::LtInitiator;
using test::MemoryTarget;
using testing::HasSubstr;

TEST(TargetPort, BrokenInitiatorsAreNamed) {
  MemoryTarget<32> target("target", 64);
  test::HandInitiator initiator("hand");
  initiator.socket.bind(target.socket);
  test::elaborate();
  sim::bus::PayloadPool pool;
  tlm::tlm_generic_payload& a = pool.acquire(4);
  tlm::tlm_generic_payload& b = pool.acquire(4);
  tlm::tlm_generic_payload unmanaged;
  const auto broken = [&](tlm::tlm_generic_payload& payload, tlm::tlm_phase phase) {
    try {
      initiator.send(payload, phase);
    } catch (const sc_core::sc_report& report) {
      return std::string(report.get_msg());
    }
    return std::string("no report");
  };
  EXPECT_THAT(broken(unmanaged, tlm::BEGIN_REQ), HasSubstr("memory manager"));
  EXPECT_THAT(broken(a, tlm::END_RESP), HasSubstr("END_RESP without BEGIN_RESP"));
  EXPECT_THAT(broken(a, tlm::END_REQ), HasSubstr("END_REQ on the forward path"));
  EXPECT_EQ(broken(a, tlm::BEGIN_REQ), "no report");
  const std::string text = broken(b, tlm::BEGIN_REQ);
  EXPECT_THAT(text, HasSubstr("target: ignore of 4 bytes at 0x0, id 2: BEGIN_REQ before END_REQ"));
  initiator.answer = [](auto&, auto&, auto&) { return tlm::TLM_COMPLETED; };
  EXPECT_THROW(sc_core::sc_start(sc_time(1, SC_NS)), sc_core::sc_report);  // answers END_REQ so
  a.release();
  a.release();  // the port's, which a broken run leaves
  b.release();
}

TLM_DECLARE_EXTENDED_PHASE(ODD_PHASE);

TEST(TargetPort, IgnorablePhasesAreIgnored) {
  MemoryTarget<32> target("target", 64);
  test::HandInitiator initiator("hand");
  initiator.socket.bind(target.socket);
  test::elaborate();
  sim::bus::PayloadPool pool;
  tlm::tlm_generic_payload& payload = pool.acquire(4);
  payload.set_read();
  initiator.send(payload, tlm::BEGIN_REQ);
  EXPECT_EQ(initiator.send(payload, ODD_PHASE), tlm::TLM_ACCEPTED);
  sc_core::sc_start(sc_time(1, SC_NS));
  EXPECT_EQ(initiator.seen.size(), 2U);
  initiator.send(payload, tlm::END_RESP);
  payload.release();
}

TEST(TargetPort, ADeviceThatRefusesNeedsARetryEvent) {
  struct Mute final : sim::bus::Device {
    Reply access(tlm::tlm_generic_payload&) override { return {tlm::TLM_INCOMPLETE_RESPONSE, true}; }
    unsigned debug(tlm::tlm_generic_payload&) override { return 0; }
  } device;
  sim::bus::TargetPort<32> port("port", device);
  LtInitiator<32> initiator("lt", [](Initiator& self) { self.write(0, {1}); });
  initiator.socket.bind(port.socket);
  try {
    sc_core::sc_start(sc_time(1, SC_NS));
    ADD_FAILURE() << "nothing was reported";
  } catch (const sc_core::sc_report& report) {
    EXPECT_THAT(report.get_msg(), HasSubstr("port: the device asked for a retry but has no retry_event()"));
  }
}

}  // namespace
