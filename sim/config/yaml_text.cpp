// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

// Values as YAML text, and what the user wrote as text of a message.
#include <algorithm>
#include <array>
#include <cstdio>

#include "sim/config/scalar.h"

namespace sim::config {
namespace {

bool is_control(unsigned char c) { return c < 0x20 || c == 0x7f; }

// A text that no YAML reader takes for anything but itself.
bool is_plain(const std::string& text) {
  static const std::vector<std::string> kReserved = {"null", "true", "false", "yes", "no", "on",
                                                     "off",  "y",    "n",     "nan", "inf"};
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  const auto later = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '/' || c == '-' || c == '+';
  };
  if (text.empty() || text.size() > 200 || !(letter(text[0]) || text[0] == '/')) return false;
  if (!std::all_of(text.begin(), text.end(), later)) return false;
  std::string folded = text;
  for (char& c : folded) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return std::find(kReserved.begin(), kReserved.end(), folded) == kReserved.end();
}

std::string hex_escape(unsigned char c) {
  std::array<char, 8> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "\\x%02x", static_cast<unsigned>(c));
  return buffer.data();
}

}  // namespace

std::string yaml_quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (is_control(static_cast<unsigned char>(c))) {
      result += hex_escape(static_cast<unsigned char>(c));
    } else {
      result += c;
    }
  }
  return result + "\"";
}

std::string scalar_text(const Scalar& value) {
  struct {
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(std::uint64_t v) const { return std::to_string(v); }
    std::string operator()(double v) const { return number_text(v); }
    std::string operator()(const std::string& v) const { return v; }
    std::string operator()(const Word& v) const { return v.text; }
  } text;
  return std::visit(text, value);
}

std::string scalar_yaml(const Scalar& value) {
  const bool is_text = std::holds_alternative<std::string>(value) || std::holds_alternative<Word>(value);
  std::string text = scalar_text(value);
  return is_text && !is_plain(text) ? yaml_quoted(text) : text;
}

std::string shown(const std::string& written) {
  constexpr std::size_t kLongest = 60;
  std::string result = "'";
  for (std::size_t i = 0; i < written.size(); ++i) {
    const auto c = static_cast<unsigned char>(written[i]);
    const bool starts = (c & 0xC0u) != 0x80u;  // of a UTF-8 sequence: never cut one
    if (i >= kLongest && starts) return result + "...'";
    result += is_control(c) ? hex_escape(c) : std::string(1, written[i]);
  }
  return result + "'";
}

}  // namespace sim::config
