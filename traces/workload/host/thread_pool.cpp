// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/thread_pool.h"

#include <algorithm>
#include <utility>

#include <sched.h>

namespace workload {
namespace {

constexpr std::size_t kRangesPerThread = 2;
constexpr unsigned kMaxThreads = 0xFFFF / kRangesPerThread;  // a round's ranges are counted in 16 bits

// The word of a round: its number, how many ranges it has, the next one to take.
constexpr std::uint32_t round_of(std::uint64_t state) { return static_cast<std::uint32_t>(state >> 32); }
constexpr std::uint32_t parts_of(std::uint64_t state) {
  return static_cast<std::uint32_t>(state >> 16) & 0xFFFF;
}
constexpr std::uint32_t next_of(std::uint64_t state) { return static_cast<std::uint32_t>(state) & 0xFFFF; }
constexpr std::uint64_t word(std::uint32_t round, std::uint32_t parts) {
  return std::uint64_t{round} << 32 | std::uint64_t{parts} << 16;
}

void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

}  // namespace

unsigned available_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) == 0)
    return static_cast<unsigned>(std::max(1, CPU_COUNT(&set)));
  return std::max(1U, std::thread::hardware_concurrency());
}

ThreadPool::ThreadPool(unsigned threads, int looks) : looks_(looks) {
  if (threads == 0) threads = available_processors();
  threads = std::min(threads, kMaxThreads);
  for (unsigned i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
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
  const auto parts =
      static_cast<std::uint32_t>(std::min<std::size_t>(count, kRangesPerThread * std::size_t{threads()}));
  error_ = nullptr;
  done_.store(0, std::memory_order_relaxed);
  const std::uint32_t round = round_of(state_.load(std::memory_order_relaxed)) + 1;
  state_.store(word(round, parts));
  if (sleeping_.load() != 0) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
    }  // a worker that is about to sleep has looked before or will wake
    wake_.notify_all();
  }
  while (take_one(round)) {
  }
  for (int looks = 0; done_.load(std::memory_order_acquire) != parts;) {
    if (looks < looks_) {
      ++looks;
      pause();
    } else {
      std::this_thread::yield();
    }
  }
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

bool ThreadPool::take_one(std::uint32_t round) noexcept {
  std::uint64_t state = state_.load(std::memory_order_acquire);
  do {
    // A range of an older round cannot be open: the caller of that round waited for it.
    if (round_of(state) != round || next_of(state) >= parts_of(state)) return false;
  } while (
      !state_.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel, std::memory_order_acquire));
  const std::size_t part = next_of(state), parts = parts_of(state);
  try {
    (*body_)(count_ * part / parts, count_ * (part + 1) / parts);
  } catch (...) {
    const std::lock_guard<std::mutex> lock(error_mutex_);
    if (!error_) error_ = std::current_exception();
  }
  done_.fetch_add(1, std::memory_order_release);
  return true;
}

void ThreadPool::work() {
  std::uint32_t seen = 0;
  const auto news = [&] { return round_of(state_.load()) != seen || stop_.load(); };
  while (true) {
    for (int looks = 0; looks < looks_ && !news(); ++looks) pause();
    if (!news()) {
      std::unique_lock<std::mutex> lock(mutex_);
      ++sleeping_;
      wake_.wait(lock, news);
      --sleeping_;
    }
    if (stop_) return;
    seen = round_of(state_.load());
    while (take_one(seen)) {
    }
  }
}

}  // namespace workload
