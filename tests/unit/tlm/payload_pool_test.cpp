// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/tlm/payload_pool.h"

#include <cstdlib>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "sim/tlm/tag.h"
#include "tests/support/context.h"

namespace {

using sim::bus::PayloadGuard;
using sim::bus::PayloadPool;
using sim::bus::Tag;
using sim::bus::tag_of;
using testing::HasSubstr;

TEST(PayloadPool, GivesAPayloadThatMayStartATransaction) {
  PayloadPool pool;
  tlm::tlm_generic_payload& payload = pool.acquire(24);
  EXPECT_TRUE(payload.has_mm());
  EXPECT_EQ(payload.get_ref_count(), 1);
  EXPECT_EQ(payload.get_command(), tlm::TLM_IGNORE_COMMAND);
  EXPECT_EQ(payload.get_data_length(), 24U);
  EXPECT_EQ(payload.get_streaming_width(), 24U);
  ASSERT_NE(payload.get_data_ptr(), nullptr);
  payload.get_data_ptr()[23] = 1;
  EXPECT_EQ(payload.get_byte_enable_ptr(), nullptr);
  EXPECT_FALSE(payload.is_dmi_allowed());
  EXPECT_EQ(payload.get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE);
  payload.release();
}

TEST(PayloadPool, UsesPayloadBufferAndTagAgain) {
  PayloadPool pool;
  tlm::tlm_generic_payload& first = pool.acquire(16);
  Tag* tag = tag_of(first);
  const unsigned char* buffer = first.get_data_ptr();
  tag->user = 9;
  first.set_write();
  first.set_address(0x44);
  first.set_byte_enable_ptr(first.get_data_ptr());
  first.set_byte_enable_length(3);
  first.set_dmi_allowed(true);
  first.set_response_status(tlm::TLM_OK_RESPONSE);
  first.set_gp_option(tlm::TLM_FULL_PAYLOAD);
  first.release();
  tlm::tlm_generic_payload& second = pool.acquire(8);
  EXPECT_EQ(&second, &first);
  EXPECT_EQ(tag_of(second), tag);
  EXPECT_EQ(second.get_data_ptr(), buffer);
  EXPECT_EQ(tag->id, 2U);
  EXPECT_EQ(tag->user, 0U);
  EXPECT_EQ(second.get_command(), tlm::TLM_IGNORE_COMMAND);
  EXPECT_EQ(second.get_address(), 0U);
  EXPECT_EQ(second.get_byte_enable_ptr(), nullptr);
  EXPECT_EQ(second.get_byte_enable_length(), 0U);
  EXPECT_FALSE(second.is_dmi_allowed());
  EXPECT_EQ(second.get_response_status(), tlm::TLM_INCOMPLETE_RESPONSE);
  EXPECT_EQ(second.get_gp_option(), tlm::TLM_MIN_PAYLOAD);
  EXPECT_EQ(pool.created(), 1U);
  second.release();
}

struct Counted final : tlm::tlm_extension<Counted> {
  explicit Counted(int& n) : alive(n) { ++alive; }
  ~Counted() override { --alive; }
  tlm::tlm_extension_base* clone() const override { return new Counted(alive); }
  void copy_from(const tlm::tlm_extension_base&) override {}
  int& alive;
};

TEST(PayloadPool, FreesAutoExtensionsAndKeepsStickyOnes) {
  int alive = 0;
  {
    PayloadPool pool;
    tlm::tlm_generic_payload& payload = pool.acquire(4);
    payload.set_auto_extension(new Counted(alive));
    payload.release();
    EXPECT_EQ(alive, 0);
    tlm::tlm_generic_payload& again = pool.acquire(4);
    again.set_extension(new Counted(alive));
    again.release();
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);  // the sticky one goes with the payload
}

TEST(PayloadPool, CountsAndHoldsUntilTheLastReference) {
  PayloadPool pool;
  tlm::tlm_generic_payload& a = pool.acquire(4);
  tlm::tlm_generic_payload& b = pool.acquire(4);
  a.acquire();
  a.release();
  EXPECT_EQ(pool.outstanding(), 2U);
  a.release();
  EXPECT_EQ(pool.outstanding(), 1U);
  b.release();
  EXPECT_EQ(pool.outstanding(), 0U);
  EXPECT_EQ(pool.high_water(), 2U);
  EXPECT_EQ(pool.created(), 2U);
  EXPECT_EQ(pool.acquired(), 2U);
  EXPECT_EQ(pool.leaks(), "");
  EXPECT_NO_THROW(pool.check());
}

TEST(PayloadPool, GuardGivesBack) {
  PayloadPool pool;
  {
    const PayloadGuard payload(pool.acquire(4));
    payload->set_read();
    EXPECT_EQ(pool.outstanding(), 1U);
  }
  EXPECT_EQ(pool.outstanding(), 0U);
}

TEST(PayloadPool, ListsLeaksOldestFirst) {
  PayloadPool pool("host");
  pool.acquire(4).release();
  tlm::tlm_generic_payload& two = pool.acquire(4);
  tlm::tlm_generic_payload& three = pool.acquire(4);
  pool.acquire(4).release();
  two.set_read();
  two.set_address(0x20);
  tag_of(three)->id = 0;  // an initiator that overwrites its tag does not hide
  const std::string leaks = pool.leaks();
  EXPECT_THAT(leaks, HasSubstr("pool 'host': 2 of 4 payloads not given back"));
  EXPECT_THAT(leaks, HasSubstr("id 2, acquired at 0 s, reference count 1, read of 4 bytes at 0x20"));
  EXPECT_LT(leaks.find("id 2"), leaks.find("id 3"));
  try {
    pool.check();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const sim::Error& error) {
    EXPECT_EQ(error.exit_code(), sim::Exit::check);
    EXPECT_EQ(error.what(), leaks);
  }
  two.release();
  three.release();
}

TEST(PayloadPool, DestructorReportsWhenAskedTo) {
  setenv("SIM_PAYLOAD_CHECK", "1", 1);
  {
    test::ExpectedWarning warning("1 of 1 payloads not given back");
    PayloadPool("lossy").acquire(1);
  }
  unsetenv("SIM_PAYLOAD_CHECK");
  PayloadPool("silent").acquire(1);  // a warning would fail this test
}

TEST(Tag, ClonesItsContents) {
  Tag tag;
  tag.id = 1;
  tag.issued = 2;
  tag.user = 3;
  std::unique_ptr<Tag> copy(static_cast<Tag*>(tag.clone()));
  EXPECT_EQ(copy->issued, 2U);
  Tag other;
  other.copy_from(tag);
  EXPECT_EQ(other.id, 1U);
  EXPECT_EQ(other.user, 3U);
  EXPECT_EQ(tag_of(tlm::tlm_generic_payload()), nullptr);
}

}  // namespace
