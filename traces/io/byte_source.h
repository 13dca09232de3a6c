// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace trace {

/// Where a reader gets its bytes.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Up to `size` bytes; 0 only at the end. Throws sim::Error(Exit::input).
  virtual std::size_t read(char* to, std::size_t size) = 0;
  /// Of the whole source, for progress; empty where not known (a pipe).
  virtual std::optional<std::uint64_t> size() const = 0;
};

/// Throws sim::Error(Exit::input) when the file cannot be opened or is a folder.
std::unique_ptr<ByteSource> open_file(const std::filesystem::path& file);

/// `bytes` are copied.
std::unique_ptr<ByteSource> from_memory(std::string bytes);

}  // namespace trace
