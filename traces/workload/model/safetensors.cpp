// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/model/safetensors.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/core/error.h"
#include "traces/workload/numeric/float16.h"

namespace workload {
namespace {

constexpr std::uint64_t kMostHeaderBytes = 100'000'000;  // the format's own limit
constexpr std::size_t kPiece = std::size_t{1} << 20;     // elements read at a time

[[noreturn]] void fail_file(const std::filesystem::path& file, const std::string& what) {
  throw sim::Error(sim::Exit::input, file.string() + ": " + what);
}

void widen_bf16(const std::uint16_t* in, std::size_t count, float* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t bits = static_cast<std::uint32_t>(in[i]) << 16;
    std::memcpy(out + i, &bits, sizeof bits);
  }
}

}  // namespace

SafetensorsFile::SafetensorsFile(std::filesystem::path file) : file_(std::move(file)) {
  descriptor_ = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor_ < 0) fail_file(file_, std::string("cannot be opened: ") + std::strerror(errno));
  struct stat info {};
  try {
    if (::fstat(descriptor_, &info) != 0 || !S_ISREG(info.st_mode)) fail_file(file_, "is no regular file");
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (size < 8) fail_file(file_, "has " + std::to_string(size) + " bytes, too few for a safetensors file");
    std::uint64_t length = 0;
    read_at(0, &length, sizeof length, "the header's length");
    if (length > kMostHeaderBytes) {
      fail_file(file_, "claims a header of " + std::to_string(length) +
                           " bytes, at most 100000000 are allowed; is it a "
                           "safetensors file?");
    }
    if (length > size - 8) {
      fail_file(file_, "claims a header of " + std::to_string(length) + " bytes but holds only " +
                           std::to_string(size - 8) + " behind its length; it is truncated");
    }
    std::string text(length, '\0');
    read_at(8, text.data(), text.size(), "the header");
    tensors_ = parse_safetensors_header(text, 8 + length, size, file_.string());
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

SafetensorsFile::SafetensorsFile(SafetensorsFile&& other) noexcept
    : file_(std::move(other.file_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      tensors_(std::move(other.tensors_)) {}

SafetensorsFile::~SafetensorsFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void SafetensorsFile::read_at(std::uint64_t offset, void* out, std::size_t bytes,
                              const std::string& what) const {
  auto* to = static_cast<char*>(out);
  while (bytes > 0) {
    const ssize_t got = ::pread(descriptor_, to, bytes, static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_file(file_, "cannot read " + what + ": " + std::strerror(errno));
    if (got == 0) fail_file(file_, "ends at byte " + std::to_string(offset) + " within " + what);
    to += got;
    offset += static_cast<std::uint64_t>(got);
    bytes -= static_cast<std::size_t>(got);
  }
}

void SafetensorsFile::read(const std::string& tensor, float* out) const {
  const TensorEntry& e = tensors_.at(tensor);
  const std::string what = "tensor '" + tensor + "'";
  if (e.type == TensorType::f32) {
    read_at(e.begin, out, e.bytes, what);
    return;
  }
  std::vector<std::uint16_t> piece(std::min<std::uint64_t>(kPiece, e.elements));
  for (std::uint64_t done = 0; done < e.elements; done += piece.size()) {
    const std::size_t count = std::min<std::uint64_t>(piece.size(), e.elements - done);
    read_at(e.begin + 2 * done, piece.data(), 2 * count, what);
    if (e.type == TensorType::bf16) {
      widen_bf16(piece.data(), count, out + done);
    } else {
      to_float(piece.data(), count, out + done);
    }
  }
}

}  // namespace workload
