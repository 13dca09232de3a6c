// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace sim::app {

/// The folder of a run. It grows as `<name>.partial` and gets its name when it is complete, so that a folder
/// without that ending is always whole. While one lives, no other run can write to the same folder.
///
/// Errors: sim::Error(Exit::usage) when the folder must not be written, sim::Error(Exit::input) when it
/// cannot be written.
class RunFolder {
 public:
  /// `base`, or the first free one of `base-2`, `base-3`, ...
  static RunFolder next_free(const std::filesystem::path& base);

  /// Exactly this folder. One that holds anything is refused; with `overwrite`, a folder that a run wrote is
  /// replaced when the new run is complete.
  static RunFolder exactly(const std::filesystem::path& name, bool overwrite);

  ~RunFolder();
  RunFolder(RunFolder&& other) noexcept;
  RunFolder& operator=(RunFolder&&) = delete;

  const std::filesystem::path& name() const { return name_; }        ///< where it will be
  const std::filesystem::path& partial() const { return partial_; }  ///< where it is until publish()

  /// Writes or replaces one file.
  void write(const std::string& file, std::string_view bytes) const;

  /// Gives the folder its name. Nothing may be written to it afterwards.
  void publish();

  /// Removes what there is.
  void discard();

 private:
  RunFolder(std::filesystem::path name, std::filesystem::path partial, bool overwrite);
  bool claim();

  std::filesystem::path name_;
  std::filesystem::path partial_;
  bool overwrite_;
  int lock_ = -1;
};

/// Writes `bytes` to `file`; sim::Error(Exit::input) with the reason when they do not arrive there.
void write_file(const std::filesystem::path& file, std::string_view bytes);

}  // namespace sim::app
