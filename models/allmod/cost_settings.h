// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/allmod/function/cost.h"
#include "sim/config/visitor.h"

namespace allmod {

// `cost.device:` in the configuration, every number with its source.
struct DeviceSettings {
  Device device;
  void fields(sim::config::Visitor& v);
};

// `cost:` in the configuration.
struct CostSettings {
  RomStyle rom = RomStyle::automatic;
  bool scalar = false;
  DeviceSettings device;

  void fields(sim::config::Visitor& v);
  CostOptions options(bool elastic, unsigned lanes) const { return {rom, elastic, lanes, device.device}; }
};

}  // namespace allmod

namespace sim::config {
template <>
struct EnumNames<allmod::RomStyle> {
  static const std::vector<std::pair<allmod::RomStyle, std::string>>& get();
};
}  // namespace sim::config
