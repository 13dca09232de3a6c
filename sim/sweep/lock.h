// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>

namespace sim::sweep {

// At most one living per folder, over all processes of all machines that share it (flock on DIR/sweep.lock).
// Nothing of it is left when its process ends, however that ends. Throws sim::Error(Exit::usage) when another
// holds it.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& dir);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

  // Whether somebody holds it now.
  static bool held(const std::filesystem::path& dir);

 private:
  int fd_ = -1;
};

}  // namespace sim::sweep
