// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/record/vcd_header.h"

namespace sim::record {
namespace {

bool word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$';
}

// A comment ends at the first "$end".
std::string comment(std::string text) {
  for (std::size_t at = text.find("$end"); at != std::string::npos; at = text.find("$end", at)) {
    text.insert(at + 1, " ");
  }
  return text;
}

}  // namespace

bool vcd_path(const std::string& path) {
  bool in_word = false;
  for (const char c : path) {
    if (c != '.' && !word_char(c)) return false;
    if (c == '.' && !in_word) return false;
    in_word = c != '.';
  }
  return in_word;
}

std::string vcd_code(std::size_t index) {
  constexpr std::size_t kFirst = '!';
  constexpr std::size_t kCount = 94;  // printable characters
  std::string code;
  do {
    code += static_cast<char>(kFirst + index % kCount);
    index /= kCount;
  } while (index > 0 && index-- > 0);  // bijective: no two numbers share a code
  return code;
}

void VcdHeader::add(const std::string& path, unsigned width, const std::string& code) {
  Scope* scope = &top_;
  std::size_t start = 0;
  for (std::size_t dot = path.find('.'); dot != std::string::npos; dot = path.find('.', start)) {
    const std::string name = path.substr(start, dot - start);
    Scope*& next = scope->by_name[name];
    if (next == nullptr) {
      scope->inner.push_back(std::make_unique<Scope>());
      next = scope->inner.back().get();
      next->name = name;
    }
    scope = next;
    start = dot + 1;
  }
  std::string line = "$var wire " + std::to_string(width) + " " + code + " " + path.substr(start);
  if (width > 1) line += " [" + std::to_string(width - 1) + ":0]";
  scope->variables.push_back(line + " $end\n");
}

std::string VcdHeader::text() const {
  // A fixed date: the same run gives the same bytes, also after conversion to FST.
  std::string out = "$date Thu Jan  1 00:00:00 1970 $end\n";
  out += "$version tricycle, schema " + std::to_string(kSchema) + " $end\n";
  out += "$comment period_ps " + std::to_string(origin_.period_ps) + " $end\n";
  if (!origin_.configuration.empty()) out += "$comment\n" + comment(origin_.configuration) + "\n$end\n";
  out += "$timescale 1ps $end\n";
  write(out, top_);
  return out + "$enddefinitions $end\n";
}

void VcdHeader::write(std::string& out, const Scope& scope) {
  for (const std::string& variable : scope.variables) out += variable;
  for (const auto& inner : scope.inner) {
    out += "$scope module " + inner->name + " $end\n";
    write(out, *inner);
    out += "$upscope $end\n";
  }
}

}  // namespace sim::record
