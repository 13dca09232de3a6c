// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/topology/rate.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "sim/core/error.h"

namespace ring {

Rate rate_of_gbytes_per_s(double gbytes_per_s) {
  if (!(gbytes_per_s >= 0) || gbytes_per_s > 1e9) {
    throw sim::Error(sim::Exit::usage, "a rate of " + std::to_string(gbytes_per_s) +
                                           " GB/s is outside [0, 10^9]; 0 = no limit");
  }
  if (gbytes_per_s == 0) return {};
  return {std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(gbytes_per_s * 1e9)))};
}

double gbytes_per_s(Rate rate) { return static_cast<double>(rate.bytes_per_s) * 1e-9; }

Rate slower(Rate a, Rate b) {
  if (!a.limited()) return b;
  if (!b.limited()) return a;
  return a.bytes_per_s < b.bytes_per_s ? a : b;
}

Picoseconds service_ps(std::uint64_t bytes, Rate rate) {
  if (!rate.limited() || bytes == 0) return 0;
  constexpr std::uint64_t kPerSecond = 1'000'000'000'000;
  if (bytes <= (~std::uint64_t{0} - rate.bytes_per_s) / kPerSecond) {  // no packet is larger than 18 MB
    return std::max<std::uint64_t>(1, (bytes * kPerSecond + rate.bytes_per_s / 2) / rate.bytes_per_s);
  }
  const std::uint64_t whole = bytes / rate.bytes_per_s;
  // Long division by digits: three of the twelve decimal ones at a time, exact while the rate is below 10^18.
  std::uint64_t rest = bytes % rate.bytes_per_s, ps = whole;
  for (int digits = 0; digits < 4; ++digits) {
    const std::uint64_t hundred = rest * 10 / rate.bytes_per_s, r1 = rest * 10 % rate.bytes_per_s;
    const std::uint64_t ten = r1 * 10 / rate.bytes_per_s, r2 = r1 * 10 % rate.bytes_per_s;
    ps = ps * 1000 + hundred * 100 + ten * 10 + r2 * 10 / rate.bytes_per_s;
    rest = r2 * 10 % rate.bytes_per_s;
  }
  return std::max<std::uint64_t>(1, ps + (rest * 2 >= rate.bytes_per_s ? 1 : 0));
}

Picoseconds picoseconds(double seconds) {
  const double ps = seconds * 1e12;
  if (!(ps >= 0) || ps > 9.2e18) {
    throw sim::Error(sim::Exit::usage, "a time of " + std::to_string(seconds) + " s is outside [0, 9.2e6] s");
  }
  return static_cast<Picoseconds>(std::llround(ps));
}

}  // namespace ring
