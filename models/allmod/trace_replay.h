// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/allmod/function/chain.h"

namespace tricycle::trace {
class ModMul;
}

namespace allmod {

// Encrypted layers of a trace (its ModMul records), made one program.
struct TraceReplay {
  // One ModMul record.
  struct Part {
    unsigned layer = 0;
    std::string matrix;
    unsigned weight_bits = 0;
    std::uint64_t multiplications = 0;
    std::uint64_t population = 0;  // such parts in the layer
  };

  std::string file;
  std::string digest;  // of the trace, as its footer has it
  std::string modulus_name;
  std::unique_ptr<ChainProgram> program;
  std::vector<Part> parts;
  std::uint64_t parts_in_trace = 0;  // of all moduli

  std::uint64_t multiplications() const;
  // Of the layers that the parts were sampled from: each part as often as there are such.
  std::uint64_t layer_multiplications() const;
};

// One ModMul record as a program of its own, with what its outputs are to be. `modulus` is the record's.
std::unique_ptr<ChainProgram> part_program(const Modulus& modulus, const tricycle::trace::ModMul& part);

// Reads a trace to its end and takes the ModMul records first .. first + parts - 1, which must share one
// modulus. Every output is expected to be the product of the operands to the power of the weights'
// magnitudes, worked out with mpz_powm. Throws sim::Error(Exit::input) when the trace is damaged or breaks a
// rule of the format, and when it has no such records.
TraceReplay read_replay(const std::string& file, std::uint64_t first, std::uint64_t parts);

}  // namespace allmod
