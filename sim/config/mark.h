// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sim::config {

// The text a position points into: a file, or one --set argument.
struct Source {
  std::string name;                // as shown to the user
  std::vector<std::string> lines;  // empty when there is nothing to quote
};

// Where something was written. Lines and columns count from 1; 0 means "the source as a whole".
// Columns count bytes, as compilers do.
class Mark {
 public:
  Mark() = default;
  // A position in something of which no text is kept, for example a data file named by the configuration.
  explicit Mark(std::string file, std::uint32_t line = 0, std::uint32_t column = 0);
  Mark(std::shared_ptr<const Source> source, std::uint32_t line, std::uint32_t column);

  bool known() const { return source_ != nullptr; }
  const std::string& file() const;  // "" when unknown
  std::uint32_t line() const { return line_; }
  std::uint32_t column() const { return column_; }
  const std::string* source_line() const;  // nullptr when there is none
  std::string text() const;                // FILE:LINE:COLUMN, FILE, or ""

 private:
  std::shared_ptr<const Source> source_;
  std::uint32_t line_ = 0;
  std::uint32_t column_ = 0;
};

}  // namespace sim::config
