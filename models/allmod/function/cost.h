// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What a reducer takes of an FPGA and how fast it can be clocked: a vector, by part, from the structure
// alone. The tables are priced as read-only, for one modulus; writing them and the bus port are not counted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "models/allmod/function/datapath.h"
#include "models/allmod/function/rom.h"

namespace allmod {

struct Area {
  std::uint64_t lut_sites = 0;  // what slices spend: logic, route-throughs, shift registers
  std::uint64_t ff = 0;
  std::uint64_t bram18 = 0;  // halves of a RAMB36
  std::uint64_t carry4 = 0;  // in the slices of lut_sites
  std::uint64_t srl = 0;     // of lut_sites
  double bram36() const { return static_cast<double>(bram18) / 2; }
  Area& operator+=(const Area& other);
  friend bool operator==(const Area& a, const Area& b) {
    return a.lut_sites == b.lut_sites && a.ff == b.ff && a.bram18 == b.bram18 && a.carry4 == b.carry4 &&
           a.srl == b.srl;
  }
};

enum class Part {
  input,       // operand register
  tables,      // look-up tables and their answers
  tree,        // adders over them; accumulator and fusion; the additions of a multiplying form
  join_delay,  // what waits for the other side: the sums, or the iterative result
  pre,   // restoring steps before the fusion; those of form serial that are made on the same unit after it
  post,  // restoring steps, or the adjustment, after it; result register
  multiplier,  // multipliers and their products
  control,     // valid bits, counters; stall policy elastic: the second entry of every FIFO
};
constexpr std::size_t kParts = 8;
const char* part_word(Part part);

struct CostOptions {
  RomStyle rom = RomStyle::automatic;
  bool elastic = true;  // two-entry FIFOs: twice the registers, a multiplexer a bit, no shift registers
  unsigned lanes = 1;   // each with tables of its own
  Device device;
};

struct Cost {
  std::array<Area, kParts> parts;  // of all lanes
  unsigned lanes = 1;
  unsigned latency = 0;  // cycles
  unsigned ii = 1;       // cycles between two operands of one lane
  double critical_ns = 0;
  std::string critical;  // the longest path, for people

  const Area& part(Part p) const { return parts[static_cast<std::size_t>(p)]; }
  Area total() const;
  double fmax_mhz() const { return critical_ns > 0 ? 1000 / critical_ns : 0; }
  double throughput_per_cycle() const;  // operations a cycle of all lanes, without stalls
  // Operations a cycle and 10^9 LUT sites, block RAM free: the ordinate of the authors' figure.
  double area_efficiency() const;
  // LUT sites, with block RAM turned into LUTs.
  double scalar_luts(const Device& device) const;
};

// Collects what a structure consists of. Every form of reducer, priced or closed formula, goes through it.
class Bill {
 public:
  explicit Bill(const CostOptions& options) : options_(options) {}
  const CostOptions& options() const { return options_; }

  // One LUT site a bit of the result and operand beyond the first; a CARRY4 for each 4 bits.
  void adder(Part part, std::uint64_t bits, unsigned operands = 2);
  void conditional_subtraction(Part part, std::uint64_t bits);
  void mux(Part part, std::uint64_t ways, std::uint64_t bits);
  void logic(Part part, std::uint64_t luts);
  RomCost table(std::uint64_t depth, std::uint64_t width);

  // A pipeline register and `cycles - 1` more behind it that hold the same value. `first` pays for the first
  // one, `later` for the others or for all if shift registers take them.
  void hold(Part first, Part later, std::uint64_t bits, unsigned cycles);
  void hold(Part part, std::uint64_t bits, unsigned cycles = 1) { hold(part, part, bits, cycles); }
  // A table's answer: as hold(), but of a block RAM's answer the first register is in the memory.
  void hold_answer(Part later, std::uint64_t bits, unsigned cycles, bool in_bram);
  // A register that no FIFO doubles: state of a serial unit.
  void state(Part part, std::uint64_t bits);
  // Stall elastic: `bits` of the LUTs that choose between a FIFO's two entries are not needed, since the LUT
  // in front of a carry chain chooses as well.
  void choice_in_carry(std::uint64_t bits);
  void stage_control(unsigned stages);
  void counter(std::uint64_t states);

  double adder_ns(std::uint64_t bits, unsigned operands = 2) const;
  double subtraction_ns(std::uint64_t bits) const;
  double table_ns(const RomCost& table) const;         // to the register of its answer
  double behind_table_ns(const RomCost& table) const;  // what a block RAM adds to the path behind it
  void path(const std::string& what, double ns);

  // For one lane; multiplied by the lanes.
  Cost finish(unsigned latency, unsigned ii) const;

 private:
  Area& at(Part part) { return parts_[static_cast<std::size_t>(part)]; }
  void second_entries(std::uint64_t bits);

  CostOptions options_;
  std::array<Area, kParts> parts_;
  std::uint64_t chosen_in_carry_ = 0;
  double critical_ns_ = 0;
  std::string critical_;
};

double area_efficiency(double operations_per_cycle, std::uint64_t lut_sites);

// Every form is priced, so there always is a value.
std::optional<Cost> cost_of(const Datapath& datapath, const CostOptions& options);

// The structures behind it.
void bill_pipelined(const Datapath& datapath, Bill& bill);
void bill_template(const Datapath& datapath, Bill& bill);
void bill_serial(const Datapath& datapath, Bill& bill);
void bill_iterative(const Datapath& datapath, Bill& bill);
void bill_products(const Datapath& datapath, Bill& bill);

}  // namespace allmod
