// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

namespace sim::config {
class Visitor;
}

namespace sim::log {

enum class Level { trace, debug, info, warn, error, off };

// The level of one part of the hierarchy: `unit` and everything below it ("lane0" covers "lane0",
// "lane0.multiplier" and "lane0[2]", but not "lane01").
struct LevelRule {
  std::string unit;
  Level level = Level::info;
  void fields(config::Visitor& visitor);
};

struct LogConfig {
  Level level = Level::info;      // of everything without a rule
  std::vector<LevelRule> levels;  // the longest matching `unit` decides
  void fields(config::Visitor& visitor);
};

}  // namespace sim::log
