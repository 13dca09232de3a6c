// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

namespace sme {

// What cells and wires do wrong. All 0: ideal. Everything is drawn from the seed by cell, so the same seed
// gives the same cells whatever else is set.
struct DeviceEffects {
  double variation = 0;   // sigma of ln(conductance) of a cell: log-normal, 0..2
  double stuck_at_0 = 0;  // share of cells that always have the lowest conductance, 0..1
  double stuck_at_1 = 0;  // share of cells that always have the highest, 0..1
  double read_noise = 0;  // sigma of a column's sum at every conversion, in units of one cell's current, >= 0
  double ir_drop =
      0;  // share of the current that the farthest cell of a full-size crossbar loses when all rows
          // conduct, 0..1: cell (r, c) loses ir_drop * (r/rows + c/cols)/2 * (driven rows)/rows
  double on_off_ratio = 0;  // R_off / R_on; cells at 0 conduct 1/ratio of a one. 0: nothing. The current of
                            // cells at 0 is taken off as expected of driven rows
  std::uint64_t seed = 1;

  bool any() const {
    return variation > 0 || stuck_at_0 > 0 || stuck_at_1 > 0 || read_noise > 0 || ir_drop > 0 ||
           on_off_ratio > 0;
  }
};

// Throws sim::Error (usage) for a number out of range.
void check(const DeviceEffects& effects);

}  // namespace sme
