// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What a chip executes: which crossbars are driven by one matrix-vector product, bank by bank.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/units.h"

namespace sme {

// One tile's crossbars of one sign set in one CU, driven once a product.
struct TileOp {
  std::uint16_t unit = 0;          // CU of the bank
  std::uint16_t block = 0;         // of BankWork::blocks: where the sums go
  std::uint16_t rows = 0;          // inputs, a byte each
  std::uint16_t columns = 0;       // conversions of each crossbar and input cycle
  std::uint16_t sums = 0;          // partial sums of the result
  std::uint8_t crossbars = 0;      // driven
  std::uint16_t input_cycles = 8;  // input bits + D, for each group of rows  // input bits + D
  bool squeezed = false;
  std::uint32_t tile = 0;           // of the layer's map
  std::uint8_t set = 0;             // sign set
  std::uint32_t crossbar_mask = 0;  // which crossbars of the set are driven
  // Counted by the bank: input vectors loaded, products computed, results taken away.
  std::uint64_t loads = 0, products = 0, results = 0;
};

// Outputs whose partial sums meet in the buffer of bank `home`.
struct BlockWork {
  std::uint32_t block = 0;                              // of the layer
  std::uint32_t outputs = 0;                            // sums
  bool home = false;                                    // of this bank
  unsigned local = 0;                                   // results of this bank's CUs that add up
  unsigned foreign = 0;                                 // partial sums that come from other banks (home only)
  unsigned home_bank = 0;                               // index of the home bank
  std::uint32_t home_block = 0;                         // of the home bank's BankWork::blocks
  std::uint64_t sent = 0, received = 0, activated = 0;  // counted by the bank
};

struct BankWork {
  unsigned bank = 0;
  std::vector<TileOp> ops;  // in the order in which a product's come to the CUs
  std::vector<BlockWork> blocks;
  std::uint64_t input_bytes = 0;  // that a product brings into the bank
  std::uint64_t received = 0;     // products whose inputs came: counted by the bank
};

// One matrix at one precision (planes driven), or a part of it if it is larger than the chip.
struct LayerWork {
  std::string name;
  std::uint32_t layer = 0;      // of the chip's list
  std::vector<BankWork> banks;  // those that take part, ascending
  std::uint32_t blocks = 0;     // of all banks, at home
  unsigned window = 1;          // products under way at the most, as the banks' buffers allow
  std::uint64_t products = 0;   // done: counted by the controller
};

// Crossbars to be written before the layers behind them can run.
struct ProgramWork {
  struct Bank {
    unsigned bank = 0;
    std::uint64_t bytes = 0;  // of weight bits over the chip bus
    std::uint64_t cells = 0;  // written
    std::uint64_t crossbars = 0;
    sim::Cycle cycles = 0;  // of writing
  };
  std::vector<Bank> banks;
};

// A run of products of one layer, one after the other.
struct Pass {
  LayerWork* work = nullptr;             // either this
  const ProgramWork* program = nullptr;  // or this
  std::uint64_t positions = 0;           // products
  std::uint64_t tag = 0;                 // the source's own
  bool depends = true;                   // on the pass before it
  bool last = true;                      // of its layer: the others are in earlier rounds
};

// Where passes come from, and who is told what became of them. Called at clock edges.
class PassSource {
 public:
  virtual ~PassSource() = default;
  // False: there are no more (for now: Chip::wake() asks again).
  virtual bool next(Pass& pass) = 0;
  // The first request of a pass is on the chip bus's list.
  virtual void begun(const Pass& pass, sim::Cycle now) = 0;
  // All outputs of product `position` are in the buffer. In any order within the window.
  virtual void position_done(const Pass& pass, std::uint64_t position, sim::Cycle now) = 0;
  virtual void done(const Pass& pass, sim::Cycle now) = 0;
};

}  // namespace sme
