// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/thread_pool.h"

#include <algorithm>
#include <utility>

#include <sched.h>

namespace workload {
namespace {

// A decoded token has dozens of short parallel pieces: a worker that slept after each would cost more than they do. It
// looks this often before it sleeps, some ten microseconds.
constexpr int kLooks = 2000;

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

unsigned available_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
  return std::max(1U, std::thread::hardware_concurrency());
}

ThreadPool::ThreadPool(unsigned threads) {
  if (threads == 0) threads = available_processors();
  for (unsigned i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
}

ThreadPool::~ThreadPool() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

ParallelFor ThreadPool::parallel() {
  return [this](std::size_t count, const ParallelBody& body) { run(count, body); };
}

void ThreadPool::run(std::size_t count, const ParallelBody& body) {
  if (count == 0) return;
  if (workers_.empty() || count == 1) {
    body(0, count);
    return;
  }
  count_ = count;
  body_ = &body;
  parts_ = static_cast<unsigned>(std::min<std::size_t>(count, threads()));
  error_ = nullptr;
  running_.store(static_cast<unsigned>(workers_.size()), std::memory_order_relaxed);
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    round_.fetch_add(1, std::memory_order_release);
  }
  wake_.notify_all();
  call(0);
  for (int looks = 0; running_.load(std::memory_order_acquire) != 0; ++looks) {
    if (looks < kLooks) {
      pause();
    } else {
      std::this_thread::yield();
    }
  }
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void ThreadPool::call(unsigned part) noexcept {
  if (part >= parts_) return;
  const std::size_t begin = count_ * part / parts_;
  const std::size_t end = count_ * (part + 1) / parts_;
  try {
    (*body_)(begin, end);
  } catch (...) {
    const std::lock_guard<std::mutex> lock(error_mutex_);
    if (!error_) error_ = std::current_exception();
  }
}

void ThreadPool::work(unsigned index) {
  std::uint64_t seen = 0;
  while (true) {
    for (int looks = 0; looks < kLooks && round_.load(std::memory_order_acquire) == seen && !stop_; ++looks) pause();
    if (round_.load(std::memory_order_acquire) == seen) {
      std::unique_lock<std::mutex> lock(mutex_);
      wake_.wait(lock, [&] { return stop_ || round_.load(std::memory_order_acquire) != seen; });
    }
    if (stop_) return;
    seen = round_.load(std::memory_order_acquire);
    call(index);
    running_.fetch_sub(1, std::memory_order_release);
  }
}

}  // namespace workload
