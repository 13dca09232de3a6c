// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/sme/activity.h"

namespace sme {

using C = Component;

const char* name(Component component) {
  static constexpr const char* kNames[kComponents] = {
      "dac",       "array",          "sample_hold",     "mux",      "adc",
      "shift_add", "input_register", "output_register", "rcmr",     "bus",
      "edram",     "activation",     "pooling",         "chip_bus", "write"};
  return kNames[static_cast<std::size_t>(component)];
}

const char* event_text(Component component) {
  static constexpr const char* kTexts[kComponents] = {"rows driven for an input cycle",
                                                      "cells read",
                                                      "columns sampled",
                                                      "columns switched to an ADC",
                                                      "conversions",
                                                      "codes shifted and accumulated",
                                                      "bits written into or read from input registers",
                                                      "sums accumulated over input bits",
                                                      "mask bits read",
                                                      "bytes over the banks' buses",
                                                      "bytes read from or written into eDRAM",
                                                      "outputs activated",
                                                      "outputs pooled",
                                                      "bytes over the chip's bus",
                                                      "cells written"};
  return kTexts[static_cast<std::size_t>(component)];
}

Activity load_activity(const TileOp& op) {
  Activity a;
  a[C::edram] = op.rows;
  a[C::bus] = op.rows;
  a[C::input_register] = std::uint64_t{op.rows} * 8;
  return a;
}

Activity product_activity(const TileOp& op, const ChipConfig&, std::uint64_t rcmr_bits) {
  Activity a;
  const std::uint64_t reads = std::uint64_t{op.crossbars} * op.input_cycles;
  const std::uint64_t conversions = reads * op.columns;
  a[C::dac] = reads * op.rows;
  a[C::array] = conversions * op.rows;
  a[C::sample_hold] = conversions;
  a[C::mux] = conversions;
  a[C::adc] = conversions;
  a[C::shift_add] = conversions;
  a[C::input_register] = std::uint64_t{op.rows} * op.input_cycles;
  a[C::output_register] = std::uint64_t{op.columns} * op.input_cycles;
  a[C::rcmr] = rcmr_bits;
  return a;
}

// The adder reads the sum in the buffer, adds, and writes it back.
Activity result_activity(const TileOp& op, const ChipConfig& config) {
  Activity a;
  const std::uint64_t bytes = std::uint64_t{op.sums} * config.sum_bytes;
  a[C::bus] = bytes;
  a[C::edram] = 2 * bytes;
  return a;
}

Activity sent_activity(const BlockWork& block, const ChipConfig& config) {
  Activity a;
  const std::uint64_t bytes = std::uint64_t{block.outputs} * config.sum_bytes;
  a[C::edram] = bytes;
  a[C::chip_bus] = bytes;
  return a;
}

Activity received_activity(const BlockWork& block, const ChipConfig& config) {
  Activity a;
  a[C::edram] = 2 * std::uint64_t{block.outputs} * config.sum_bytes;
  return a;
}

Activity activated_activity(const BlockWork& block, const ChipConfig& config) {
  Activity a;
  a[C::edram] = std::uint64_t{block.outputs} * (config.sum_bytes + 1);
  a[C::activation] = block.outputs;
  if (config.pooling_latency > 0) a[C::pooling] = block.outputs;
  return a;
}

Activity received_activity(const BankWork& bank) {
  Activity a;
  a[C::chip_bus] = bank.input_bytes;
  a[C::edram] = bank.input_bytes;
  return a;
}

Activity program_activity(const ProgramWork& program) {
  Activity a;
  for (const ProgramWork::Bank& bank : program.banks) {
    a[C::chip_bus] += bank.bytes;
    a[C::write] += bank.cells;
  }
  return a;
}

Activity work_activity(const LayerWork& work, const LayerMap& map, const ChipConfig& config, bool counted) {
  Activity total;
  const auto times = [counted](std::uint64_t n) { return counted ? n : 1; };
  for (const BankWork& bank : work.banks) {
    total.add(received_activity(bank), times(bank.received));
    for (const TileOp& op : bank.ops) {
      const TileMap& tile = map.tiles[op.tile];
      total.add(load_activity(op), times(op.loads));
      total.add(product_activity(op, config, op.squeezed ? tile.rcmr_bits : 0), times(op.products));
      total.add(result_activity(op, config), times(op.results));
    }
    for (const BlockWork& block : bank.blocks) {
      if (counted || !block.home) total.add(sent_activity(block, config), times(block.sent));
      if (counted || block.foreign > 0) {
        total.add(received_activity(block, config), counted ? block.received : block.foreign);
      }
      if (counted || block.home) total.add(activated_activity(block, config), times(block.activated));
    }
  }
  return total;
}

}  // namespace sme
