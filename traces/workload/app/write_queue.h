// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

namespace workload {

// Work that is done by one thread of its own, in the order in which it came: hashing, compressing and writing
// records beside the decoding of the next tokens. At most a few pieces wait, so memory stays bounded; a piece
// should be worth waking a thread.
class WriteQueue {
 public:
  WriteQueue();
  // Does what is still there, and ends.
  ~WriteQueue();
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;

  // Waits while too much is there. Throws what an earlier piece threw; nothing is done after such a piece.
  void add(std::function<void()> piece);
  // Waits until all is done; throws likewise.
  void drain();
  // Processor time that the thread has used; after drain().
  double cpu_seconds() const { return cpu_seconds_; }

 private:
  void work();
  void do_one(std::unique_lock<std::mutex>& lock);
  void rethrow();

  std::mutex mutex_;
  std::condition_variable work_;              // the thread waits
  std::condition_variable done_;              // callers wait
  std::deque<std::function<void()>> pieces_;  // the first one is being done
  std::exception_ptr error_;
  bool failed_ = false;
  bool stop_ = false;
  double cpu_seconds_ = 0;
  std::thread thread_;
};

}  // namespace workload
