// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/record/window.h"

namespace sim::record {

// Whether `path` can be a signal: words of letters, digits, _ and $ joined by dots.
bool vcd_path(const std::string& path);

// The short code of signal number `index` in a VCD file.
std::string vcd_code(std::size_t index);

// Collects signals into nested scopes and gives the declarations of a VCD file.
class VcdHeader {
 public:
  explicit VcdHeader(const Origin& origin) : origin_(origin) {}
  void add(const std::string& path, unsigned width, const std::string& code);
  std::string text() const;

 private:
  struct Scope {
    std::string name;
    std::vector<std::string> variables;         // declarations
    std::vector<std::unique_ptr<Scope>> inner;  // in order of first appearance
    std::unordered_map<std::string, Scope*> by_name;
  };
  static void write(std::string& out, const Scope& scope);

  const Origin& origin_;
  Scope top_;
};

}  // namespace sim::record
