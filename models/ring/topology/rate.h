// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Time and rates of the ring model, and the one rounding rule that every level of detail obeys.
#pragma once

#include <cstdint>

namespace ring {

/// Simulated time. 2^64 ps are 213 days.
using Picoseconds = std::uint64_t;

/// A rate of transfer in whole bytes a second. 0 = no limit.
struct Rate {
  std::uint64_t bytes_per_s = 0;
  bool limited() const { return bytes_per_s != 0; }
  friend bool operator==(Rate a, Rate b) { return a.bytes_per_s == b.bytes_per_s; }
  friend bool operator!=(Rate a, Rate b) { return !(a == b); }
};

/// Of a rate in GB/s (10^9 bytes a second), to the nearest whole byte a second. 0 = no limit; a positive one
/// never becomes 0. Throws sim::Error(Exit::usage) for what is negative, not finite or above 10^9 GB/s.
Rate rate_of_gbytes_per_s(double gbytes_per_s);
double gbytes_per_s(Rate rate);

/// The slower of two limits.
Rate slower(Rate a, Rate b);

/// THE ROUNDING RULE. A server of rate r is busy with one packet for bytes / r, rounded to the nearest
/// picosecond (halves up), and at least 1 ps; 0 ps without a limit. A message of many packets takes the sum
/// of its packets' times, never bytes / r of the whole. Levels `packet`, `train` and `closed_form` use this
/// function and nothing else to turn bytes into time, which is why they can agree to the picosecond. Times of
/// equal packets are equal, so n of them back to back take exactly n times as long.
/// What it costs: at most 0.5 ps a packet, 0.1 % of 256 B at 450 GB/s.
Picoseconds service_ps(std::uint64_t bytes, Rate rate);

/// Seconds (a compute time, a latency in a table) to the nearest picosecond. Throws sim::Error(Exit::usage)
/// for what is negative, not finite or above 2^63 ps.
Picoseconds picoseconds(double seconds);

}  // namespace ring
