// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>

namespace sim::config {

// Exact reading of numbers, free of locale, octal and wrap-around.
struct Integer {
  enum class State { ok, ill_formed, leading_zero, underscore, not_whole, too_big };
  State state = State::ill_formed;
  bool negative = false;
  std::uint64_t magnitude = 0;
};

// Decimal ("12", "-3", "1e6", "1.5e3" when whole) or hexadecimal ("0x1F").
Integer parse_integer(const std::string& text);

struct Real {
  enum class State { ok, ill_formed, underscore, not_finite, too_big };
  State state = State::ill_formed;
  double value = 0;
};

Real parse_real(const std::string& text);

}  // namespace sim::config
