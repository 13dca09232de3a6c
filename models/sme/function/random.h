// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cmath>
#include <cstdint>

namespace sme {

// SplitMix64 (Steele, Lea, Flood 2014): its finaliser, and the generator. Same numbers on every machine.
inline std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    const std::uint64_t value = mix(state_);
    state_ += 0x9e3779b97f4a7c15;
    return value;
  }
  // [0, 1) and (0, 1] in steps of 2^-53.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  double uniform_above_0() { return static_cast<double>((next() >> 11) + 1) * 0x1p-53; }
  // Mean 0, standard deviation 1 (Box and Muller).
  double normal() {
    const double radius = std::sqrt(-2 * std::log(uniform_above_0()));
    return radius * std::cos(6.283185307179586477 * uniform());
  }

 private:
  std::uint64_t state_;
};

}  // namespace sme
