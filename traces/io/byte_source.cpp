// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/io/byte_source.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/core/error.h"

namespace trace {
namespace {

[[noreturn]] void cannot_read(const std::string& file, int error) {
  throw sim::Error(sim::Exit::input, "cannot read " + file + ": " + std::strerror(error));
}

class FileSource final : public ByteSource {
 public:
  explicit FileSource(const std::filesystem::path& file) : name_(file.string()) {
    descriptor_ = ::open(name_.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor_ < 0) cannot_read(name_, errno);
    struct stat about {};
    if (::fstat(descriptor_, &about) == 0) {
      if (S_ISDIR(about.st_mode)) {
        ::close(descriptor_);
        cannot_read(name_, EISDIR);
      }
      if (S_ISREG(about.st_mode)) size_ = static_cast<std::uint64_t>(about.st_size);
    }
  }
  ~FileSource() override { ::close(descriptor_); }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;

  std::size_t read(char* to, std::size_t size) override {
    for (;;) {
      const ssize_t got = ::read(descriptor_, to, size);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) cannot_read(name_, errno);
    }
  }
  std::optional<std::uint64_t> size() const override { return size_; }

 private:
  std::string name_;
  int descriptor_ = -1;
  std::optional<std::uint64_t> size_;
};

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string bytes) : bytes_(std::move(bytes)) {}
  std::size_t read(char* to, std::size_t size) override {
    const std::size_t count = std::min(size, bytes_.size() - position_);
    std::copy_n(bytes_.data() + position_, count, to);
    position_ += count;
    return count;
  }
  std::optional<std::uint64_t> size() const override { return bytes_.size(); }

 private:
  std::string bytes_;
  std::size_t position_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> open_file(const std::filesystem::path& file) {
  return std::make_unique<FileSource>(file);
}

std::unique_ptr<ByteSource> from_memory(std::string bytes) {
  return std::make_unique<MemorySource>(std::move(bytes));
}

}  // namespace trace
