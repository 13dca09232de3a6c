// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "sim/app/progress.h"
#include "traces/io/reader.h"

namespace trace::verbs {

/// A bar on stderr while a long file is read, where stderr is a terminal.
class FileProgress {
 public:
  explicit FileProgress(const Reader& reader);

  /// To be called after each record.
  std::function<void()> callback();
  /// Takes the bar away, before something is printed.
  void clear() { progress_.clear(); }

 private:
  void record();

  const Reader& reader_;
  sim::app::Progress progress_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::uint64_t records_ = 0, seen_bytes_ = 0;
};

}  // namespace trace::verbs
