// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/error.h"
#include "sim/core/units.h"

namespace sim {

// Elements that fall due in the order in which they were put in: a path of constant latency. A ring that
// grows to the largest number in flight and then allocates no more.
template <class T>
class DelayLine {
 public:
  // `at` is the cycle at which the element falls due; never less than that of the element before it
  // (Error(internal) otherwise: that would be a CalendarWheel).
  void push(Cycle at, T value) {
    if (size_ != 0 && at < slot(size_ - 1).at) {
      throw Error(Exit::internal, "DelayLine: an element for cycle " + std::to_string(at) +
                                      " behind one for cycle " + std::to_string(slot(size_ - 1).at));
    }
    if (size_ == slots_.size()) grow();
    slot(size_) = Slot{at, std::move(value)};
    ++size_;
  }
  // The earliest cycle at which something falls due, kNever when empty.
  Cycle next() const { return size_ == 0 ? kNever : slots_[head_].at; }
  // Hands everything due at `now` or before to `f(T&&)`, which may push.
  template <class F>
  void pop_due(Cycle now, F&& f) {
    while (next() <= now) {
      T value = std::move(slots_[head_].value);
      head_ = (head_ + 1) & (slots_.size() - 1);
      --size_;
      f(std::move(value));
    }
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  void clear() { head_ = size_ = 0; }

 private:
  struct Slot {
    Cycle at = 0;
    T value{};
  };
  Slot& slot(std::size_t i) { return slots_[(head_ + i) & (slots_.size() - 1)]; }
  void grow() {
    std::vector<Slot> larger(std::max<std::size_t>(8, 2 * slots_.size()));  // a power of two
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move(slot(i));
    slots_.swap(larger);
    head_ = 0;
  }

  std::vector<Slot> slots_;
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

// Elements that fall due at any later cycle: paths of variable latency. Buckets by cycle for the near
// future, a sorted overflow for what lies beyond them, so the cost does not grow with the number waiting.
// Elements of one cycle come out in the order in which they were put in.
//
// The near future starts at the cycle after the last pop_due(); a user that sleeps longer than the wheel
// is wide should call pop_due() before it pushes, else the element takes the slower way.
template <class T>
class CalendarWheel {
 public:
  // `width`: cycles of near future, rounded up to a power of two, at least 64.
  explicit CalendarWheel(std::size_t width = 1024) {
    std::size_t size = 64;
    while (size < width) size *= 2;
    buckets_.resize(size);
    occupied_.resize(size / 64);
  }

  // `at` must be later than the last pop_due(), inside its callback later than the element handed out
  // (Error(internal) otherwise), and not kNever.
  void push(Cycle at, T value) {
    if (at < base_ || at == kNever) {
      throw Error(Exit::internal, "CalendarWheel: an element for cycle " + std::to_string(at) +
                                      " when cycle " + std::to_string(base_) + " is the first possible one");
    }
    if (at - base_ < buckets_.size()) {
      put(at, std::move(value));
    } else {
      overflow_.emplace(at, std::move(value));  // at the end of its equals: order kept
    }
    ++size_;
    next_ = std::min(next_, at);
  }
  // The earliest cycle at which something falls due, kNever when empty.
  Cycle next() const { return next_; }
  // Hands everything due at `now` or before to `f(T&&)`, in the order of cycles. `f` may push.
  template <class F>
  void pop_due(Cycle now, F&& f) {
    while (next_ <= now) {
      const Cycle at = next_;
      advance(at);  // an element far beyond the window enters it here
      const std::size_t index = at & (buckets_.size() - 1);
      // Out of the wheel before f runs: a push one turn later goes into the same bucket.
      due_.clear();  // of what an exception in f left
      due_.swap(buckets_[index]);
      occupied_[index / 64] &= ~(std::uint64_t{1} << (index % 64));
      advance(at + 1);
      size_ -= due_.size();
      next_ = search();
      for (T& value : due_) f(std::move(value));
    }
    if (now != kNever) advance(std::max(base_, now + 1));
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // Forgets the elements; cycles stay past.
  void clear() {
    for (std::vector<T>& bucket : buckets_) bucket.clear();
    std::fill(occupied_.begin(), occupied_.end(), 0);
    overflow_.clear();
    size_ = 0;
    next_ = kNever;
  }

 private:
  void put(Cycle at, T value) {
    const std::size_t index = at & (buckets_.size() - 1);
    buckets_[index].push_back(std::move(value));
    occupied_[index / 64] |= std::uint64_t{1} << (index % 64);
  }
  // Moves the window. Everything that it now covers leaves the overflow, before anything can be pushed
  // into those buckets directly: that keeps the order among equals.
  void advance(Cycle base) {
    base_ = base;
    while (!overflow_.empty() && overflow_.begin()->first - base_ < buckets_.size()) {
      put(overflow_.begin()->first, std::move(overflow_.begin()->second));
      overflow_.erase(overflow_.begin());
    }
  }
  // First occupied bucket from base_ on, once round; else the overflow, which is later than all buckets.
  Cycle search() const {
    const std::size_t first = base_ & (buckets_.size() - 1);
    const std::size_t words = occupied_.size();
    for (std::size_t i = 0; i <= words; ++i) {
      const std::size_t w = (first / 64 + i) & (words - 1);
      std::uint64_t bits = occupied_[w];
      if (i == 0) bits &= ~std::uint64_t{0} << (first % 64);
      if (bits == 0) continue;
      const std::size_t index = w * 64 + static_cast<std::size_t>(__builtin_ctzll(bits));
      return base_ + ((index - first) & (buckets_.size() - 1));
    }
    return overflow_.empty() ? kNever : overflow_.begin()->first;
  }

  std::vector<std::vector<T>> buckets_;
  std::vector<std::uint64_t> occupied_;  // one bit per bucket
  std::multimap<Cycle, T> overflow_;
  std::vector<T> due_;  // the bucket being handed out; keeps its memory
  Cycle base_ = 0;      // first cycle that can still be pushed
  Cycle next_ = kNever;
  std::size_t size_ = 0;
};

}  // namespace sim
