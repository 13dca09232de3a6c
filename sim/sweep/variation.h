// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace sim::sweep {

// A setting with less and with more than its value.
struct Variation {
  std::string path, value, unit, source;
  std::optional<std::string> low, high;  // as YAML; absent where the setting cannot have it
  std::string why_not;                   // when both are absent
};

// Whether a configuration with PATH=VALUE can be read; else what is wrong, on one line.
using Accepts = std::function<std::optional<std::string>(const std::string& assignment)>;

// Scales a number, or every number of a list, by 1 - share and 1 + share. Where the setting takes whole
// numbers only they are rounded away from the value, by 1 at least. What `accepts` refuses both ways is
// absent. `share` in (0, 1).
void vary(Variation& setting, double share, const Accepts& accepts);

}  // namespace sim::sweep
