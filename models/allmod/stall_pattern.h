// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/config/diagnostics.h"
#include "sim/config/resolved.h"
#include "sim/config/visitor.h"
#include "sim/core/units.h"

namespace allmod {

enum class StallKind { none, random, burst, pattern };

// When one end of a lane hesitates. The answer depends on the settings and the number alone, so it is the
// same at every level of detail and in every order of asking.
struct StallConfig {
  StallKind kind = StallKind::none;
  double share = 0.25;         // random: probability of hesitating
  unsigned run = 16;           // burst: willing so long ...
  unsigned pause = 16;         // ... then not willing so long
  std::string pattern = "10";  // pattern: repeated; 1 willing, 0 not
  std::uint64_t seed = 1;

  void fields(sim::config::Visitor& v);
  void check(const std::string& path, const sim::config::Resolved& resolved,
             sim::config::Diagnostics& diagnostics) const;
};

class StallPattern {
 public:
  // `stream` tells the ends of several lanes apart.
  StallPattern(const StallConfig& config, std::uint64_t stream);
  bool always() const { return config_.kind == StallKind::none; }
  // Whether the end is willing at step `i`.
  bool willing(std::uint64_t i) const;
  // First willing step at or after `i`.
  std::uint64_t next_willing(std::uint64_t i) const;
  // First unwilling step after `i`, at most `limit`; `i` is willing.
  std::uint64_t willing_until(std::uint64_t i, std::uint64_t limit) const;

 private:
  StallConfig config_;
  std::uint64_t key_;
  std::uint64_t threshold_;
};

}  // namespace allmod

namespace sim::config {
template <>
struct EnumNames<allmod::StallKind> {
  static const std::vector<std::pair<allmod::StallKind, std::string>>& get();
};
}  // namespace sim::config
