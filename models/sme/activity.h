// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "models/sme/chip_config.h"
#include "models/sme/function/layer_map.h"
#include "models/sme/work.h"

namespace sme {

// Parts of the chip that take energy, one kind of event each.
enum class Component : std::size_t {
  dac,              // a row driven for one input cycle
  array,            // a cell read
  sample_hold,      // a column sampled
  mux,              // a column switched to its ADC
  adc,              // a conversion
  shift_add,        // plane shifter and accumulator, a conversion's code
  input_register,   // a bit written or read
  output_register,  // a sum accumulated (shift-and-add over the input bits)
  rcmr,             // a bit of the row conversion mask register read
  bus,              // a byte over a bank's bus
  edram,            // a byte read or written
  activation,       // an output
  pooling,          // an output
  chip_bus,         // a byte over the chip's bus
  write,            // a cell written
};
constexpr std::size_t kComponents = 15;
const char* name(Component component);        // "dac", also the key in summary.json
const char* event_text(Component component);  // what is counted

// How often each part worked. Integers, so that parts add up to wholes exactly.
struct Activity {
  std::array<std::uint64_t, kComponents> events{};

  std::uint64_t& operator[](Component c) { return events[static_cast<std::size_t>(c)]; }
  std::uint64_t operator[](Component c) const { return events[static_cast<std::size_t>(c)]; }
  Activity& add(const Activity& other, std::uint64_t times = 1) {
    for (std::size_t i = 0; i < kComponents; ++i) events[i] += other.events[i] * times;
    return *this;
  }
  friend bool operator==(const Activity& a, const Activity& b) { return a.events == b.events; }
};

// Of one product: its way into the CU, its computation, its way out.
Activity load_activity(const TileOp& op);
Activity product_activity(const TileOp& op, const ChipConfig& config, std::uint64_t rcmr_bits);
Activity result_activity(const TileOp& op, const ChipConfig& config);
// Of one product and block: a partial sum sent (received) over the chip's bus, a block activated.
Activity sent_activity(const BlockWork& block, const ChipConfig& config);
Activity received_activity(const BlockWork& block, const ChipConfig& config);
Activity activated_activity(const BlockWork& block, const ChipConfig& config);
// Of the inputs of one product that come into a bank.
Activity received_activity(const BankWork& bank);
// Of one product of a work, as the work says (counted: of all so far, as the units counted them).
Activity work_activity(const LayerWork& work, const LayerMap& map, const ChipConfig& config, bool counted);
Activity program_activity(const ProgramWork& program);

}  // namespace sme
