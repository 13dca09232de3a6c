// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "traces/workload/numeric/parallel.h"

namespace workload {

// Threads that wait for work. A call of parallel()'s function cuts [0, count) into one range a thread, runs the first one
// itself, and returns when all are done. One caller at a time; a body must not call it again.
class ThreadPool {
 public:
  // `threads` includes the calling one; 0 takes as many as the process may run on.
  explicit ThreadPool(unsigned threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  unsigned threads() const { return static_cast<unsigned>(workers_.size()) + 1; }
  // Refers to this pool, which must outlive it.
  ParallelFor parallel();

 private:
  void run(std::size_t count, const ParallelBody& body);
  void work(unsigned index);
  void call(unsigned part) noexcept;

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<std::uint64_t> round_{0};  // raised when there is work
  std::atomic<unsigned> running_{0};     // workers that have not finished the round
  std::atomic<bool> stop_{false};
  std::size_t count_ = 0;
  unsigned parts_ = 1;
  const ParallelBody* body_ = nullptr;
  std::mutex error_mutex_;
  std::exception_ptr error_;
};

// Processors that this process may run on, at least 1.
unsigned available_processors();

}  // namespace workload
