// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "sim/core/clock_domain.h"
#include "sim/core/clocked.h"
#include "sim/core/error.h"

namespace sim {

// Registered FIFO between two members of one clock domain: what is pushed in cycle c can be popped from
// c + 1 on, and the space of what is popped in c can be filled from c + 1 on. Full throughput therefore
// needs a capacity of 2 (with 1 it is one element every other cycle).
//
// One producer, one consumer; both may move several elements per cycle. Code outside the domain (a
// testbench thread) may stand at either end, but asks can_push()/can_pop() between edges, not at one.
// Between clock domains use a Mailbox.
//
// T must be default-constructible and movable; capacity objects are made at construction, none later.
template <class T>
class Fifo final : public Registered {
  static_assert(std::is_default_constructible_v<T>, "Fifo<T> keeps its slots constructed");

 public:
  // Registers itself with `domain`. Throws Error(usage) for capacity 0.
  Fifo(ClockDomain& domain, std::string name, std::size_t capacity)
      : Registered(std::move(name)), domain_(domain), slots_(capacity) {
    if (capacity == 0) throw Error(Exit::usage, "FIFO " + this->name() + ": capacity 0; set it to 1 or more");
    domain_.add(*this);
  }

  // The producer is woken when space appears after it asked can_push() in vain.
  void bind_producer(Clocked& producer) { producer_ = &producer; }
  // The consumer is woken at each cycle at which new elements appear.
  void bind_consumer(Clocked& consumer) { consumer_ = &consumer; }

  // --- Producer's end.
  bool can_push(std::size_t count = 1) const {
    const bool fits = size_ + pushed_ + count <= slots_.size();
    if (!fits) refused_ = true;
    return fits;
  }
  // Throws Error(internal) when full.
  void push(T value) {
    if (size_ + pushed_ == slots_.size()) misused("push() while full");
    domain_.touch(*this);
    slots_[wrapped(head_ + size_ + pushed_)] = std::move(value);
    ++pushed_;
  }

  // --- Consumer's end.
  bool can_pop(std::size_t count = 1) const { return popped_ + count <= size_; }
  // The oldest element not popped yet. Throws Error(internal) when there is none.
  T& front() {
    if (popped_ == size_) misused("front() while empty");
    return slots_[wrapped(head_ + popped_)];
  }
  const T& front() const { return const_cast<Fifo*>(this)->front(); }
  T pop() {
    T value = std::move(front());
    domain_.touch(*this);  // from outside this may commit and move head_, so front() came first
    ++popped_;
    return value;
  }

  // --- Anybody: elements at the end of the last cycle. Not influenced by push() and pop() of this cycle.
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::size_t capacity() const { return slots_.size(); }
  std::string state() const override { return std::to_string(size_) + "/" + std::to_string(slots_.size()); }

  // --- Called by the domain.
  void commit(Cycle now) override {
    const bool came = pushed_ != 0;
    const bool went = popped_ != 0;
    head_ = wrapped(head_ + popped_);
    size_ += pushed_;
    size_ -= popped_;
    pushed_ = popped_ = 0;
    if (came && consumer_ != nullptr) domain_.wake(*consumer_, now + 1);
    if (went && refused_ && producer_ != nullptr) {
      refused_ = false;
      domain_.wake(*producer_, now + 1);
    }
  }
  void reset() override {
    head_ = size_ = pushed_ = popped_ = 0;
    refused_ = false;
  }

 private:
  // head_ < capacity and what is added to it <= capacity, so one step is enough.
  std::size_t wrapped(std::size_t index) const {
    return index < slots_.size() ? index : index - slots_.size();
  }
  [[noreturn]] void misused(const char* what) const {
    throw Error(Exit::internal, "FIFO " + name() + " (" + state() + "): " + what +
                                    "; its user must ask can_push() or can_pop() first");
  }

  ClockDomain& domain_;
  std::vector<T> slots_;
  std::size_t head_ = 0;
  std::size_t size_ = 0;    // committed
  std::size_t pushed_ = 0;  // this cycle
  std::size_t popped_ = 0;
  mutable bool refused_ = false;  // the producer waits for space
  Clocked* producer_ = nullptr;
  Clocked* consumer_ = nullptr;
};

}  // namespace sim
