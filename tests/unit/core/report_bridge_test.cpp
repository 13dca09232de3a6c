// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/report_bridge.h"

#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "sim/core/run.h"
#include "sim/log/log.h"
#include "tests/unit/core/parts.h"

namespace {

using sim::Exit;
using sim::Failure;
using sim::ReportBridge;
using test::ns;
using test::Poke;
using testing::HasSubstr;
using testing::Not;

struct ReportBridgeTest : testing::Test {
  ReportBridgeTest() { log.add_stream(lines); }
  std::ostringstream lines;
  sim::log::Log log{{}, false};
  Failure failure;
};

TEST_F(ReportBridgeTest, InfoAndWarningBecomeLines) {
  ReportBridge bridge(log, failure);
  SC_REPORT_INFO("/tricycle/thing", "hello {} there");
  EXPECT_EQ(bridge.warnings(), 0U);
  SC_REPORT_WARNING("/tricycle/thing", "careful {}");
  EXPECT_EQ(bridge.warnings(), 1U);
  log.flush();
  EXPECT_THAT(lines.str(), HasSubstr("/tricycle/thing: hello {} there"));
  EXPECT_THAT(lines.str(), HasSubstr("/tricycle/thing: careful {}"));
  EXPECT_FALSE(failure.failed());
}

TEST_F(ReportBridgeTest, ErrorsThrowTheTypeOfTheProject) {
  ReportBridge bridge(log, failure);
  try {
    SC_REPORT_ERROR("/tricycle/thing", "broken");
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), Exit::check);
    EXPECT_THAT(e.what(), HasSubstr("/tricycle/thing: broken"));
  }
  EXPECT_TRUE(failure.failed());
}

TEST_F(ReportBridgeTest, FatalThrowsInsteadOfAborting) {
  ReportBridge bridge(log, failure);
  EXPECT_THROW(SC_REPORT_FATAL("/tricycle/thing", "dead"), sim::Error);
}

TEST_F(ReportBridgeTest, ErrorInAProcessSurvivesTheKernel) {
  ReportBridge bridge(log, failure);
  Poke poke("poke", ns(5), [] { SC_REPORT_ERROR("/tricycle/thing", "broken"); });
  try {
    sim::run(failure);
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), Exit::check);
    EXPECT_THAT(e.what(), HasSubstr("broken (at 5 ns in process poke.method)"));
  }
}

TEST_F(ReportBridgeTest, ChatterOfTheKernelIsNotShown) {
  ReportBridge bridge(log, failure);
  Poke poke("poke", ns(1), [] { sc_core::sc_stop(); });  // "Simulation stopped by user."
  sim::run(failure);
  log.flush();
  EXPECT_THAT(lines.str(), Not(HasSubstr("stopped by user")));
}

TEST_F(ReportBridgeTest, ThereIsOneAtATimeAndTheOldHandlerComesBack) {
  const auto before = sc_core::sc_report_handler::get_handler();
  {
    ReportBridge bridge(log, failure);
    EXPECT_NE(sc_core::sc_report_handler::get_handler(), before);
    EXPECT_THROW(ReportBridge(log, failure), sim::Error);
  }
  EXPECT_EQ(sc_core::sc_report_handler::get_handler(), before);
  ReportBridge again(log, failure);
}

}  // namespace
