// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

namespace sim::sweep {

// A child process whose stderr and stdout come through one pipe, of which the last few kilobytes are kept. It
// is killed when this process ends, however that ends.
class Process {
 public:
  // words[0]: the program. Throws sim::Error(Exit::input) when it cannot be started.
  explicit Process(const std::vector<std::string>& words);
  ~Process();  // kills it when it still runs
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;

  int output() const { return output_; }  // file descriptor, for poll()
  // Reads what is there. True at the end of the output: the process is ending.
  bool drain();
  void kill();
  // Waits for the end. Exit status, or 128 + the signal.
  int wait();
  const std::string& text() const { return text_; }  // what it wrote last, at most kKept bytes
  double seconds() const;                            // since the start

  static constexpr std::size_t kKept = 4096;

 private:
  pid_t pid_ = -1;
  int output_ = -1;
  std::string text_;
  double started_ = 0;
};

// This program's file.
std::string own_program();

}  // namespace sim::sweep
