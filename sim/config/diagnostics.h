// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "sim/config/mark.h"

namespace sim::config {

// Collects everything that is wrong with a configuration, so that the user sees all of it at once.
class Diagnostics {
 public:
  // `what` starts with the path of the setting and says what is wrong and what to do:
  // "design.w: 300 is outside [1, 20] bit".
  void error(const Mark& where, const std::string& what);
  void warning(const Mark& where, const std::string& what);

  bool ok() const { return errors_ == 0; }  // warnings are ok
  std::size_t errors() const { return errors_; }
  std::size_t warnings() const { return items_.size() - errors_; }

  // One line an item, "FILE:LINE:COLUMN: error: WHAT", sorted by file, line and column; positions in a
  // file are followed by the source line and a caret. Equal items are shown once, and at most
  // kMaxShown of them. "" when there is nothing to say.
  std::string text() const;

  // Throws sim::Error(Exit::usage) carrying text() when there is at least one error.
  void throw_if_any() const;

  static constexpr std::size_t kMaxShown = 100;

 private:
  struct Item {
    Mark where;
    std::string what;
    bool is_error;
  };
  std::vector<Item> items_;
  std::size_t errors_ = 0;
};

}  // namespace sim::config
