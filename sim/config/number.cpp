// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

namespace sim::config {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// "1_000": digits with underscores between them.
bool is_underscored(const std::string& text) {
  return text.find('_') != std::string::npos && is_digit(text[text[0] == '-' ? 1 : 0]) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_digit(c) || c == '_' || c == '-' || c == '.'; });
}

// Digits of "12.50e3" without the point, and the power of ten they are to be multiplied with.
struct Decimal {
  bool ok = false;
  std::string digits;
  std::size_t whole_digits = 0;  // digits before the point
  bool has_point = false;
  long long exponent = 0;
};

Decimal split_decimal(const std::string& text, std::size_t i) {
  Decimal d;
  bool any = false;
  for (; i < text.size() && is_digit(text[i]); ++i, any = true) d.digits += text[i];
  d.whole_digits = d.digits.size();
  if (i < text.size() && text[i] == '.') {
    d.has_point = true;
    for (++i; i < text.size() && is_digit(text[i]); ++i, any = true) {
      d.digits += text[i];
      --d.exponent;
    }
  }
  if (!any) return d;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    const bool minus = i < text.size() && text[i] == '-';
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    if (i == text.size()) return d;
    long long e = 0;
    for (; i < text.size() && is_digit(text[i]); ++i) e = std::min(e * 10 + (text[i] - '0'), 1'000'000'000LL);
    d.exponent += minus ? -e : e;
  }
  d.ok = i == text.size();
  return d;
}

Integer::State parse_hex(const std::string& text, std::size_t i, std::uint64_t& magnitude) {
  const char* begin = text.data() + i;
  const char* end = text.data() + text.size();
  if (begin == end) return Integer::State::ill_formed;
  const auto r = std::from_chars(begin, end, magnitude, 16);
  if (r.ptr != end) return Integer::State::ill_formed;
  return r.ec == std::errc() ? Integer::State::ok : Integer::State::too_big;
}

}  // namespace

Integer parse_integer(const std::string& text) {
  using State = Integer::State;
  Integer result;
  if (text.empty()) return result;
  if (is_underscored(text)) {
    result.state = State::underscore;
    return result;
  }
  std::size_t i = 0;
  if (text[0] == '-' || text[0] == '+') {
    result.negative = text[0] == '-';
    i = 1;
  }
  if (text.size() > i + 1 && text[i] == '0' && (text[i + 1] == 'x' || text[i + 1] == 'X')) {
    result.state = parse_hex(text, i + 2, result.magnitude);
    return result;
  }
  Decimal d = split_decimal(text, i);
  if (!d.ok) return result;
  if (d.whole_digits > 1 && d.digits[0] == '0') {
    result.state = State::leading_zero;
    return result;
  }
  d.digits.erase(0, std::min(d.digits.find_first_not_of('0'), d.digits.size()));
  while (!d.digits.empty() && d.digits.back() == '0') {
    d.digits.pop_back();
    ++d.exponent;
  }
  if (d.digits.empty()) {  // zero, however it is written
    result.negative = false;
    result.state = State::ok;
    return result;
  }
  if (d.exponent < 0) {
    result.state = State::not_whole;
    return result;
  }
  result.state = State::too_big;
  if (d.exponent > 20) return result;
  d.digits.append(static_cast<std::size_t>(d.exponent), '0');
  const char* end = d.digits.data() + d.digits.size();
  const auto r = std::from_chars(d.digits.data(), end, result.magnitude, 10);
  if (r.ec == std::errc() && r.ptr == end) result.state = State::ok;
  return result;
}

Real parse_real(const std::string& text) {
  using State = Real::State;
  Real result;
  if (text.empty()) return result;
  if (is_underscored(text)) {
    result.state = State::underscore;
    return result;
  }
  std::string folded = text;
  for (char& c : folded) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  std::string bare = folded;
  if (bare[0] == '-' || bare[0] == '+') bare.erase(0, 1);
  if (bare == ".nan" || bare == "nan" || bare == ".inf" || bare == "inf" || bare == "infinity") {
    result.state = State::not_finite;
    return result;
  }
  if (!split_decimal(bare, 0).ok) return result;
  const bool negative = folded[0] == '-';
  const auto r = std::from_chars(bare.data(), bare.data() + bare.size(), result.value);
  result.state = r.ec == std::errc() ? State::ok : State::too_big;
  if (negative) result.value = -result.value;
  return result;
}

}  // namespace sim::config
