// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/io/frame_reader.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include <zstd.h>

#include "traces/io/format.h"

namespace trace {
namespace {

constexpr std::size_t kBufferBytes = 256u << 10;
constexpr std::size_t kFrameHeaderMost = 18;  // RFC 8878, 3.1.1: magic and frame header

}  // namespace

FrameReader::FrameReader(std::unique_ptr<ByteSource> source)
    : source_(std::move(source)), context_(ZSTD_createDCtx()), buffer_(kBufferBytes, '\0') {
  if (context_ == nullptr) throw std::bad_alloc();
  try {
    ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kMaxWindowLog);
    if (!fill(kMagic.size())) {
      throw Damage(buffered() == 0 ? "the file is empty" : "the file ends within its first eight bytes");
    }
    if (std::memcmp(buffer_.data(), kMagic.data(), kMagic.size() - 1) != 0) {
      throw Damage("this is no Tricycle trace: its first bytes are " +
                   hex(std::string_view(buffer_).substr(0, kMagic.size())) + ", not " +
                   hex({reinterpret_cast<const char*>(kMagic.data()), kMagic.size()}));
    }
    version_ = static_cast<unsigned char>(buffer_[kMagic.size() - 1]);
    if (version_ == 0 || version_ > kVersion) {
      throw Damage("the file is of version " + std::to_string(version_) +
                   " of the format; this program reads 1" +
                   (kVersion > 1 ? " to " + std::to_string(kVersion) : ""));
    }
  } catch (...) {
    ZSTD_freeDCtx(context_);
    throw;
  }
  begin_ = used_ = kMagic.size();
}

FrameReader::~FrameReader() { ZSTD_freeDCtx(context_); }

// Makes at least so many bytes available where the file has them.
bool FrameReader::fill(std::size_t least) {
  if (buffered() >= least) return true;
  std::memmove(buffer_.data(), buffer_.data() + begin_, buffered());
  end_ -= begin_;
  begin_ = 0;
  while (end_ < least) {
    const std::size_t got = source_->read(buffer_.data() + end_, buffer_.size() - end_);
    if (got == 0) return false;
    end_ += got;
  }
  return true;
}

// Returns the content size that the frame header states. zstd itself would take frames without checksum or
// size, skippable frames, and a set bit that is not used.
std::size_t FrameReader::check_header() {
  const bool whole = fill(kFrameHeaderMost) || buffered() > 4;
  const char* const data = buffer_.data() + begin_;
  if (std::memcmp(data, "\x28\xb5\x2f\xfd", std::min<std::size_t>(4, buffered())) != 0) {
    throw Damage("here should be a zstd frame, and is none");
  }
  if (!whole) throw Damage("the file ends within a frame");
  const auto descriptor = static_cast<unsigned char>(data[4]);
  if ((descriptor & 0x18) != 0) throw Damage("the header of the frame is damaged");
  if ((descriptor & 0x04) == 0) throw Damage("the frame has no checksum");
  if ((descriptor & 0x03) != 0) throw Damage("the frame needs a dictionary");
  const unsigned long long size = ZSTD_getFrameContentSize(data, buffered());
  if (size == ZSTD_CONTENTSIZE_ERROR) {
    throw Damage(buffered() < kFrameHeaderMost ? "the file ends within a frame"
                                               : "the header of the frame is damaged");
  }
  if (size == ZSTD_CONTENTSIZE_UNKNOWN) throw Damage("the frame does not state its size");
  if (size == 0) throw Damage("the frame holds nothing");
  if (size > kMaxFrameBytes) {
    throw Damage("the frame states a content of " + std::to_string(size) + " bytes; the most is " +
                 std::to_string(kMaxFrameBytes));
  }
  return static_cast<std::size_t>(size);
}

bool FrameReader::next() {
  offset_ = used_;
  if (!fill(1)) return false;
  const std::size_t size = check_header();
  if (content_.capacity() > 4 * std::max(size, kBufferBytes)) content_ = std::string();
  content_.resize(size);
  ZSTD_DCtx_reset(context_, ZSTD_reset_session_only);
  ZSTD_outBuffer to{content_.data(), size, 0};
  for (;;) {
    if (!fill(1)) throw Damage("the file ends within a frame");
    ZSTD_inBuffer from{buffer_.data() + begin_, buffered(), 0};
    const std::size_t left = ZSTD_decompressStream(context_, &to, &from);
    begin_ += from.pos;
    used_ += from.pos;
    if (ZSTD_isError(left)) {
      throw Damage(std::string("the frame is damaged (zstd: ") + ZSTD_getErrorName(left) + ")");
    }
    if (left == 0) break;
    // zstd takes more input or gives more output in every call, unless the frame lied about its size.
    if (from.pos == 0 && to.pos == to.size) throw Damage("the frame holds more than it states");
  }
  if (to.pos != size) throw Damage("the frame holds less than it states");
  return true;
}

}  // namespace trace
