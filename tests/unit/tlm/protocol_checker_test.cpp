// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

// One test for each rule of how a transaction starts and of debug and DMI, with an initiator or a target that
// breaks this rule and no other; and how violations are reported.
#include "sim/tlm/protocol_checker.h"

#include "tests/support/context.h"
#include "tests/unit/tlm/checker_fixture.h"

namespace {

using sc_core::SC_NS;
using sc_core::sc_time;
using sim::bus::Rule;
using test::Checker;
using test::ns;
using tlm::BEGIN_REQ;
using tlm::END_REQ;
using tlm::tlm_generic_payload;

// ---- how a transaction starts

TEST_F(Checker, MemoryManager) {
  tlm_generic_payload p;
  p.set_streaming_width(1);
  initiator.send(p, BEGIN_REQ);
  expect_only(Rule::memory_manager);
}

TEST_F(Checker, ReferenceCount) {
  tlm_generic_payload p(&pool);
  p.set_streaming_width(1);
  initiator.send(p, BEGIN_REQ);
  expect_only(Rule::reference_count);
}

TEST_F(Checker, ReferenceCountOfBlockingCalls) {
  tlm_generic_payload p(&pool);
  p.set_streaming_width(1);
  blocking(p);
  expect_only(Rule::reference_count);
}

TEST_F(Checker, DataPointer) {
  tlm_generic_payload& p = payload();
  p.set_data_ptr(nullptr);
  complete(p);
  expect_only(Rule::data_pointer);
}

TEST_F(Checker, DataLength) {
  tlm_generic_payload& p = payload();
  p.set_data_length(0);
  complete(p);
  expect_only(Rule::data_length);
}

TEST_F(Checker, IgnoreCommandNeedsNoData) {
  tlm_generic_payload& p = payload(0);
  p.set_command(tlm::TLM_IGNORE_COMMAND);
  complete(p);
  expect_clean(1);
}

TEST_F(Checker, ByteEnableLength) {
  unsigned char enable = 0xff;
  tlm_generic_payload& p = payload();
  p.set_byte_enable_ptr(&enable);
  complete(p);
  expect_only(Rule::byte_enable_length);
}

TEST_F(Checker, ByteEnableValue) {
  unsigned char enables[] = {0, 0xff, 1, 2};
  tlm_generic_payload& p = payload();
  p.set_byte_enable_ptr(enables);
  p.set_byte_enable_length(4);
  complete(p);
  expect_only(Rule::byte_enable_value, "byte enable 2 is 1");
}

TEST_F(Checker, StreamingWidth) {
  tlm_generic_payload& p = payload();
  p.set_streaming_width(0);
  complete(p);
  expect_only(Rule::streaming_width);
}

TEST_F(Checker, DmiHint) {
  tlm_generic_payload& p = payload();
  p.set_dmi_allowed(true);
  complete(p);
  expect_only(Rule::dmi_hint);
}

TEST_F(Checker, ResponseInitial) {
  tlm_generic_payload& p = payload();
  p.set_response_status(tlm::TLM_OK_RESPONSE);
  complete(p);
  expect_only(Rule::response_initial, "TLM_OK_RESPONSE");
}

TEST_F(Checker, Option) {
  tlm_generic_payload& p = payload();
  p.set_gp_option(tlm::TLM_FULL_PAYLOAD);
  complete(p);
  expect_only(Rule::option);
}

// ---- debug and DMI

TEST_F(Checker, DebugPointer) {
  tlm_generic_payload p;
  p.set_data_length(4);
  initiator.socket->transport_dbg(p);
  expect_only(Rule::debug_pointer);
}

TEST_F(Checker, DebugCount) {
  target.debug_count = 5;
  EXPECT_EQ(initiator.socket->transport_dbg(payload()), 5U);
  expect_only(Rule::debug_count);
}

TEST_F(Checker, DmiDescriptor) {
  tlm::tlm_dmi dmi;
  initiator.socket->get_direct_mem_ptr(payload(), dmi);
  EXPECT_EQ(all(), "");
  dmi.set_start_address(4);
  initiator.socket->get_direct_mem_ptr(payload(), dmi);
  expect_only(Rule::dmi_descriptor);
}

TEST_F(Checker, InvalidationPassesBack) {
  target.socket->invalidate_direct_mem_ptr(1, 2);
  EXPECT_EQ(initiator.invalidated.size(), 1U);
}

// ---- reporting

TEST(CheckerReport, ThrowsAndSaysWhoWhatAndWhere) {
  test::HandInitiator initiator("initiator");
  test::HandTarget target("target");
  sim::bus::ProtocolChecker<32> checker("bus_checker");
  initiator.socket.bind(checker.target_socket);
  checker.initiator_socket.bind(target.socket);
  sc_core::sc_start(ns(3));
  sim::bus::PayloadPool pool;
  sim::bus::PayloadGuard p(pool.acquire(8));
  p->set_read();
  p->set_address(0x40);
  p->set_dmi_allowed(true);
  try {
    initiator.send(*p, BEGIN_REQ);
    ADD_FAILURE() << "nothing was reported";
  } catch (const sc_core::sc_report& report) {
    EXPECT_STREQ(report.get_msg_type(), "/sim/bus/protocol");
    EXPECT_STREQ(report.get_msg(),
                 "bus_checker: dmi_hint (IEEE 1666-2011, 14.16): starts with the DMI hint set; clear it "
                 "[read of 8 bytes at 0x40, id 1, at 3 ns]");
  }
}

TEST(CheckerReport, WarnsOfUnfinishedTransactionsAtTheEnd) {
  test::HandInitiator initiator("initiator");
  test::HandTarget target("target");
  sim::bus::ProtocolChecker<32> checker("bus_checker");
  initiator.socket.bind(checker.target_socket);
  checker.initiator_socket.bind(target.socket);
  sim::bus::PayloadPool pool;
  sim::bus::PayloadGuard p(pool.acquire(8));
  sc_core::sc_spawn([&] {
    initiator.send(*p, BEGIN_REQ);
    sc_core::sc_stop();
  });
  test::ExpectedWarning warning("ignore of 8 bytes at 0x0 since 0 s: no END_REQ");
  sc_core::sc_start(ns(10));
}

}  // namespace
