// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <iosfwd>
#include <string>

#include "traces/workload/host/clock.h"

namespace workload {

// Progress of a run on a terminal: one line that is drawn over itself. Nothing where the stream is no
// terminal or the user asked for quiet.
class Progress {
 public:
  Progress(std::ostream& out, bool shown) : out_(out), shown_(shown) {}
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // What the program is doing, without a number ("loading").
  void stage(const std::string& text);
  void tokens(unsigned done, unsigned total);
  void clear();

 private:
  void draw(const std::string& text);

  std::ostream& out_;
  bool shown_;
  bool drawn_ = false;
  Stopwatch watch_;
  std::uint64_t next_ns_ = 0;
  std::uint64_t decode_begin_ns_ = 0;
};

}  // namespace workload
