// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

#include <systemc>

#include "sim/core/failure.h"

namespace sim::log {
class Log;
}

namespace sim {

// Sends what SystemC reports (sc_report) to the log: INFO and WARNING become lines under the name of the
// message type; ERROR and FATAL throw sim::Error(Exit::check), which is kept in the Failure as well, because
// the kernel would lose its type on the way out of a process.
//
// In force from construction to destruction; the handler before it comes back then. SystemC's handler is a
// plain function, so only one bridge may exist at a time (Error(internal) otherwise).
class ReportBridge {
 public:
  // Both must outlive the bridge.
  ReportBridge(log::Log& log, Failure& failure);
  ~ReportBridge();
  ReportBridge(const ReportBridge&) = delete;
  ReportBridge& operator=(const ReportBridge&) = delete;

  std::uint64_t warnings() const { return warnings_; }

 private:
  static void handle(const sc_core::sc_report& report, const sc_core::sc_actions& actions);
  void on(const sc_core::sc_report& report);

  log::Log& log_;
  Failure& failure_;
  std::uint64_t warnings_ = 0;
  sc_core::sc_report_handler_proc before_;
};

}  // namespace sim
