// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <iosfwd>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/allmod/function/end_points.h"
#include "models/allmod/settings.h"
#include "sim/app/model.h"

namespace allmod {

// Area and frequency of a run's design, with the end points to hold it against.
class CostReport {
 public:
  CostReport(const Settings& settings, const Datapath& datapath);

  void headline(nlohmann::ordered_json& keys) const;  // lut_sites, ff, bram36, fmax_mhz
  double area_efficiency() const;
  void details(nlohmann::ordered_json& keys) const;  // area, area_scalar, end_points
  void text(std::ostream& out) const;
  static std::vector<sim::app::KeyText> headline_keys();
  static std::vector<sim::app::KeyText> detail_keys();

 private:
  Device device_;
  bool scalar_;
  double clock_mhz_;
  bool can_be_cut_;  // into segments: its adders are whole
  Cost cost_;
  std::vector<EndPoint> end_points_;
};

}  // namespace allmod
