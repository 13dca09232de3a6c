// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/tech.h"

#include <cmath>

namespace sme {

using sim::config::Meta;
using C = Component;

void Tech::fields(sim::config::Visitor& v) {
  const char* table = "SME, Table I: one CU (8 crossbars 128 x 128), 32 nm";
  const char* isaac = "ISAAC (ISCA 2016), tile parameters at 32 nm";
  const auto mw = [&](const char* key, double& value, const char* text) {
    v.field(key, value, Meta("mW", text).at_least(0.0).paper(table));
  };
  const auto mm2 = [&](const char* key, double& value, const char* text, const char* source) {
    v.field(key, value, Meta("mm2", text).at_least(0.0).paper(source));
  };
  mw("mux_mw", mux_mw, "8 multiplexers 128:1");
  mm2("mux_mm2", mux_mm2, "8 multiplexers 128:1", table);
  mw("sample_hold_mw", sample_hold_mw, "8 x 128 sample-and-hold circuits");
  mm2("sample_hold_mm2", sample_hold_mm2, "8 x 128 sample-and-hold circuits", table);
  mw("adc_mw", adc_mw, "8 ADCs of 6 bits at 1.2 GS/s");
  mm2("adc_mm2", adc_mm2, "8 ADCs of 6 bits at 1.2 GS/s", table);
  mw("dac_mw", dac_mw, "8 x 128 one-bit DACs");
  mm2("dac_mm2", dac_mm2, "8 x 128 one-bit DACs", table);
  mw("array_mw", array_mw, "8 memristor arrays 128 x 128");
  mm2("array_mm2", array_mm2, "8 memristor arrays 128 x 128", table);
  v.field("adc_power_per_bit", adc_power_per_bit,
          Meta("", "factor on an ADC's power for each bit above 6 (divisor below)")
              .range(1.0, 4.0)
              .paper("ISAAC's 8-bit ADCs, 16 mW, over Table I's 6-bit ones, 5.14 mW, both 8 at 1.2 GS/s: "
                     "sqrt(3.11)"));
  v.field("adc_area_per_bit", adc_area_per_bit,
          Meta("", "factor on an ADC's area for each bit above 6 (divisor below)")
              .range(1.0, 4.0)
              .paper("ISAAC's 8-bit ADCs, 9.6e-3 mm2, over Table I's 6-bit ones, 4.7e-3 mm2: sqrt(2.04)"));
  v.field("shift_add_pj", shift_add_pj,
          Meta("pJ", "plane shifter and accumulator, a conversion")
              .at_least(0.0)
              .paper("ISAAC: shift-and-add units of 0.2 mW for 8 ADCs at 1.2 GS/s"));
  mm2("shift_add_mm2", shift_add_mm2, "shifters, accumulator and shift-and-add of a CU", isaac);
  v.field("input_register_pj", input_register_pj,
          Meta("pJ", "a bit of an input register")
              .at_least(0.0)
              .paper("ISAAC: a 2 KB input register of 1.24 mW (CACTI) that streams 1024 bits in 100 ns"));
  mm2("input_register_mm2", input_register_mm2, "input registers of a CU, 2 KB (CACTI)", isaac);
  v.field("output_register_pj", output_register_pj,
          Meta("pJ", "a sum accumulated over the input bits")
              .at_least(0.0)
              .paper("ISAAC: an output register of 0.23 mW (CACTI) behind 8 ADCs at 1.2 GS/s"));
  mm2("output_register_mm2", output_register_mm2, "output registers of a CU, 256 B (CACTI)", isaac);
  v.field("rcmr_pj", rcmr_pj,
          Meta("pJ", "a bit of the row conversion mask register")
              .at_least(0.0)
              .assumed("as a bit of the input register; the paper gives its size only"));
  v.field("rcmr_mm2", rcmr_mm2,
          Meta("mm2", "row conversion mask register of a CU, 2 Kb")
              .at_least(0.0)
              .assumed("an eighth of ISAAC's 2 KB input register"));
  v.field(
      "bus_pj", bus_pj,
      Meta("pJ", "a byte over a bank's bus").at_least(0.0).paper("ISAAC: a bus of 384 wires, 7 mW at 1 GHz"));
  mm2("bus_mm2", bus_mm2, "bus of a bank", isaac);
  v.field("edram_pj", edram_pj,
          Meta("pJ", "a byte read from or written into a bank's buffer")
              .at_least(0.0)
              .paper("ISAAC: 64 KB of eDRAM, 20.7 mW at 32 bytes a nanosecond"));
  mm2("edram_mm2", edram_mm2, "buffer of a bank, 64 KB", isaac);
  v.field("activation_pj", activation_pj,
          Meta("pJ", "an output").at_least(0.0).paper("ISAAC: two sigmoid units, 0.52 mW at 1 GHz"));
  mm2("activation_mm2", activation_mm2, "activation units of a bank", isaac);
  v.field("pooling_pj", pooling_pj,
          Meta("pJ", "an output").at_least(0.0).paper("ISAAC: a max-pooling unit, 0.4 mW at 1 GHz"));
  mm2("pooling_mm2", pooling_mm2, "pooling unit of a bank", isaac);
  v.field("chip_bus_pj", chip_bus_pj,
          Meta("pJ", "a byte over the chip's bus")
              .at_least(0.0)
              .assumed("ISAAC's router, 42 mW at 32 bytes a nanosecond; the paper says nothing of this bus"));
  v.field("chip_bus_mm2", chip_bus_mm2,
          Meta("mm2", "its share in a bank, times 4")
              .at_least(0.0)
              .assumed("ISAAC's router, shared by four tiles"));
  v.field("write_pj", write_pj,
          Meta("pJ", "a cell written, with its verification")
              .at_least(0.0)
              .assumed("order of published SET and RESET energies of ReRAM cells, 1 to 100 pJ"));
  v.field("endurance", endurance,
          Meta("write", "that a cell survives").above(0.0).assumed("published figures go from 1e6 to 1e12"));
}

double CostTable::energy_j(const Activity& a) const {
  double sum = 0;
  for (std::size_t i = 0; i < kComponents; ++i) sum += energy_j(a, static_cast<C>(i));
  return sum;
}

double CostTable::chip_mm2() const {
  double sum = 0;
  for (const double part : area_mm2) sum += part;
  return sum;
}

CostTable cost_table(const Tech& t, const ChipConfig& config, unsigned rows, unsigned cols, unsigned adc_bits,
                     double read_ns) {
  CostTable table;
  const auto pj = [&table](C c, double value) { table.energy_pj[static_cast<std::size_t>(c)] = value; };
  const auto mm2 = [&table](C c, double value) { table.area_mm2[static_cast<std::size_t>(c)] = value; };
  // mW times ns is pJ. Table I's CU has 8 crossbars of 128 rows and columns.
  const double walk_ns = 128 / 1.2;
  const double conversion_ns = 1 / 1.2;
  const double bits_above = static_cast<double>(adc_bits) - 6;
  const double adc_power = std::pow(t.adc_power_per_bit, bits_above);
  const double adc_area = std::pow(t.adc_area_per_bit, bits_above);
  pj(C::dac, t.dac_mw / (8 * 128) * read_ns);
  pj(C::array, t.array_mw / (8 * 128 * 128) * read_ns);
  pj(C::sample_hold, t.sample_hold_mw / (8 * 128) * walk_ns);
  pj(C::mux, t.mux_mw / 8 * conversion_ns);
  pj(C::adc, t.adc_mw / 8 * conversion_ns * adc_power);
  pj(C::shift_add, t.shift_add_pj);
  pj(C::input_register, t.input_register_pj);
  pj(C::output_register, t.output_register_pj);
  pj(C::rcmr, t.rcmr_pj);
  pj(C::bus, t.bus_pj);
  pj(C::edram, t.edram_pj);
  pj(C::activation, t.activation_pj);
  pj(C::pooling, t.pooling_pj);
  pj(C::chip_bus, t.chip_bus_pj);
  pj(C::write, t.write_pj);

  const double units = static_cast<double>(config.banks) * config.units;
  const double crossbars = units * config.crossbars;
  const double row_share = crossbars / 8 * rows / 128;  // in CUs of Table I
  const double col_share = crossbars / 8 * cols / 128;
  const double adcs = crossbars / 8 * config.unit.adcs_per_crossbar;
  const double banks = config.banks;
  mm2(C::dac, t.dac_mm2 * row_share);
  mm2(C::array, t.array_mm2 * row_share * cols / 128);
  mm2(C::sample_hold, t.sample_hold_mm2 * col_share);
  mm2(C::mux, t.mux_mm2 * col_share);
  mm2(C::adc, t.adc_mm2 * adcs * adc_area);
  mm2(C::shift_add, t.shift_add_mm2 * units);
  mm2(C::input_register, t.input_register_mm2 * units);
  mm2(C::output_register, t.output_register_mm2 * units);
  mm2(C::rcmr, t.rcmr_mm2 * units);
  mm2(C::bus, t.bus_mm2 * banks);
  mm2(C::edram, t.edram_mm2 * banks * static_cast<double>(config.edram_bytes) / 65536);
  mm2(C::activation, t.activation_mm2 * banks);
  mm2(C::pooling, config.pooling_latency > 0 ? t.pooling_mm2 * banks : 0);
  mm2(C::chip_bus, t.chip_bus_mm2 * banks / 4);
  return table;
}

}  // namespace sme
