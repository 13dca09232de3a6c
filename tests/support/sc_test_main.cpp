// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

// Entry point of tests that use SystemC (libsystemc brings main(), which calls sc_main()). A warning of
// SystemC fails the test unless an ExpectedWarning is alive; errors are thrown as sc_report, as usual.
#include <systemc>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/context.h"

namespace {

void on_report(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
  switch (report.get_severity()) {
    case sc_core::SC_INFO:
      return;
    case sc_core::SC_WARNING:
      if (test::ExpectedWarning::accepts(report) || actions == sc_core::SC_DO_NOTHING) return;
      ADD_FAILURE() << "SystemC warns: " << report.get_msg_type() << ": " << report.get_msg();
      return;
    default:
      // Not the default handler: it would abort on FATAL and print what the test may expect.
      throw report;
  }
}

class OneContextPerTest final : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo&) override {
    if (!first_) test::fresh_context();  // the first test uses the one that exists: no leak under ctest
    first_ = false;
    sc_core::sc_report_handler::set_handler(&on_report);
  }
  bool first_ = true;
};

}  // namespace

int sc_main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  testing::UnitTest::GetInstance()->listeners().Append(new OneContextPerTest);  // owned by GoogleTest
  return RUN_ALL_TESTS();
}
