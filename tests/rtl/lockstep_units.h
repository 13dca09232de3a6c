// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Hand-written RTL of one unit (units/*.v) beside the unit of the simulator, cycle by cycle.
#pragma once

#include <cstdint>
#include <string>

#include "tests/rtl/rtl_design.h"

namespace rtl_test {

struct Lockstep {
  std::uint64_t cycles = 0;  ///< compared
  std::uint64_t events = 0;  ///< seen on both sides
  std::uint64_t stalls = 0;  ///< cycles in which something had to wait
  std::uint64_t resets = 0;
  std::uint64_t clips = 0;  ///< conversions beyond the largest code
  std::string difference;   ///< empty: none
};

/// The n-th value of `--name value` pairs, as numbers.
struct Parameters {
  int argc;
  char** argv;
  std::uint64_t get(const std::string& name) const;  ///< throws std::runtime_error when it is missing
};

/// Bits of the pins, least significant first.
inline void put_bits(std::uint32_t* words, unsigned at, unsigned width, std::uint64_t value) {
  for (unsigned i = 0; i < width; ++i) {
    const std::uint32_t bit = std::uint32_t{1} << (at + i) % 32;
    if ((value >> i & 1) != 0) {
      words[(at + i) / 32] |= bit;
    } else {
      words[(at + i) / 32] &= ~bit;
    }
  }
}
inline std::uint64_t get_bits(const std::uint32_t* words, unsigned at, unsigned width) {
  std::uint64_t value = 0;
  for (unsigned i = 0; i < width; ++i) {
    value |= static_cast<std::uint64_t>(words[(at + i) / 32] >> (at + i) % 32 & 1) << i;
  }
  return value;
}

/// ring_switch_bench.v beside ring::PacketNetwork. Parameters: ports credits latency wire cycles seed.
Lockstep run_switch(allmod::test::RtlDesign& design, const Parameters& parameters);

/// sme_cu_bench.v beside sme::ComputeUnit (event and clocked) and sme::Layer. Parameters: see
/// lockstep_cu.cpp.
Lockstep run_cu(allmod::test::RtlDesign& design, const Parameters& parameters);

}  // namespace rtl_test
