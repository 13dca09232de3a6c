// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Power and area of the parts, as their sources give them, and what an event costs.
#pragma once

#include <array>

#include "models/sme/activity.h"
#include "sim/config/visitor.h"

namespace sme {

// `tech:` in the configuration. Powers of Table I are those of a CU of 8 crossbars 128 x 128 at work.
struct Tech {
  double mux_mw = 0.56, mux_mm2 = 4.23e-3;
  double sample_hold_mw = 0.0011, sample_hold_mm2 = 0.03125e-3;
  double adc_mw = 5.14, adc_mm2 = 4.7e-3;
  double dac_mw = 4.25, dac_mm2 = 0.34e-3;
  double array_mw = 1.3, array_mm2 = 2.03e-3;
  double adc_power_per_bit = 1.764, adc_area_per_bit = 1.429;
  double shift_add_pj = 0.0208, shift_add_mm2 = 0.24e-3;
  double input_register_pj = 0.121, input_register_mm2 = 2.1e-3;
  double output_register_pj = 0.024, output_register_mm2 = 0.77e-3;
  double rcmr_pj = 0.121, rcmr_mm2 = 0.26e-3;
  double bus_pj = 0.146, bus_mm2 = 0.090;
  double edram_pj = 0.647, edram_mm2 = 0.083;
  double activation_pj = 0.26, activation_mm2 = 0.6e-3;
  double pooling_pj = 0.4, pooling_mm2 = 0.24e-3;
  double chip_bus_pj = 1.31, chip_bus_mm2 = 0.151;
  double write_pj = 10;
  double endurance = 1e8;

  void fields(sim::config::Visitor& v);
};

// What a chip of this configuration costs.
struct CostTable {
  std::array<double, kComponents> energy_pj{};  // an event
  std::array<double, kComponents> area_mm2{};   // all of the chip's

  double energy_j(const Activity& a, Component c) const {
    return static_cast<double>(a[c]) * energy_pj[static_cast<std::size_t>(c)] * 1e-12;
  }
  double energy_j(const Activity& a) const;  // of all components, in their order
  double chip_mm2() const;
};

// `adc_bits`: resolved; `read_ns`: time for which rows are driven.
CostTable cost_table(const Tech& tech, const ChipConfig& config, unsigned rows, unsigned cols,
                     unsigned adc_bits, double read_ns);

}  // namespace sme
