// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Sizes and latencies of the chip, in cycles of its clock, and what follows from them in closed form.
#pragma once

#include <cstdint>

#include "sim/core/units.h"

namespace sme {

using sim::Cycle;

enum class Detail { event, clocked };  // same cycles; clocked counts every one of them

// A compute unit (CU): `crossbars` crossbars, each with its drivers, sample-and-hold and ADCs behind a
// multiplexer; one accumulator over all of them; one shift-and-add over the input bits.
struct UnitTiming {
  std::uint64_t clock_khz = 1'000'000;  // of the chip
  std::uint64_t adc_khz = 1'200'000;    // conversions a millisecond of one ADC
  unsigned adcs_per_crossbar = 1;       // columns are dealt out to them
  Cycle read = 100;                     // rows driven until the columns can be sampled
  bool pipelined = true;     // the rows are driven for the next bit while the ADC converts this one
  Cycle convert_inputs = 1;  // RCMR: inputs of a squeezed tile, before their first bit
  Cycle shift = 1;           // plane shifter
  Cycle accumulate = 1;      // over the crossbars of the unit
  Cycle shift_add = 1;       // over the input bits
  Cycle output_register = 1;
  unsigned input_registers = 2;   // vectors that a unit holds, the one being driven included
  unsigned output_registers = 2;  // results that a unit holds, the one being accumulated included

  // Cycles in which the ADC walks `columns` columns. Samples are taken on clock edges, so every walk is
  // rounded up on its own: 128 conversions at 1.2 GS/s are 106.67 cycles of 1 GHz and take 107.
  Cycle conversion(unsigned columns) const {
    const std::uint64_t walked = (columns + adcs_per_crossbar - 1) / adcs_per_crossbar;
    return (walked * clock_khz + adc_khz - 1) / adc_khz;
  }
  // Cycles from one sample to the next of the same product.
  Cycle interval(unsigned columns) const {
    const Cycle c = conversion(columns);
    if (!pipelined) return read + c;
    return read > c ? read : c;
  }
  Cycle after_conversion() const { return shift + accumulate + shift_add + output_register; }
  // From inputs in the register of an idle unit to the result in the output register.
  Cycle latency(unsigned columns, unsigned input_cycles, bool squeezed) const {
    return (squeezed ? convert_inputs : 0) + read + (input_cycles - 1) * interval(columns) +
           conversion(columns) + after_conversion();
  }
};

// Policies; one interface and one file a choice each (arbiter.h, layer_schedule.h, placement.h).
enum class ArbiterKind { round_robin, oldest, results_first };
enum class ScheduleKind { serial, streamed };
enum class PlacementKind { automatic, per_tile, whole, dense };
enum class BankOrder { packed, spread };

struct ChipConfig {
  unsigned banks = 128;
  unsigned units = 12;     // CUs a bank
  unsigned crossbars = 8;  // crossbars a CU
  double clock_mhz = 1000;
  Detail detail = Detail::event;
  UnitTiming unit;

  // A bank: shared bus between the eDRAM buffer and the CUs, adder at the buffer, activation and pooling
  // units.
  unsigned bus_bytes = 32;    // a cycle
  Cycle bus_arbitration = 1;  // from a request to the earliest grant
  ArbiterKind arbiter = ArbiterKind::round_robin;
  Cycle edram_read = 2;            // from the grant to the first beat
  Cycle partial_add = 1;           // adds a partial sum to the one in the buffer, behind the last beat
  unsigned activation_lanes = 16;  // outputs that the activation unit takes in a cycle
  Cycle activation_latency = 1;
  Cycle pooling_latency = 1;  // behind the activation unit; 0 = no pooling unit
  std::uint64_t edram_bytes = 65536;
  unsigned sum_bytes = 4;  // of a partial sum on the buses and in the buffer

  // The chip: a bus between the banks.
  unsigned chip_bus_bytes = 64;
  Cycle chip_bus_arbitration = 1;

  // Scheduling.
  ScheduleKind schedule = ScheduleKind::serial;
  PlacementKind placement = PlacementKind::automatic;
  BankOrder bank_order = BankOrder::packed;
  bool skip_empty_rows = false;  // rows of a tile without ones are neither sent nor driven
  unsigned window = 4;           // products of a layer in flight
  unsigned overlap = 4;          // layers in flight (streamed)
  Cycle issue = 1;               // controller: from a product's turn to its request on the chip bus

  // Writing crossbars. A row of cells is one write; the crossbars of a bank share `writers` drivers.
  Cycle write_row = 2000;
  unsigned writers = 8;  // crossbars of a bank that are written at the same time

  std::uint64_t capacity() const { return std::uint64_t{banks} * units * crossbars; }
  static Cycle beats(std::uint64_t bytes, unsigned width) { return (bytes + width - 1) / width; }
};

}  // namespace sme
