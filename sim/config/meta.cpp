// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/meta.h"

#include <array>
#include <charconv>
#include <cmath>

namespace sim::config {

std::string number_text(double value) {
  std::array<char, 64> buffer{};
  // Whole numbers people write out are written out: 1000000, not 1e+06.
  const bool plain = std::abs(value) < 1e15 && std::trunc(value) == value;
  const auto end =
      plain ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed)
            : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return std::string(buffer.data(), end.ptr);
}

bool Meta::allows(long double value) const {
  if (lo_ && (value < lo_->value || (lo_->exclusive && value == lo_->value))) return false;
  return !hi_ || value <= hi_->value;
}

std::string Meta::range_text() const {
  if (!lo_ && !hi_) return "";
  const std::string lo = lo_ ? (lo_->exclusive ? "(" : "[") + lo_->text : "(-inf";
  const std::string hi = hi_ ? hi_->text + "]" : "inf)";
  return lo + ", " + hi;
}

}  // namespace sim::config
