// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/lock.h"

#include <cerrno>
#include <cstring>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "sim/core/error.h"

namespace sim::sweep {

FolderLock::FolderLock(const std::filesystem::path& dir) {
  const std::filesystem::path file = dir / "sweep.lock";
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd_ < 0) throw Error(Exit::input, "cannot write " + file.string() + ": " + std::strerror(errno));
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
  char pid[32] = "";
  const ssize_t n = ::pread(fd_, pid, sizeof pid - 1, 0);
  ::close(fd_);
  throw Error(Exit::usage, "another process works on the sweep in " + dir.string() +
                               (n > 0 ? " (" + std::string(pid, static_cast<std::size_t>(n)) + ")" : "") +
                               "; `tricycle sweep status` says how far it is");
}

FolderLock::~FolderLock() { ::close(fd_); }

bool FolderLock::held(const std::filesystem::path& dir) {
  const int fd = ::open((dir / "sweep.lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool taken = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(fd);
  return taken;
}

}  // namespace sim::sweep
