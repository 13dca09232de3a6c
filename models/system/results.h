// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/common/command.h"
#include "models/system/settings.h"

namespace platform {

struct Platform;

// Energy by component, joules; absent: there is no sourced figure.
struct Energy {
  std::vector<std::pair<std::string, std::optional<double>>> parts;  // gpu first
  bool contained(const std::string& name) const;                     // in the figure of another component
  std::vector<std::string> missing() const;
  double known() const;
  std::optional<double> total() const;  // absent when one is missing
};
Energy energy_of(const Settings& settings, const common::Account& account, common::Ps duration);

// Of the measured tokens that are complete.
struct Totals {
  std::uint64_t tokens = 0;
  common::Ps duration = 0;
  std::array<common::Ps, common::kCauses> causes{};
  std::array<common::Ps, common::kOperations> operations{};
  common::Account account;
  std::uint32_t last_index = 0;
};
Totals totals_of(const Platform& platform);

}  // namespace platform
