// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/mark.h"

#include <utility>

namespace sim::config {

Mark::Mark(std::string file, std::uint32_t line, std::uint32_t column) : line_(line), column_(column) {
  auto source = std::make_shared<Source>();
  source->name = std::move(file);
  source_ = std::move(source);
}

Mark::Mark(std::shared_ptr<const Source> source, std::uint32_t line, std::uint32_t column)
    : source_(std::move(source)), line_(line), column_(column) {}

const std::string& Mark::file() const {
  static const std::string kNone;
  return source_ ? source_->name : kNone;
}

const std::string* Mark::source_line() const {
  if (!source_ || line_ == 0 || line_ > source_->lines.size()) return nullptr;
  return &source_->lines[line_ - 1];
}

std::string Mark::text() const {
  std::string result = file();
  if (result.empty() || line_ == 0) return result;
  result += ":" + std::to_string(line_);
  if (column_ != 0) result += ":" + std::to_string(column_);
  return result;
}

}  // namespace sim::config
