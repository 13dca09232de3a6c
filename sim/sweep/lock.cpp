// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/sweep/lock.h"

#include <algorithm>
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
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) {
    sign();
    return;
  }
  const int error = errno;
  const std::string who = error == EWOULDBLOCK ? signature() : "";
  ::close(fd_);
  if (error != EWOULDBLOCK) {
    throw Error(Exit::input,
                "cannot lock " + file.string() + ": " + std::strerror(error) +
                    "; its file system has no flock(): put the sweep in a folder of another one");
  }
  throw Error(Exit::usage, "another process works on the sweep in " + dir.string() +
                               (who.empty() ? "" : " (" + who + ")") +
                               "; `tricycle sweep status` says how far it is");
}

// For people only: the lock is flock's, and what an ended process wrote means nothing. So no failure matters.
void FolderLock::sign() const {
  char host[256] = "";
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  const std::string text = "process " + std::to_string(::getpid()) + " on " + host + "\n";
  if (::ftruncate(fd_, 0) == 0 && ::pwrite(fd_, text.data(), text.size(), 0) < 0) return;
}

std::string FolderLock::signature() const {
  char text[300] = "";
  const ssize_t size = ::pread(fd_, text, sizeof text - 1, 0);
  std::string line(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  line.resize(std::min(line.size(), line.find('\n')));
  for (char& c : line)
    if (static_cast<unsigned char>(c) < ' ') c = '?';
  return line;
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
