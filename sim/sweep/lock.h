// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>
#include <string>

namespace sim::sweep {

// At most one living per folder, over all processes of all machines that share it (flock on DIR/sweep.lock).
// Nothing of it holds when its process ends, however that ends: the file stays, with the name of the last
// process and its machine, which is told to others while it is held. Throws sim::Error(Exit::usage) when
// another holds it, sim::Error(Exit::input) when the folder cannot be written or locked.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& dir);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  // Whether somebody holds it now.
  static bool held(const std::filesystem::path& dir);

 private:
  void sign() const;
  std::string signature() const;

  int fd_ = -1;
};

}  // namespace sim::sweep
