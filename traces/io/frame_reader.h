// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "traces/io/byte_source.h"

struct ZSTD_DCtx_s;

namespace trace {

/// A frame that cannot be read. The reader of records adds file and position and makes a sim::Error of it.
class Damage : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Takes a file apart into the contents of its zstd frames. Holds one frame of at most kMaxFrameBytes.
class FrameReader {
 public:
  /// Reads the first eight bytes. Throws Damage where they are not those of a trace of a known version.
  explicit FrameReader(std::unique_ptr<ByteSource> source);
  ~FrameReader();
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  /// The next frame. False where the file ends behind a whole frame; throws Damage where it does not.
  bool next();

  std::string_view content() const { return content_; }
  /// First byte of the current frame in the file.
  std::uint64_t offset() const { return offset_; }
  /// Bytes of the file that were used so far.
  std::uint64_t used() const { return used_; }
  /// Of the whole file, 0 where not known.
  std::uint64_t size() const { return source_->size().value_or(0); }
  unsigned version() const { return version_; }

 private:
  std::size_t buffered() const { return end_ - begin_; }
  bool fill(std::size_t least);
  std::size_t check_header();

  std::unique_ptr<ByteSource> source_;
  ZSTD_DCtx_s* context_;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::string content_;
  std::uint64_t offset_ = 0, used_ = 0;
  unsigned version_ = 0;
};

}  // namespace trace
