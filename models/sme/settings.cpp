// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cmath>

#include "models/sme/settings_words.h"

namespace sme {

using sim::config::Meta;
using sim::config::Visitor;

namespace {
const char* const kPaper = "SME (ICCD 2021), section on the architecture";
const char* const kRegistered = "a register stage; the paper gives no cycle counts";
}  // namespace

void QuantizerSection::fields(Visitor& v) {
  v.field("kind", kind,
          Meta("",
               "sme: ones only in s consecutive bits; int8: plain integers; po2: powers of two; apot: sums "
               "of `terms` "
               "powers; mixed: sme with 5 to 8 bits a matrix; trace: the codes of the trace"));
  v.field("s", s,
          Meta("bit", "kinds sme and mixed: consecutive bits that may be one")
              .range(1u, 8u)
              .paper("SME: S = 3 is the sweet spot"));
  v.field("bits", bits,
          Meta("bit", "magnitude planes of a weight (mixed: at most)").range(1u, 8u).paper("SME: Nq = 8"));
  v.field("terms", terms, Meta("", "kind apot: powers that add up to a weight").range(1u, 4u));
  v.field("mixed_error", mixed_error,
          Meta("", "kind mixed: relative RMS error that a matrix may have")
              .range(0.0, 10.0)
              .assumed("the paper does not say how bits are chosen"));
  v.field("scale", scale, Meta("", "one scale for the matrix, or one for each output"));
}

QuantizerSettings QuantizerSection::settings() const {
  QuantizerSettings q;
  q.kind = kind == QuantizerWord::int8    ? QuantizerKind::int8
           : kind == QuantizerWord::po2   ? QuantizerKind::po2
           : kind == QuantizerWord::apot  ? QuantizerKind::apot
           : kind == QuantizerWord::mixed ? QuantizerKind::mixed
                                          : QuantizerKind::sme;
  q.s = s;
  q.bits = bits;
  q.terms = terms;
  q.mixed_error = mixed_error;
  q.per_channel = scale == ScaleWord::per_channel;
  return q;
}

void SqueezeSection::fields(Visitor& v) {
  v.field("degree", degree,
          Meta("", "D: most significant crossbars of a tile that are emptied, a further input cycle each")
              .range(0u, 3u));
}

void AdcSection::fields(Visitor& v) {
  v.field("bits", bits,
          Meta("bit",
               "resolution; sums above 2^bits - 1 are clipped and counted; auto: as many as exact sums need")
              .range(1u, 16u)
              .paper("SME, Table I"));
  v.field("clip", clip, Meta("", "false: refuse a resolution that cannot hold every sum"));
  v.field("rate_gsps", rate_gsps,
          Meta("GS/s", "conversions of one ADC").range(0.001, 1000.0).paper("SME, Table I"));
  v.field("per_crossbar", per_crossbar,
          Meta("", "ADCs behind each crossbar's multiplexer").range(1u, 128u).paper(kPaper));
}

void CrossbarSection::fields(Visitor& v) {
  v.field("rows", shape.rows, Meta("", "rows: inputs").range(1u, 512u).paper(kPaper));
  v.field("cols", shape.cols, Meta("", "bit columns").range(1u, 512u).paper(kPaper));
  v.field("cell_bits", shape.cell_bits,
          Meta("bit", "1: SLC; 2: MLC, two neighbouring planes a cell").range(1u, 2u).paper(kPaper));
  v.field("read_ns", read_ns,
          Meta("ns", "rows are driven until the columns can be sampled")
              .range(0.001, 1e6)
              .paper("ISAAC (ISCA 2016): 100 ns a crossbar read; SME gives no figure"));
  v.field("write_ns", write_ns,
          Meta("ns", "writing and verifying a row of cells")
              .range(0.001, 1e9)
              .assumed("order of published pulse widths, 50 to 100 ns"));
  v.field(
      "writers", writers,
      Meta("", "crossbars of a bank that are written at the same time").range(1u, 4096u).assumed("one CU's"));
}

void ChipSection::fields(Visitor& v) {
  ChipConfig& c = config;
  v.field("clock_mhz", c.clock_mhz,
          Meta("MHz", "clock of the chip").above(0.0).at_most(1e6).paper("SME: 1 GHz at 32 nm"));
  v.field("banks", c.banks, Meta("", "banks").range(1u, 4096u).paper(kPaper));
  v.field("units", c.units, Meta("", "CUs a bank").range(1u, 256u).paper(kPaper));
  v.field("crossbars", c.crossbars, Meta("", "crossbars a CU").range(1u, 16u).paper(kPaper));
  v.field(
      "pipelined", c.unit.pipelined,
      Meta("", "the rows are driven for the next input bit while the ADCs convert this one").paper(kPaper));
  v.field("input_registers", c.unit.input_registers,
          Meta("", "vectors a CU holds, the one being driven included; 2 = double-buffered")
              .range(1u, 16u)
              .assumed("double buffering is usual"));
  v.field("output_registers", c.unit.output_registers,
          Meta("", "results a CU holds, the one being accumulated included")
              .range(1u, 16u)
              .assumed("double buffering is usual"));
  v.field("rcmr_cycles", c.unit.convert_inputs,
          Meta("cycle", "conversion of a squeezed tile's inputs, before their first bit")
              .range(0, 1000)
              .assumed(kRegistered));
  v.field("shift_cycles", c.unit.shift, Meta("cycle", "plane shifter").range(0, 1000).assumed(kRegistered));
  v.field("accumulate_cycles", c.unit.accumulate,
          Meta("cycle", "accumulator over a CU's crossbars").range(0, 1000).assumed(kRegistered));
  v.field("shift_add_cycles", c.unit.shift_add,
          Meta("cycle", "shift-and-add over the input bits").range(0, 1000).assumed(kRegistered));
  v.field("output_register_cycles", c.unit.output_register,
          Meta("cycle", "output register").range(0, 1000).assumed(kRegistered));
  v.field("bus_bytes", c.bus_bytes,
          Meta("byte", "of a bank's bus, a cycle")
              .range(1u, 4096u)
              .paper("ISAAC: 256 bits between eDRAM and units"));
  v.field("bus_arbitration_cycles", c.bus_arbitration,
          Meta("cycle", "from a request to the earliest grant").range(1, 1000).assumed(kRegistered));
  v.field("arbiter", c.arbiter, Meta("", "who gets a bus next, in the banks and on the chip"));
  v.field("edram_bytes", c.edram_bytes,
          Meta("byte", "buffer of a bank")
              .range(std::uint64_t{64}, std::uint64_t{1} << 40)
              .paper("ISAAC: 64 KB a tile"));
  v.field(
      "edram_read_cycles", c.edram_read,
      Meta("cycle", "from the grant to the last beat, beside the beats").range(0, 1000).assumed(kRegistered));
  v.field("sum_bytes", c.sum_bytes, Meta("byte", "of a partial sum").range(1u, 8u).assumed("32-bit sums"));
  v.field("add_cycles", c.partial_add,
          Meta("cycle", "adding a partial sum to the one in the buffer").range(0, 1000).assumed(kRegistered));
  v.field("activation_lanes", c.activation_lanes,
          Meta("", "outputs that an activation unit takes in a cycle")
              .range(1u, 4096u)
              .assumed("not in the paper"));
  v.field("activation_cycles", c.activation_latency,
          Meta("cycle", "latency of an activation unit").range(0, 1000).assumed(kRegistered));
  v.field(
      "pooling_cycles", c.pooling_latency,
      Meta("cycle", "latency of the pooling unit behind it; 0 = none").range(0, 1000).assumed(kRegistered));
  v.field(
      "chip_bus_bytes", c.chip_bus_bytes,
      Meta("byte", "of the bus between the banks, a cycle").range(1u, 65536u).assumed("not in the paper"));
  v.field("chip_bus_arbitration_cycles", c.chip_bus_arbitration,
          Meta("cycle", "from a request to the earliest grant").range(1, 1000).assumed(kRegistered));
  v.field("issue_cycles", c.issue,
          Meta("cycle", "from a product's turn to its request on the chip's bus")
              .range(1, 1000)
              .assumed(kRegistered));
  v.field(
      "schedule", c.schedule,
      Meta("", "serial: layer behind layer; streamed: a layer starts as the one before it gives its inputs"));
  v.field("overlap", c.overlap,
          Meta("layer", "schedule: streamed; layers under way at the most").range(1u, 1024u));
  v.field("placement", c.placement,
          Meta("",
               "per_tile: a CU for each tile and sign; whole: tiles share CUs; dense: tiles are also cut; "
               "auto: the "
               "first of them that fits"));
  v.field("bank_order", c.bank_order,
          Meta("", "packed: bank after bank is filled; spread: neighbouring CUs lie in different banks"));
  v.field("skip_empty_rows", c.skip_empty_rows,
          Meta("",
               "rows of a tile without a one are neither sent nor driven (as many as its fullest plane has "
               "count); not "
               "in the paper"));
  v.field("window", c.window, Meta("product", "products of a layer under way at the most").range(1u, 1024u));
}

void InputSection::fields(Visitor& v) {
  v.field("bits", bits, Meta("bit", "of an activation, a cycle each").range(1u, 8u).paper("SME: Ma = 8"));
  v.field("signed", is_signed,
          Meta("", "two's complement, sign-extended; else unsigned, as behind a ReLU. Traces are signed"));
  v.field("sigma", sigma,
          Meta("", "activations drawn: normal, of this share of the range; unsigned: negative ones become 0")
              .above(0.0)
              .at_most(4.0)
              .assumed("activations of the networks are not at hand"));
}

void AttentionSection::fields(Visitor& v) {
  v.field("crossbar", crossbar,
          Meta("", "workload.trace with a PQ cache: products of queries and codebooks run on crossbars too"));
}

void WorkloadSection::fields(Visitor& v) {
  std::string names = "shapes of a known network:";
  for (const std::string& name : network_names()) names += " " + name;
  v.field("network", network,
          Meta("", names + "; with weights: their shapes must be its. Without weights and trace the default "
                           "is resnet20_cifar"));
  v.field(
      "weights", weights,
      Meta("",
           "a .safetensors file with the weights, relative to the file that names it (else to the working "
           "directory); empty: seeded synthetic ones of the network's shape"));
  v.field(
      "trace", trace,
      Meta("", "a .tct file with weights and gemv records, instead of network and weights; path as above"));
  v.field("orientation", orientation, Meta("", "2-D tensors of the weights file"));
  v.field("count", count,
          Meta("", "inferences (all = 1), or tokens of the trace (all of them)")
              .range(std::uint64_t{1}, std::uint64_t{1} << 40)
              .word("all"));
  v.field("first", first, Meta("token", "the first token of the trace to be replayed"));
  v.field(
      "positions", positions,
      Meta("product",
           "products of each layer and inference that are simulated at the most; the rest is extrapolated")
          .range(std::uint64_t{1}, std::uint64_t{1} << 40)
          .word("all"));
  v.field("values", values,
          Meta("product", "products of each layer and inference whose values are computed, from the first on")
              .range(std::uint64_t{0}, std::uint64_t{1} << 40)
              .word("all"));
  v.field("seed", seed, Meta("", "seed of synthetic weights and activations"));
  v.field("law", law, Meta("", "distribution of synthetic weights"));
  v.field("sigma", sigma,
          Meta("", "standard deviation of synthetic weights; 0: sqrt(2 / inputs)").range(0.0, 1e6));
}

void FidelitySection::fields(Visitor& v) {
  v.field(
      "value", value,
      Meta("", "bit_true: values of the products that the workload asks for; none: cycles and energy only"));
  v.field("detail", detail,
          Meta("",
               "event: sleeps until something can happen; clocked: every stage on every edge; the cycles are "
               "the same")
              .elsewhere("fast",
                         "loosely timed chips are on the platform of model system (configs/system), which "
                         "has this setting too"));
}

namespace {

struct DeviceFields {
  DeviceEffects& d;
  void fields(Visitor& v) {
    v.field("variation", d.variation,
            Meta("", "sigma of ln(conductance) of a cell, log-normal").range(0.0, 2.0));
    v.field("stuck_at_0", d.stuck_at_0,
            Meta("", "share of cells that always have the lowest conductance").range(0.0, 1.0));
    v.field("stuck_at_1", d.stuck_at_1,
            Meta("", "share of cells that always have the highest").range(0.0, 1.0));
    v.field("read_noise", d.read_noise,
            Meta("cell", "sigma of a column's sum at every conversion").range(0.0, 1000.0));
    v.field(
        "ir_drop", d.ir_drop,
        Meta("", "share of the current that the farthest cell loses when all rows conduct").range(0.0, 1.0));
    v.field(
        "on_off_ratio", d.on_off_ratio,
        Meta("", "R_off / R_on; 0: cells at 0 do not conduct. The paper's cells have 10").range(0.0, 1e9));
    v.field("seed", d.seed, Meta("", "seed of the cells"));
  }
};

}  // namespace

void Settings::mapping_fields(Visitor& v) {
  v.field(
      "mapping", mapping,
      Meta("",
           "inter_crossbar: a bit plane a crossbar; conventional: the bits of a weight side by side in one"));
  v.field("sign", sign,
          Meta("",
               "magnitude: cells hold -1, 0, 1; differential: a positive and a negative set of planes; "
               "offset: one "
               "set of code + 2^bits")
              .assumed("the paper does not say; its crossbar counts are those of magnitude"));
  v.field("depthwise", depthwise,
          Meta("",
               "depthwise layers: diagonal, as many channels in a crossbar as fit, with values; as_given, "
               "counts only"));
  v.field("packing", packing, Meta("", "narrow tiles of one plane and layer share a crossbar, side by side"));
  v.field("release_empty", release_empty, Meta("", "crossbars without ones are not allocated").paper(kPaper));
  v.section("squeeze", squeeze, "squeeze-out");
  v.section("adc", adc, "analogue-to-digital converters");
  v.section("crossbar", crossbar, "one crossbar");
}

void Settings::device_fields(Visitor& v) {
  DeviceFields effects{devices};
  v.section("devices", effects, "what cells and wires do wrong; all 0: ideal");
}

void Settings::chip_fields(Visitor& v) {
  v.section("chip", chip, "sizes, latencies and policies of the chip");
  v.field("reload", reload,
          Meta("", "weights that do not fit the chip are written again and again; false: refused"));
}

void Settings::fields(Visitor& v) {
  v.section("workload", workload, "matrices, and the products to be computed");
  v.section("quantizer", quantizer, "how weights become codes");
  mapping_fields(v);
  v.section("inputs", inputs, "activations");
  device_fields(v);
  v.section("attention", attention, "MILLION's attention");
  chip_fields(v);
  v.section("fidelity", fidelity, "how much is evaluated");
  v.section("tech", tech, "power and area of the parts; configs/tech has tables");
}

LayerSettings Settings::layer_settings() const {
  LayerSettings s;
  s.mapping.kind = mapping;
  s.mapping.crossbar = crossbar.shape;
  s.mapping.sign = sign;
  s.mapping.squeeze_degree = squeeze.degree;
  s.mapping.release_empty = release_empty;
  s.mapping.pack_narrow = packing;
  s.mapping.depthwise = depthwise;
  s.adc_bits = adc.bits.value_or(0);
  s.input_bits = inputs.bits;
  s.devices = devices;
  s.values = fidelity.value == ValueFidelity::bit_true && workload.values.value_or(1) > 0;
  return s;
}

unsigned Settings::adc_bits() const { return adc.bits.value_or(exact_adc_bits(crossbar.shape)); }

ChipConfig Settings::chip_config() const {
  ChipConfig c = chip.config;
  c.detail = fidelity.detail;
  c.unit.clock_khz = static_cast<std::uint64_t>(std::llround(c.clock_mhz * 1000));
  c.unit.adc_khz = static_cast<std::uint64_t>(std::llround(adc.rate_gsps * 1e6));
  c.unit.adcs_per_crossbar = adc.per_crossbar;
  const auto cycles = [&c](double ns) {
    return static_cast<Cycle>(std::max(1.0, std::ceil(ns * c.clock_mhz / 1000 - 1e-9)));
  };
  c.unit.read = cycles(crossbar.read_ns);
  c.write_row = cycles(crossbar.write_ns);
  c.writers = crossbar.writers;
  return c;
}

}  // namespace sme
