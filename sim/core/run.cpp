// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/run.h"

#include <string>

#include "sim/core/error.h"

namespace sim {
namespace {

// A simulation in which nothing happens is for the application to judge, not for the kernel to warn about.
class QuietWhenIdle {
 public:
  QuietWhenIdle() : before_(set(sc_core::SC_DO_NOTHING)) {}
  ~QuietWhenIdle() { set(before_); }
  QuietWhenIdle(const QuietWhenIdle&) = delete;
  QuietWhenIdle& operator=(const QuietWhenIdle&) = delete;

 private:
  static sc_core::sc_actions set(sc_core::sc_actions actions) {
    return sc_core::sc_report_handler::set_actions(sc_core::SC_ID_NO_SC_START_ACTIVITY_, sc_core::SC_WARNING,
                                                   actions);
  }
  sc_core::sc_actions before_;
};

template <class F>
void start(Failure& failure, F&& sc_start_call) {
  const QuietWhenIdle quiet;
  try {
    sc_start_call();
  } catch (const sc_core::sc_report& report) {
    failure.rethrow();
    std::string text = std::string("SystemC stopped: ") + report.get_msg();
    if (report.get_process_name() != nullptr)
      text += std::string(" (in process ") + report.get_process_name() + ")";
    throw Error(Exit::internal, text + " at " + report.get_time().to_string());
  }
  failure.rethrow();
}

}  // namespace

void run(Failure& failure) {
  start(failure, [] { sc_core::sc_start(); });
}

void run(Failure& failure, const sc_core::sc_time& duration) {
  start(failure, [&] { sc_core::sc_start(duration); });
}

}  // namespace sim
