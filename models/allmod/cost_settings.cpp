// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/cost_settings.h"

namespace allmod {

using sim::config::Meta;

void DeviceSettings::fields(sim::config::Visitor& v) {
  Device& d = device;
  const char* timing = "Yosys, 7-series, adders and conditional subtractions by width; logic without routing";
  v.field("adder_ns", d.adder_ns,
          Meta("ns", "an addition from register to register, its carry chain aside")
              .at_least(0.0)
              .measured(timing));
  v.field("subtraction_ns", d.subtraction_ns,
          Meta("ns", "a conditional subtraction (subtract, see the sign, select), its carry chain aside")
              .at_least(0.0)
              .measured(timing));
  v.field("carry_ns_per_bit", d.carry_ns_per_bit,
          Meta("ns/bit", "carry chain of both").at_least(0.0).measured(timing));
  v.field(
      "lut_level_ns", d.lut_level_ns,
      Meta("ns",
           "one more level of LUTs on a path: deep LUT tables, the template's multiplexer, two-entry FIFOs")
          .at_least(0.0)
          .assumed("a LUT and a short wire of a slow 7-series part; not measured"));
  v.field("bram_ns", d.bram_ns,
          Meta("ns", "clock-to-output time of a block RAM without output register, above that of a flip-flop")
              .at_least(0.0)
              .assumed("order of a slow 7-series part's; look it up for yours"));
  v.field("step_sites", d.step_sites,
          Meta("site/bit", "LUT sites of a conditional subtraction: carry and select")
              .range(1u, 8u)
              .measured("Yosys 0.23, 65 bits: 64 LUT + 33 inverters + 32 route-throughs"));
  v.field("dual_output", d.dual_output,
          Meta("", "two table bits share a LUT where the address has at most 5 bits; Yosys does not do it")
              .paper("UG474, 7 Series CLB: a LUT6 is two LUT5 with common inputs"));
  v.field("srl_min", d.srl_min,
          Meta("cycle", "shortest delay that shift-register LUTs take, stall policy global")
              .range(2u, kNoSrl)
              .measured("Yosys 0.23: 2 cycles are flip-flops, 3 an SRL16E"));
  v.field("srl_depth", d.srl_depth,
          Meta("cycle", "delay of one shift-register LUT")
              .range(2u, 1024u)
              .paper("UG474, 7 Series CLB: SRLC32E"));
  v.field("bram36_luts", d.bram36_luts,
          Meta("LUT", "worth of a RAMB36 for rom: auto and scalar; 547 is a VU9P's LUTs over its blocks")
              .at_least(0.0)
              .choice());
}

void CostSettings::fields(sim::config::Visitor& v) {
  v.field("rom", rom,
          Meta("", "where look-up tables lie; auto: each where it is cheaper at device.bram36_luts"));
  v.field("scalar", scalar, Meta("", "also report one number, block RAM turned into LUTs"));
  v.section("device", device, "constants of the FPGA family");
}

}  // namespace allmod

namespace sim::config {

const std::vector<std::pair<allmod::RomStyle, std::string>>& EnumNames<allmod::RomStyle>::get() {
  static const std::vector<std::pair<allmod::RomStyle, std::string>> names = {
      {allmod::RomStyle::automatic, "auto"},
      {allmod::RomStyle::lut, "lut"},
      {allmod::RomStyle::bram, "bram"}};
  return names;
}

}  // namespace sim::config
