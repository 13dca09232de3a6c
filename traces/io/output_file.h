// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace trace {

/// A file that grows by whole pieces: a piece that could not be written is taken back.
class OutputFile {
 public:
  /// Replaces the file. Throws sim::Error(Exit::input).
  explicit OutputFile(const std::filesystem::path& file);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Throws sim::Error(Exit::input), e.g. where the disk is full.
  void append(std::string_view piece);
  /// Throws what the system reports only at the end.
  void close();

  std::uint64_t bytes() const { return bytes_; }
  const std::string& name() const { return name_; }

 private:
  [[noreturn]] void fail(int error);

  std::string name_;
  int descriptor_ = -1;
  std::uint64_t bytes_ = 0;
};

}  // namespace trace
