// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/app/run_folder.h"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "sim/core/error.h"

namespace sim::app {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void cannot(const std::string& what, const fs::path& path, const std::string& reason) {
  throw Error(Exit::input, what + " " + path.string() + ": " + reason +
                               "; choose another place with -o, or make room and check its permissions");
}

/// "runs/x" for "runs/x/", and a real name for "." and "..".
fs::path tidy(const fs::path& name) {
  fs::path path = name.lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  if (path.empty() || path.filename() == "." || path.filename() == "..") {
    path = fs::absolute(path.empty() ? fs::path(".") : path).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();
  }
  return path;
}

fs::path with_ending(fs::path path, const char* ending) {
  path += ending;
  return path;
}

void make_parent(const fs::path& path) {
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  if (error) cannot("cannot create the folder", path.parent_path(), error.message());
}

/// Makes the folder; false when there is something of that name.
bool make(const fs::path& path) {
  std::error_code error;
  const bool made = fs::create_directory(path, error);
  if (error && error != std::errc::file_exists) cannot("cannot create the run folder", path, error.message());
  return made;
}

bool taken(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

void refuse_what_is_there(const fs::path& name, bool overwrite) {
  if (!taken(name)) return;
  std::error_code error;
  if (!fs::is_directory(name, error)) {
    throw Error(Exit::usage, "-o " + name.string() + " is a file, not a folder; name another folder");
  }
  const bool empty = fs::is_empty(name, error);
  if (error) cannot("cannot look into the folder", name, error.message());
  if (empty) return;
  if (!overwrite) {
    throw Error(Exit::usage,
                "the folder " + name.string() +
                    " is not empty; name another one with -o, or pass --overwrite to replace it");
  }
  // A slip such as `-o ~ --overwrite` must not cost a home directory.
  if (!fs::exists(name / "manifest.json")) {
    throw Error(Exit::usage, "--overwrite: " + name.string() +
                                 " holds no manifest.json, so no run wrote it; remove it yourself or name "
                                 "another folder with -o");
  }
}

}  // namespace

void write_file(const fs::path& file, std::string_view bytes) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) cannot("cannot write", file, std::strerror(errno));
  int failed = 0;
  while (!bytes.empty() && failed == 0) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
    if (n < 0 && errno != EINTR) failed = errno;
  }
  if (::close(fd) != 0 && failed == 0) failed = errno;  // network file systems report a full disk here
  if (failed != 0) cannot("cannot write", file, std::strerror(failed));
}

RunFolder::RunFolder(fs::path name, fs::path partial, bool overwrite)
    : name_(std::move(name)), partial_(std::move(partial)), overwrite_(overwrite) {}

RunFolder::RunFolder(RunFolder&& other) noexcept
    : name_(std::move(other.name_)),
      partial_(std::move(other.partial_)),
      overwrite_(other.overwrite_),
      lock_(std::exchange(other.lock_, -1)) {}

RunFolder::~RunFolder() {
  if (lock_ >= 0) ::close(lock_);
}

bool RunFolder::claim() {
  // The lock is on the folder itself: it leaves no file, and ends with the process however that ends.
  lock_ = ::open(partial_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock_ < 0) cannot("cannot open the run folder", partial_, std::strerror(errno));
  return ::flock(lock_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK;
}

RunFolder RunFolder::next_free(const fs::path& wanted) {
  const fs::path base = tidy(wanted);
  make_parent(base);
  for (unsigned i = 1;; ++i) {
    const fs::path name = i == 1 ? base : with_ending(base, ("-" + std::to_string(i)).c_str());
    if (taken(name)) continue;
    RunFolder folder(name, with_ending(name, ".partial"), false);
    if (!make(folder.partial_)) continue;  // of a run that was killed, or still goes on
    folder.claim();
    return folder;
  }
}

RunFolder RunFolder::exactly(const fs::path& wanted, bool overwrite) {
  const fs::path name = tidy(wanted);
  refuse_what_is_there(name, overwrite);
  make_parent(name);
  RunFolder folder(name, with_ending(name, ".partial"), overwrite);
  const bool made = make(folder.partial_);
  if (!folder.claim()) {
    throw Error(Exit::usage, "another run is writing to " + folder.partial_.string() +
                                 "; wait for it, or choose another -o");
  }
  if (made) return folder;
  if (!overwrite) {
    throw Error(Exit::usage, folder.partial_.string() +
                                 " is left from a run that did not end; look at it, then remove it or pass "
                                 "--overwrite");
  }
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder.partial_, error)) fs::remove_all(entry, error);
  if (error) cannot("cannot empty", folder.partial_, error.message());
  return folder;
}

void RunFolder::write(const std::string& file, std::string_view bytes) const {
  write_file(partial_ / file, bytes);
}

void RunFolder::publish() {
  const fs::path old = with_ending(name_, ".replaced.partial");
  std::error_code error;
  if (overwrite_ && taken(name_)) {
    refuse_what_is_there(name_, true);  // again: it may have changed during the run
    fs::remove_all(old, error);
    fs::rename(name_, old, error);
    if (error) cannot("cannot replace", name_, error.message());
  }
  fs::rename(partial_, name_, error);
  if (error) {
    cannot("the run is complete, but " + partial_.string() + " cannot be renamed to", name_, error.message());
  }
  fs::remove_all(old, error);
}

void RunFolder::discard() {
  std::error_code ignored;
  fs::remove_all(partial_, ignored);
}

}  // namespace sim::app
