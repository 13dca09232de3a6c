// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace trace {

/// Bytes one behind the other. Unlike a std::string it does not write zeros where something else is about to
/// be written.
class ByteBuffer {
 public:
  std::size_t size() const { return size_; }
  std::string_view bytes() const { return {data_.get(), size_}; }
  /// Keeps its memory.
  void clear() { size_ = 0; }
  /// Room for `count` more bytes, to be filled; holds until the next call.
  char* add(std::size_t count) {
    if (size_ + count > capacity_) grow(size_ + count);
    char* const room = data_.get() + size_;
    size_ += count;
    return room;
  }
  void append(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(add(bytes.size()), bytes.data(), bytes.size());
  }

 private:
  void grow(std::size_t least) {
    const std::size_t capacity = std::max(least, capacity_ + capacity_ / 2);
    std::unique_ptr<char[]> data(new char[capacity]);
    if (size_ != 0) std::memcpy(data.get(), data_.get(), size_);
    data_ = std::move(data);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace trace
