// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

#include "sim/config/auto.h"
#include "sim/config/visitor.h"

namespace common {

// Simulated time and durations in picoseconds.
using Ps = std::uint64_t;

// `hbm:` in a configuration: a stack memory of independent channels. The defaults are those of one HBM3
// stack.
struct HbmConfig {
  unsigned channels = 32;
  double channel_gbytes_per_s = 25;
  std::uint64_t interleave_bytes = 256;
  unsigned banks = 16;
  std::uint64_t row_bytes = 1024;
  double activate_ns = 15;
  double row_cycle_ns = 45;
  double precharge_ns = 15;
  double column_ns = 18;
  double turnaround_ns = 8;
  double accept_ns = 1;
  double controller_ns = 40;
  unsigned queue = 64;
  std::uint64_t gibytes = 16;
  sim::config::Auto<double> pj_per_bit;

  void fields(sim::config::Visitor& v);

  double peak_bytes_per_s() const { return channels * channel_gbytes_per_s * 1e9; }
};

Ps picoseconds(double ns);  // rounded to the nearest

// What a channel needs of it, as integers.
struct HbmTiming {
  Ps activate = 0, row_cycle = 0, precharge = 0, turnaround = 0;
  std::uint64_t row_bytes = 1024;
  unsigned banks = 16;
  std::uint64_t byte_ps_q16 = 0;  // time of a byte on the data bus, 1/65536 ps

  explicit HbmTiming(const HbmConfig& config);
  HbmTiming() = default;
  Ps beat(std::uint64_t bytes) const { return (bytes * byte_ps_q16 + 0xffff) >> 16; }
};

}  // namespace common
