// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/diagnostics.h"

#include <algorithm>
#include <tuple>

#include "sim/core/error.h"

namespace sim::config {
namespace {

constexpr std::size_t kWidth = 100;  // of a quoted source line

// The source line and a caret under the column: one column a code point, tabs kept so that they line up.
std::string quote(const std::string& line, std::size_t line_number, std::size_t column) {
  const auto continues = [&](std::size_t i) {
    return (static_cast<unsigned char>(line[i]) & 0xC0u) == 0x80u;
  };
  std::size_t at = column == 0 ? 0 : column - 1;
  at = std::min(at, line.size());
  std::size_t begin = 0;
  std::size_t end = line.size();
  if (line.size() > kWidth) {  // a window around the column, not cutting a character
    begin = at > kWidth / 2 ? at - kWidth / 2 : 0;
    end = std::min(line.size(), begin + kWidth);
    while (begin < at && continues(begin)) ++begin;
    while (end < line.size() && continues(end)) ++end;
  }
  std::string text;
  std::string pad;
  if (begin > 0) {
    text = "...";
    pad = "   ";
  }
  for (std::size_t i = begin; i < end; ++i) {
    const char c = line[i];
    const bool control = (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
    text += control ? '?' : c;
    if (i < at && !continues(i)) pad += c == '\t' ? '\t' : ' ';
  }
  if (end < line.size()) text += "...";
  std::string number = std::to_string(line_number);
  if (number.size() < 5) number.insert(0, 5 - number.size(), ' ');
  return number + " | " + text + "\n" + std::string(number.size(), ' ') + " | " + pad + "^\n";
}

// Names of files and what was copied from them must not command the terminal.
std::string printable(std::string text) {
  for (char& c : text) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f) c = '?';
  }
  return text;
}

}  // namespace

void Diagnostics::error(const Mark& where, const std::string& what) {
  items_.push_back({where, what, true});
  ++errors_;
}

void Diagnostics::warning(const Mark& where, const std::string& what) {
  items_.push_back({where, what, false});
}

std::string Diagnostics::text() const {
  std::vector<const Item*> sorted;
  for (const Item& item : items_) sorted.push_back(&item);
  const auto position = [](const Item* i) {
    return std::tuple<const std::string&, std::uint32_t, std::uint32_t>(i->where.file(), i->where.line(),
                                                                        i->where.column());
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Item* a, const Item* b) { return position(a) < position(b); });
  const auto same = [&](const Item* a, const Item* b) {
    return position(a) == position(b) && a->what == b->what && a->is_error == b->is_error;
  };
  sorted.erase(std::unique(sorted.begin(), sorted.end(), same), sorted.end());

  std::string result;
  for (std::size_t i = 0; i < sorted.size() && i < kMaxShown; ++i) {
    const Item& item = *sorted[i];
    const std::string place = item.where.text();
    if (!place.empty()) result += printable(place) + ": ";
    result += (item.is_error ? "error: " : "warning: ") + printable(item.what) + "\n";
    if (const std::string* line = item.where.source_line()) {
      result += quote(*line, item.where.line(), item.where.column());
    }
  }
  if (sorted.size() > kMaxShown) {
    result += "and " + std::to_string(sorted.size() - kMaxShown) + " more of these\n";
  }
  return result;
}

void Diagnostics::throw_if_any() const {
  if (!ok()) throw Error(Exit::usage, text());
}

}  // namespace sim::config
