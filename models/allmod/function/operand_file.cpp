// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>

#include "models/allmod/function/bounds.h"
#include "models/allmod/function/operands.h"
#include "sim/core/error.h"

namespace allmod {

namespace {

constexpr std::string_view kBlank = " \t\r\v\f";

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string shown(char c) {
  if (c >= ' ' && c <= '~') return std::string("'") + c + "'";
  char text[16];
  std::snprintf(text, sizeof text, "byte 0x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
  return text;
}

class Parser {
 public:
  Parser(std::istream& text, std::string name, unsigned n) : text_(text), name_(std::move(name)), n_(n) {}

  std::vector<Limb> parse() {
    std::string line;
    while (std::getline(text_, line)) {
      ++line_;
      std::string_view content(line);
      if (line_ == 1 && content.substr(0, 3) == "\xef\xbb\xbf") {
        content.remove_prefix(3);
        skipped_ = 3;
      }
      content = content.substr(0, content.find('#'));
      if (content.find_first_not_of(kBlank) != std::string_view::npos) row(content);
      skipped_ = 0;
    }
    if (text_.bad()) fail(line_ + 1, 1, "the file cannot be read further; check the medium");
    if (values_.empty())
      fail(line_ == 0 ? 1 : line_, 1, "no operand in the file; give one hexadecimal number a line");
    return std::move(values_);
  }

 private:
  struct Field {
    std::string_view text;  // blanks trimmed
    std::size_t at;         // in the line, from 0
  };

  [[noreturn]] void fail(std::size_t line, std::size_t column, const std::string& what) const {
    throw sim::Error(sim::Exit::input, name_ + ":" + std::to_string(line) + ":" +
                                           std::to_string(column + skipped_) + ": " + what);
  }
  [[noreturn]] void fail(std::size_t at, const std::string& what) const { fail(line_, at + 1, what); }

  static std::vector<Field> split(std::string_view line) {
    std::vector<Field> fields;
    for (std::size_t from = 0;;) {
      const std::size_t comma = line.find(',', from);
      const std::size_t end = comma == std::string_view::npos ? line.size() : comma;
      std::size_t first = std::min(line.find_first_not_of(kBlank, from), end);
      std::size_t last = end;
      while (last > first && kBlank.find(line[last - 1]) != std::string_view::npos) --last;
      if (last - first >= 2 && line[first] == '"' && line[last - 1] == '"') ++first, --last;
      fields.push_back({line.substr(first, last - first), first});
      if (comma == std::string_view::npos) return fields;
      from = comma + 1;
    }
  }

  void row(std::string_view line) {
    const std::vector<Field> fields = split(line);
    if (columns_ == 0) {
      columns_ = fields.size();
      if (header(fields)) return;
    }
    if (fields.size() != columns_)
      fail(fields.size() > columns_ ? fields[columns_].at : line.size(),
           "the row has " + std::to_string(fields.size()) + " columns, the first one has " +
               std::to_string(columns_) + "; give every row the same columns");
    number(fields[column_]);
  }

  // A first row with a field `x`, or whose first field cannot be a number in a file of several columns.
  bool header(const std::vector<Field>& fields) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].text != "x" && fields[i].text != "X") continue;
      column_ = i;
      return true;
    }
    if (columns_ == 1) return false;
    for (const char c : fields[0].text)
      if (digit_value(c) < 0 && c != 'x' && c != 'X') return true;
    return fields[0].text.empty();
  }

  void number(const Field& field) {
    std::string_view digits = field.text;
    std::size_t at = field.at;
    if (digits.substr(0, 2) == "0x" || digits.substr(0, 2) == "0X") digits.remove_prefix(2), at += 2;
    if (digits.empty()) fail(at, "an operand is missing here; write a hexadecimal number");
    for (std::size_t i = 0; i < digits.size(); ++i)
      if (digit_value(digits[i]) < 0)
        fail(at + i,
             shown(digits[i]) +
                 " is no hexadecimal digit; operands are hexadecimal, one a line, '#' starts a comment");
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    const std::size_t limbs = limbs_for(2 * n_);
    const std::size_t bits = digits.empty() ? 0 : 4 * digits.size() - leading_zeros(digits[0]);
    if (bits > 2 * n_)
      fail(field.at, "the operand has " + std::to_string(bits) + " bits; X must be below 2^(2n), at most " +
                         std::to_string(2 * n_) + " bits for n = " + std::to_string(n_));
    values_.resize(values_.size() + limbs, 0);
    Limb* x = values_.data() + values_.size() - limbs;
    for (std::size_t i = 0; i < digits.size(); ++i)
      x[i / 16] |= static_cast<Limb>(digit_value(digits[digits.size() - 1 - i])) << (4 * (i % 16));
  }

  static std::size_t leading_zeros(char digit) {
    std::size_t zeros = 4;
    for (int v = digit_value(digit); v != 0; v >>= 1) --zeros;
    return zeros;
  }

  std::istream& text_;
  std::string name_;
  unsigned n_;
  std::size_t line_ = 0, columns_ = 0, column_ = 0, skipped_ = 0;
  std::vector<Limb> values_;
};

std::vector<Limb> read_file(const std::filesystem::path& file, unsigned n) {
  errno = 0;
  if (std::filesystem::is_directory(file))
    throw sim::Error(sim::Exit::input, file.string() + ": is a directory; name a file of operands");
  std::ifstream text(file);
  if (!text)
    throw sim::Error(sim::Exit::input, file.string() + ": cannot be opened (" +
                                           std::strerror(errno != 0 ? errno : EIO) +
                                           "); check the name and its rights");
  return Parser(text, file.string(), n).parse();
}

}  // namespace

FileOperands::FileOperands(const std::filesystem::path& file, unsigned n)
    : Operands(n), list_(read_file(file, n)) {}

FileOperands::FileOperands(std::istream& text, const std::string& name, unsigned n)
    : Operands(n), list_(Parser(text, name, n).parse()) {}

void FileOperands::get(std::uint64_t index, Limb* x) const {
  const auto from = list_.begin() + static_cast<std::ptrdiff_t>(index * x_limbs_);
  std::copy_n(from, x_limbs_, x);
}

}  // namespace allmod
