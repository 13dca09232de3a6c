// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/log/log_config.h"

#include <utility>

#include "sim/config/visitor.h"

namespace sim::config {

template <>
struct EnumNames<log::Level> {
  static const std::vector<std::pair<log::Level, std::string>>& get() {
    static const std::vector<std::pair<log::Level, std::string>> names = {
        {log::Level::trace, "trace"}, {log::Level::debug, "debug"}, {log::Level::info, "info"},
        {log::Level::warn, "warn"},   {log::Level::error, "error"}, {log::Level::off, "off"}};
    return names;
  }
};

}  // namespace sim::config

namespace sim::log {

void LevelRule::fields(config::Visitor& visitor) {
  using config::Meta;
  visitor.field("unit", unit, Meta("", "the rule holds for this unit and for everything inside it"));
  visitor.field("level", level, Meta("", "least severe messages shown"));
}

void LogConfig::fields(config::Visitor& visitor) {
  using config::Meta;
  visitor.field("level", level, Meta("", "least severe messages shown, unless a rule says otherwise"));
  visitor.list("levels", levels, "rules for parts of the model; the longest unit that fits decides");
}

}  // namespace sim::log
