// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace sim::app {

/// One place at which two results differ.
struct Difference {
  std::string path;    ///< "lanes[0].done"
  std::string golden;  ///< as JSON; "(absent)" when the golden has no such key
  std::string actual;
  std::string change;  ///< "+1.25 %" for numbers, else empty
};

struct CompareRules {
  double rel_tol = 1e-9;            ///< for numbers that are not integers on both sides
  std::vector<std::string> ignore;  ///< keys, at any depth, that are not compared
};

/// Integers, strings, booleans and null must be equal, other numbers within rel_tol of the larger one.
/// Differences come in the order of the golden's keys, then those that only `actual` has.
std::vector<Difference> compare(const nlohmann::ordered_json& golden, const nlohmann::ordered_json& actual,
                                const CompareRules& rules);

/// The differences as an aligned table.
void write_differences(std::ostream& out, const std::vector<Difference>& differences);

}  // namespace sim::app
