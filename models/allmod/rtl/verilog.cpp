// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/rtl/verilog.h"

#include <sstream>

namespace allmod::verilog {

std::string range(unsigned bits) { return bits == 1 ? "" : "[" + std::to_string(bits - 1) + ":0] "; }

std::string constant(unsigned bits, const mpz_class& value) {
  return std::to_string(bits) + (value < 10 ? "'d" : "'h") + value.get_str(value < 10 ? 10 : 16);
}

std::string zeros(unsigned bits) { return std::to_string(bits) + "'d0"; }

std::string slice(const std::string& name, unsigned of, unsigned low, unsigned bits) {
  if (low == 0 && bits == of) return name;
  if (bits == 1) return name + "[" + std::to_string(low) + "]";
  return name + "[" + std::to_string(low + bits - 1) + ":" + std::to_string(low) + "]";
}

std::string extend(const std::string& expression, unsigned from, unsigned to) {
  if (from >= to) return expression;
  return "{" + zeros(to - from) + ", " + expression + "}";
}

std::string concat(const std::vector<std::string>& parts) {
  if (parts.size() == 1) return parts.front();
  std::string text = "{";
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? "" : ", ") + parts[i];
  return text + "}";
}

std::string sum(const std::vector<std::string>& terms) {
  std::string text;
  for (const std::string& term : terms) text += (text.empty() ? "" : " + ") + term;
  return text;
}

std::string wire(const std::string& name, unsigned bits, const std::string& expression) {
  const std::string head = "  wire " + range(bits) + name + " =";
  const bool fits = head.size() + expression.size() < 106;
  return head + (fits ? " " : "\n      ") + expression + ";\n";
}

std::string wire(const std::string& name, unsigned bits) { return "  wire " + range(bits) + name + ";\n"; }

std::string comment(const std::string& text, const std::string& indent) {
  std::istringstream words(text);
  std::string word, line, all;
  while (words >> word) {
    if (!line.empty() && indent.size() + line.size() + word.size() > 100) {
      all += indent + "//" + line + "\n";
      line.clear();
    }
    line += " " + word;
  }
  return all + indent + "//" + line + "\n";
}

std::string hex(const mpz_class& value, unsigned bits) {
  const std::string digits = value.get_str(16);
  const std::size_t width = (bits + 3) / 4;
  return std::string(width > digits.size() ? width - digits.size() : 0, '0') + digits;
}

}  // namespace allmod::verilog
