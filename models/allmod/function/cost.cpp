// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/function/cost.h"

#include <algorithm>
#include <iterator>

#include "sim/core/ceil_div.h"

namespace allmod {

namespace {

using sim::ceil_div;

unsigned ceil_log2(std::uint64_t value) {
  unsigned bits = 0;
  while ((std::uint64_t{1} << bits) < value) ++bits;
  return bits;
}

}  // namespace

Area& Area::operator+=(const Area& other) {
  lut_sites += other.lut_sites;
  ff += other.ff;
  bram18 += other.bram18;
  carry4 += other.carry4;
  srl += other.srl;
  return *this;
}

const char* part_word(Part part) {
  static constexpr const char* kWords[kParts] = {"input", "tables", "tree",       "join_delay",
                                                 "pre",   "post",   "multiplier", "control"};
  return kWords[static_cast<std::size_t>(part)];
}

Area Cost::total() const {
  Area sum;
  for (const Area& part : parts) sum += part;
  return sum;
}

double Cost::throughput_per_cycle() const { return static_cast<double>(lanes) / ii; }

double Cost::area_efficiency() const {
  return allmod::area_efficiency(throughput_per_cycle(), total().lut_sites);
}

double Cost::scalar_luts(const Device& device) const {
  return static_cast<double>(total().lut_sites) + device.bram36_luts * total().bram36();
}

double area_efficiency(double operations_per_cycle, std::uint64_t lut_sites) {
  return lut_sites == 0 ? 0 : operations_per_cycle / static_cast<double>(lut_sites) * 1e9;
}

void Bill::adder(Part part, std::uint64_t bits, unsigned operands) {
  if (operands < 2) return;
  at(part).lut_sites += bits * (operands - 1);
  at(part).carry4 += ceil_div(bits, 4) * (operands - 1);
}

void Bill::conditional_subtraction(Part part, std::uint64_t bits) {
  at(part).lut_sites += bits * options_.device.step_sites;
  at(part).carry4 += ceil_div(bits, 4);
}

void Bill::mux(Part part, std::uint64_t ways, std::uint64_t bits) {
  at(part).lut_sites += mux_sites(ways) * bits;
}

void Bill::logic(Part part, std::uint64_t luts) { at(part).lut_sites += luts; }

RomCost Bill::table(std::uint64_t depth, std::uint64_t width) {
  const RomCost cost = rom(depth, width, options_.rom, options_.device);
  at(Part::tables).lut_sites += cost.lut_sites;
  at(Part::tables).bram18 += cost.bram18;
  return cost;
}

void Bill::second_entries(std::uint64_t bits) {
  if (!options_.elastic) return;
  at(Part::control).ff += bits;
  at(Part::control).lut_sites += bits;
}

void Bill::hold(Part first, Part later, std::uint64_t bits, unsigned cycles) {
  if (bits == 0 || cycles == 0) return;
  second_entries(bits * cycles);
  const Device& device = options_.device;
  if (options_.elastic || cycles < device.srl_min) {
    at(first).ff += bits;
    at(later).ff += bits * (cycles - 1);
    return;
  }
  const unsigned rest = cycles % device.srl_depth;
  const bool rest_in_srl = rest >= device.srl_min;
  const std::uint64_t srls = bits * (cycles / device.srl_depth + rest_in_srl);
  at(later).lut_sites += srls;
  at(later).srl += srls;
  if (!rest_in_srl) at(later).ff += bits * rest;
}

void Bill::hold_answer(Part later, std::uint64_t bits, unsigned cycles, bool in_bram) {
  if (!in_bram) return hold(Part::tables, later, bits, cycles);
  second_entries(bits);
  hold(later, bits, cycles - 1);
}

void Bill::state(Part part, std::uint64_t bits) { at(part).ff += bits; }

// A valid bit for each stage and one gate for the clock enable of all; a two-entry FIFO has two bits of state
// and as many next states, and the load of its second entry.
void Bill::choice_in_carry(std::uint64_t bits) {
  if (options_.elastic) chosen_in_carry_ += bits;
}

void Bill::stage_control(unsigned stages) {
  at(Part::control).ff += options_.elastic ? 2 * stages : stages;
  at(Part::control).lut_sites += options_.elastic ? 3 * stages : 1;
}

void Bill::counter(std::uint64_t states) {
  const unsigned bits = ceil_log2(states);
  at(Part::control).ff += bits;
  at(Part::control).lut_sites += bits;
}

// Chained additions overlap: the next carry chain starts when the low bits of the one before it are there.
double Bill::adder_ns(std::uint64_t bits, unsigned operands) const {
  return options_.device.adder_ns * ceil_log2(operands) +
         options_.device.carry_ns_per_bit * static_cast<double>(bits);
}

double Bill::subtraction_ns(std::uint64_t bits) const {
  return options_.device.subtraction_ns + options_.device.carry_ns_per_bit * static_cast<double>(bits);
}

// A look-up in one LUT level is an addition of no bits.
double Bill::table_ns(const RomCost& table) const {
  if (table.in_bram) return options_.device.adder_ns;
  const unsigned more = table.levels > 1 ? table.levels - 1 : 0;
  return options_.device.adder_ns + more * options_.device.lut_level_ns;
}

double Bill::behind_table_ns(const RomCost& table) const {
  return table.in_bram ? options_.device.bram_ns + table.levels * options_.device.lut_level_ns : 0;
}

void Bill::path(const std::string& what, double ns) {
  const double whole = ns + (options_.elastic ? options_.device.lut_level_ns : 0);
  if (whole <= critical_ns_) return;
  critical_ns_ = whole;
  critical_ = what;
}

Cost Bill::finish(unsigned latency, unsigned ii) const {
  Cost cost;
  std::array<Area, kParts> parts = parts_;
  std::uint64_t& choices = parts[static_cast<std::size_t>(Part::control)].lut_sites;
  choices -= std::min(choices, chosen_in_carry_);
  for (std::size_t i = 0; i < kParts; ++i)
    for (unsigned lane = 0; lane < options_.lanes; ++lane) cost.parts[i] += parts[i];
  cost.lanes = options_.lanes;
  cost.latency = latency;
  cost.ii = ii;
  cost.critical_ns = critical_ns_;
  cost.critical = critical_;
  return cost;
}

std::optional<Cost> cost_of(const Datapath& datapath, const CostOptions& options) {
  Bill bill(options);
  switch (datapath.design().form) {
    case Form::pipelined:
      bill_pipelined(datapath, bill);
      break;
    case Form::template_:
    case Form::template_literal:
      bill_template(datapath, bill);
      break;
    case Form::serial:
      bill_serial(datapath, bill);
      break;
    case Form::iterative:
      bill_iterative(datapath, bill);
      break;
    case Form::barrett:
    case Form::montgomery:
      bill_products(datapath, bill);
      break;
  }
  return bill.finish(datapath.latency(), datapath.ii());
}

}  // namespace allmod
