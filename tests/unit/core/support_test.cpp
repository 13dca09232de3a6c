// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

// What tests rely on: SystemC warnings fail a test, and every test starts with a fresh simulation.
#include <systemc>

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "tests/support/context.h"
#include "tests/unit/core/parts.h"

namespace {

TEST(Support, WarningFailsATest) {
  EXPECT_NONFATAL_FAILURE(SC_REPORT_WARNING("/test/odd", "something odd"), "/test/odd: something odd");
}

TEST(Support, ExpectedWarningDoesNot) {
  test::ExpectedWarning expected("odd");
  SC_REPORT_WARNING("/test/odd", "something");
  SC_REPORT_WARNING("/test/other", "an odd thing");
  EXPECT_EQ(expected.seen(), 2U);
  EXPECT_NONFATAL_FAILURE(SC_REPORT_WARNING("/test/other", "something else"), "something else");
}

TEST(Support, MissingWarningFailsATest) {
  EXPECT_NONFATAL_FAILURE({ test::ExpectedWarning expected("odd"); }, "did not warn about: odd");
}

TEST(Support, ErrorsAndFatalsAreThrown) {
  EXPECT_THROW(SC_REPORT_ERROR("/test/bad", "broken"), sc_core::sc_report);
  EXPECT_THROW(SC_REPORT_FATAL("/test/bad", "broken"), sc_core::sc_report);
}

// Twice the same, so that the second one runs after the first in the bare binary.
void runs_from_time_zero_with_free_names() {
  EXPECT_EQ(sc_core::sc_time_stamp(), sc_core::SC_ZERO_TIME);
  test::Script script("the_name", [] { sc_core::wait(test::ns(5)); });
  EXPECT_STREQ(script.name(), "the_name");
  sc_core::sc_start();
  EXPECT_EQ(sc_core::sc_time_stamp(), test::ns(5));
}
TEST(Support, FreshContextOne) { runs_from_time_zero_with_free_names(); }
TEST(Support, FreshContextTwo) { runs_from_time_zero_with_free_names(); }

}  // namespace
