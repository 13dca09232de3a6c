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

// Threads that wait for work. A call of parallel()'s function cuts [0, count) into a few ranges, which the
// workers and the caller take one after the other until none is left: a worker that the system does not let
// run delays nobody. One caller at a time; a body must not call it again.
class ThreadPool {
 public:
  // A decoded token has dozens of short parallel pieces: a worker that slept after each would cost more than
  // they do. It looks this often for more before it sleeps, some ten microseconds.
  static constexpr int kLooks = 2000;

  // `threads` includes the calling one; 0 takes as many as the process may run on.
  explicit ThreadPool(unsigned threads, int looks = kLooks);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  unsigned threads() const { return static_cast<unsigned>(workers_.size()) + 1; }
  // Refers to this pool, which must outlive it.
  ParallelFor parallel();

 private:
  void run(std::size_t count, const ParallelBody& body);
  void work();
  bool take_one(std::uint32_t round) noexcept;

  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<unsigned> sleeping_{0};
  std::atomic<bool> stop_{false};
  const int looks_;
  // One word, so that nobody sees the ranges of one round with the number of another: the round's number (32
  // bits), its ranges (16), the next one to take (16). What follows changes only while none is open or
  // running.
  std::atomic<std::uint64_t> state_{0};
  std::atomic<std::uint32_t> done_{0};  // ranges finished
  std::size_t count_ = 0;
  const ParallelBody* body_ = nullptr;
  std::mutex error_mutex_;
  std::exception_ptr error_;
};

// Processors that this process may run on, at least 1.
unsigned available_processors();

}  // namespace workload
