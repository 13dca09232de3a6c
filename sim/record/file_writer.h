// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace sim::record {

// A file written from front to back through a buffer of fixed size.
// Throws sim::Error(Exit::input) when the file cannot be opened or written; after that, text is ignored.
class FileWriter {
 public:
  explicit FileWriter(const std::filesystem::path& file);
  ~FileWriter();  // closes without reporting errors
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;

  void put(std::string_view text) {
    if (text.size() > kBuffer - used_ && !make_room(text)) return;
    std::memcpy(buffer_.get() + used_, text.data(), text.size());
    used_ += text.size();
  }
  void put(char c) {
    if (used_ == kBuffer) flush();
    buffer_[used_++] = c;
  }
  void put_number(std::uint64_t number) {
    constexpr std::size_t kDigits = 20;
    if (kBuffer - used_ < kDigits) flush();
    char* const at = buffer_.get() + used_;
    used_ += static_cast<std::size_t>(std::to_chars(at, at + kDigits, number).ptr - at);
  }

  // Writes the rest and closes; errors up to here are reported.
  void close();

  const std::filesystem::path& file() const { return file_; }

 private:
  static constexpr std::size_t kBuffer = 256 * 1024;
  // Flushes; texts that are larger than the buffer are written at once, and false is returned.
  bool make_room(std::string_view text);
  void flush();
  void write(const char* text, std::size_t size);
  [[noreturn]] void fail(const std::string& what, int error);

  std::filesystem::path file_;
  std::unique_ptr<char[]> buffer_;
  std::size_t used_ = 0;
  int descriptor_ = -1;
};

}  // namespace sim::record
