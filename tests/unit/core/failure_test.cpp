// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/failure.h"

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/parts.h"

namespace {

using sim::ClockDomain;
using sim::Cycle;
using sim::Failure;
using test::ns;
using test::Probe;
using testing::HasSubstr;

struct Special : std::runtime_error {
  explicit Special(int n) : runtime_error("special"), number(n) {}
  int number;
};

TEST(Failure, FirstOneIsKept) {
  Failure failure;
  failure.rethrow();
  EXPECT_FALSE(failure.failed());
  failure.set(std::make_exception_ptr(Special(1)));
  failure.set(std::make_exception_ptr(Special(2)));
  EXPECT_TRUE(failure.failed());
  try {
    failure.rethrow();
    FAIL();
  } catch (const Special& e) {
    EXPECT_EQ(e.number, 1);
  }
}

TEST(Failure, ExceptionOfAMemberKeepsItsTypeAndStopsTheSimulation) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  ClockDomain other("other", 100, failure);
  Probe bad;
  Probe bystander;
  bad.plan = bystander.plan = test::until(1000);
  bad.on_edge = [](Cycle now) {
    if (now == 7) throw Special(7);
  };
  domain.add(bad);
  other.add(bystander);
  try {
    sim::run(failure);
    FAIL();
  } catch (const Special& e) {
    EXPECT_EQ(e.number, 7);
  }
  EXPECT_EQ(sc_core::sc_time_stamp(), ns(7));
  EXPECT_EQ(bad.seen.size(), 7U);
  EXPECT_TRUE(bystander.seen.empty());
}

TEST(Failure, TwoDomainsFailingAtOneTimeGiveOneFailureAndNoWarning) {
  Failure failure;
  ClockDomain a("a", 1000, failure);
  ClockDomain b("b", 1000, failure);
  Probe bad_a;
  Probe bad_b;
  bad_a.plan = bad_b.plan = test::until(9);
  bad_a.on_edge = bad_b.on_edge = [](Cycle) { throw Special(3); };
  a.add(bad_a);
  b.add(bad_b);
  EXPECT_THROW(sim::run(failure), Special);
  EXPECT_EQ(bad_a.seen.size() + bad_b.seen.size(), 1U);
}

TEST(Failure, ReportInsideAMemberArrivesAsItIs) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  Probe bad;
  bad.plan = test::until(9);
  bad.on_edge = [](Cycle) { SC_REPORT_ERROR("/test/thing", "broken"); };
  domain.add(bad);
  try {
    sim::run(failure);
    FAIL();
  } catch (const sc_core::sc_report& e) {
    EXPECT_STREQ(e.get_msg_type(), "/test/thing");
  }
}

// Methods and not threads here: an exception on a thread's own stack confuses AddressSanitizer.
TEST(Failure, GuardedProcessKeepsTheTypeAndStopsTheSimulation) {
  Failure failure;
  test::Poke poke("poke", ns(3), [&] { sim::guarded(failure, [] { throw Special(4); }); });
  test::Poke later("later", ns(4), [] { ADD_FAILURE() << "went on after the failure"; });
  try {
    sim::run(failure);
    FAIL();
  } catch (const Special& e) {
    EXPECT_EQ(e.number, 4);
  }
}

TEST(Failure, UnguardedProcessBecomesAnInternalErrorWithPlaceAndTime) {
  Failure failure;
  test::Poke poke("poke", ns(3), [] { throw Special(4); });
  try {
    sim::run(failure);
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::internal);
    EXPECT_THAT(e.what(), HasSubstr("special"));
    EXPECT_THAT(e.what(), HasSubstr("poke.method"));
    EXPECT_THAT(e.what(), HasSubstr("3 ns"));
  }
}

}  // namespace
