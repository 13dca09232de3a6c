// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/write_queue.h"

#include <ctime>
#include <utility>

namespace workload {
namespace {

constexpr std::size_t kMost = 3;  // pieces, the one that is being done included

double thread_seconds() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

}  // namespace

WriteQueue::WriteQueue() : thread_([this] { work(); }) {}

WriteQueue::~WriteQueue() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  work_.notify_one();
  thread_.join();
}

void WriteQueue::rethrow() {
  if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

void WriteQueue::add(std::function<void()> piece) {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [&] { return pieces_.size() < kMost || failed_; });
    rethrow();
    if (failed_) return;
    pieces_.push_back(std::move(piece));
  }
  work_.notify_one();
}

void WriteQueue::drain() {
  std::unique_lock<std::mutex> lock(mutex_);
  done_.wait(lock, [&] { return pieces_.empty() || failed_; });
  rethrow();
}

void WriteQueue::work() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    work_.wait(lock, [&] { return stop_ || !pieces_.empty(); });
    if (pieces_.empty()) return;
    while (!pieces_.empty()) do_one(lock);
    done_.notify_all();
  }
}

void WriteQueue::do_one(std::unique_lock<std::mutex>& lock) {
  std::function<void()>& piece = pieces_.front();  // a deque's elements stay where they are
  lock.unlock();
  std::exception_ptr error;
  try {
    piece();
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  cpu_seconds_ = thread_seconds();
  pieces_.pop_front();
  if (error) {
    error_ = error;
    failed_ = true;
    pieces_.clear();
  }
  if (pieces_.size() + 1 == kMost || error) done_.notify_all();
}

}  // namespace workload
