// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/report_bridge.h"

#include <string>

#include "sim/core/error.h"
#include "sim/log/log.h"

namespace sim {
namespace {

// The one place where state outside an object cannot be avoided: SystemC takes a plain function.
ReportBridge*& active() {
  static ReportBridge* bridge = nullptr;
  return bridge;
}

// Messages of the kernel itself, such as "Simulation stopped by user.", are of no interest to a user.
bool of_kernel(const std::string& type) { return type.compare(0, 13, "/OSCI/SystemC") == 0; }

std::string where(const sc_core::sc_report& report) {
  std::string text = " (at " + report.get_time().to_string();
  if (report.get_process_name() != nullptr) text += std::string(" in process ") + report.get_process_name();
  return text + ")";
}

}  // namespace

ReportBridge::ReportBridge(log::Log& log, Failure& failure) : log_(log), failure_(failure) {
  if (active() != nullptr)
    throw Error(Exit::internal, "a second ReportBridge; there can be only one at a time");
  active() = this;
  before_ = sc_core::sc_report_handler::get_handler();
  sc_core::sc_report_handler::set_handler(&ReportBridge::handle);
}

ReportBridge::~ReportBridge() {
  sc_core::sc_report_handler::set_handler(before_);
  active() = nullptr;
}

void ReportBridge::handle(const sc_core::sc_report& report, const sc_core::sc_actions& actions) {
  if (actions == sc_core::SC_DO_NOTHING || active() == nullptr) return;
  active()->on(report);
}

void ReportBridge::on(const sc_core::sc_report& report) {
  const std::string type = report.get_msg_type();
  const std::string text = report.get_msg();
  switch (report.get_severity()) {
    case sc_core::SC_INFO:
      log_.write(of_kernel(type) ? log::Level::debug : log::Level::info, type, text);
      return;
    case sc_core::SC_WARNING:
      ++warnings_;
      log_.warn(type, "{}", text + where(report));
      return;
    default:
      break;
  }
  // The kernel's way of saying that somebody else's exception left a process; it waits for an sc_report and
  // would terminate() on anything else. run() gives the first cause precedence over it.
  if (type == sc_core::SC_ID_SIMULATION_UNCAUGHT_EXCEPTION_) throw report;
  const Error error(Exit::check, type + ": " + text + where(report));
  failure_.set(std::make_exception_ptr(error));
  throw error;
}

}  // namespace sim
