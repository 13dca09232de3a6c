// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <systemc>

#include <gtest/gtest.h>

namespace test {

// Forgets the current simulation: time is 0 again, names are free. sc_test_main calls it between the tests of
// one process, so that the bare binary runs, too (ctest starts one process per test). It is not standard
// SystemC: it relies on Accellera 2.3.x keeping its state behind these two pointers. The old context stays in
// memory, because modules of the test before may still refer to it.
inline void fresh_context() {
  static auto* const old = new std::vector<sc_core::sc_simcontext*>;  // reachable: no leak is reported
  old->push_back(sc_core::sc_get_curr_simcontext());
  sc_core::sc_curr_simcontext = new sc_core::sc_simcontext();
  sc_core::sc_default_global_context = sc_core::sc_curr_simcontext;
}

// While it lives, SystemC warnings whose message type or text contains `part` are expected: they do not fail
// the test, but their absence does.
class ExpectedWarning {
 public:
  explicit ExpectedWarning(std::string part) : part_(std::move(part)), outer_(innermost()) {
    innermost() = this;
  }
  ~ExpectedWarning() {
    innermost() = outer_;
    EXPECT_GT(seen_, 0U) << "SystemC did not warn about: " << part_;
  }
  ExpectedWarning(const ExpectedWarning&) = delete;
  ExpectedWarning& operator=(const ExpectedWarning&) = delete;

  unsigned seen() const { return seen_; }

  // For sc_test_main: whether somebody expects this report.
  static bool accepts(const sc_core::sc_report& report) {
    for (ExpectedWarning* e = innermost(); e != nullptr; e = e->outer_) {
      const bool fits = std::string(report.get_msg_type()).find(e->part_) != std::string::npos ||
                        std::string(report.get_msg()).find(e->part_) != std::string::npos;
      if (fits) {
        ++e->seen_;
        return true;
      }
    }
    return false;
  }

 private:
  static ExpectedWarning*& innermost() {
    static ExpectedWarning* top = nullptr;
    return top;
  }
  std::string part_;
  unsigned seen_ = 0;
  ExpectedWarning* outer_;
};

}  // namespace test
