// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/io/output_file.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "sim/core/error.h"

namespace trace {

OutputFile::OutputFile(const std::filesystem::path& file) : name_(file.string()) {
  descriptor_ = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail(errno);
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void OutputFile::fail(int error) {
  std::string text = "cannot write " + name_ + ": " + std::strerror(error);
  if (error == ENOSPC || error == EDQUOT) text += "; make room, or write to another disk";
  throw sim::Error(sim::Exit::input, text);
}

void OutputFile::append(std::string_view piece) {
  std::size_t done = 0;
  while (done < piece.size()) {
    const ssize_t wrote = ::write(descriptor_, piece.data() + done, piece.size() - done);
    if (wrote >= 0) {
      done += static_cast<std::size_t>(wrote);
    } else if (errno != EINTR) {
      const int error = errno;
      // What was written of the piece is of no use; a device or a pipe has nothing to take back.
      if (::ftruncate(descriptor_, static_cast<off_t>(bytes_)) == 0) {
        ::lseek(descriptor_, static_cast<off_t>(bytes_), SEEK_SET);
      }
      fail(error);
    }
  }
  bytes_ += piece.size();
}

void OutputFile::close() {
  const int descriptor = descriptor_;
  descriptor_ = -1;
  if (descriptor >= 0 && ::close(descriptor) != 0) fail(errno);
}

}  // namespace trace
