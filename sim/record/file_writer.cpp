// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/record/file_writer.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "sim/core/error.h"

namespace sim::record {

FileWriter::FileWriter(const std::filesystem::path& file)
    : file_(file), buffer_(std::make_unique<char[]>(kBuffer)) {
  descriptor_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("open", errno);
}

FileWriter::~FileWriter() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void FileWriter::close() {
  flush();
  if (descriptor_ < 0) return;
  const int descriptor = descriptor_;
  descriptor_ = -1;
  if (::close(descriptor) != 0) fail("write", errno);
}

bool FileWriter::make_room(std::string_view text) {
  flush();
  if (text.size() <= kBuffer) return true;
  write(text.data(), text.size());
  return false;
}

void FileWriter::flush() {
  const std::size_t size = used_;
  used_ = 0;  // also when writing fails
  write(buffer_.get(), size);
}

void FileWriter::write(const char* text, std::size_t size) {
  while (size > 0 && descriptor_ >= 0) {
    const ssize_t written = ::write(descriptor_, text, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("write", written < 0 ? errno : ENOSPC);
    text += written;
    size -= static_cast<std::size_t>(written);
  }
}

void FileWriter::fail(const std::string& what, int error) {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
  std::string advice = "choose a folder that can be written";
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    advice = "free space, or record less (record.from_cycle, to_cycle, tracks, signals)";
  }
  throw Error(Exit::input, "cannot " + what + " the recording " + file_.string() + ": " +
                               std::strerror(error) + "; " + advice);
}

}  // namespace sim::record
