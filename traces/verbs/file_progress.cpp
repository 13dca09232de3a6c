// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/verbs/file_progress.h"

#include <iostream>

#include <unistd.h>

namespace trace::verbs {
namespace {

using sim::app::Progress;

constexpr std::uint64_t kRecordsBetween = 1024;

}  // namespace

FileProgress::FileProgress(const Reader& reader)
    : reader_(reader),
      progress_(std::cerr, ::isatty(STDERR_FILENO) ? Progress::Style::bar : Progress::Style::none, 10) {}

std::function<void()> FileProgress::callback() {
  return [this] { record(); };
}

void FileProgress::record() {
  ++records_;
  // The clock is asked after some records or with each frame.
  if (records_ % kRecordsBetween != 0 && reader_.file_bytes_used() == seen_bytes_) return;
  seen_bytes_ = reader_.file_bytes_used();
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin_;
  progress_.update({seen_bytes_, reader_.file_bytes(), "bytes", records_, seconds.count(), "records"});
}

}  // namespace trace::verbs
