// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The buffer of one virtual channel at the end of a link, seen from both sides: the packets in it and the
// credits that the sender of the link does not have.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>

#include "models/ring/topology/fabric.h"

namespace ring {

using Ps = std::uint64_t;
constexpr Ps kNeverPs = ~Ps{0};

/// One place in the buffer. Taken by the sender when it begins to send a packet.
struct Slot {
  Ps at;  ///< waiting: may leave the buffer from then on; left: its credit is back at the sender then
  std::uint32_t flow;
  std::uint16_t hop;   ///< index into Flow::hops of what the packet does next
  std::uint16_t rest;  ///< 1: the short last packet of its message
};

/// A ring of at most `credits` places in three runs, oldest first:
///   [back, head)  packets gone, credits on their way back, times ascending
///   [head, tail)  packets on the link or in the buffer
/// Places before `back` are free again. Nothing is an event: a place whose time has passed counts as free
/// when somebody looks.
class Lane {
 public:
  explicit Lane(std::uint32_t link = 0, std::uint32_t credits = 1) : link_(link), credits_(credits) {}

  std::uint32_t link() const { return link_; }
  std::uint32_t credits() const { return credits_; }
  std::uint32_t taken() const { return tail_ - back_; }  ///< stale places included
  std::uint32_t waiting() const { return tail_ - head_; }
  bool full() const { return taken() >= credits_; }

  /// From when on the sender may take a place: 0 = there is one, kNeverPs = not known yet.
  Ps credit_at() const {
    if (!full()) return 0;
    return back_ != head_ ? slots_[back_ & mask_].at : kNeverPs;
  }
  /// Forgets places whose credits are back.
  void settle(Ps now) {
    while (back_ != head_ && slots_[back_ & mask_].at <= now) ++back_;
  }
  /// The sender takes a place. There must be one at `now`.
  void push(Ps now, const Slot& slot) {
    settle(now);
    if (tail_ - back_ == capacity()) grow();
    slots_[tail_++ & mask_] = slot;
  }
  const Slot& head() const { return slots_[head_ & mask_]; }
  /// The first waiting packet leaves; its credit will be back at `credit_back`, which never decreases.
  void pop(Ps credit_back) { slots_[head_++ & mask_].at = credit_back; }
  /// A place whose packet has left already: part of what a message that was never simulated leaves behind.
  void push_left(const Slot& slot) {
    if (tail_ - back_ == capacity()) grow();
    slots_[tail_++ & mask_] = slot;
    ++head_;
  }

  std::uint32_t back() const { return back_; }
  std::uint32_t head_index() const { return head_; }
  std::uint32_t tail() const { return tail_; }
  const Slot& slot(std::uint32_t index) const { return slots_[index & mask_]; }
  Slot& slot(std::uint32_t index) { return slots_[index & mask_]; }
  /// Every place moves by `by` in time.
  void shift(Ps by) {
    for (std::uint32_t i = back_; i != tail_; ++i) slots_[i & mask_].at += by;
  }
  /// Gives the memory of an empty lane back.
  void trim() {
    if (back_ == tail_) clear();
  }
  void clear() {
    slots_.reset();
    mask_ = back_ = head_ = tail_ = 0;
  }

  Ps busy_until = 0;     ///< the packet before is still leaving
  bool starved = false;  ///< the sender waits for a credit and does not know when it comes

 private:
  std::uint32_t capacity() const { return slots_ ? mask_ + 1 : 0; }
  void grow() {
    const std::uint32_t size = std::max<std::uint32_t>(8, 2 * capacity());
    std::unique_ptr<Slot[]> larger(new Slot[size]);
    std::uint32_t n = 0;
    for (std::uint32_t i = back_; i != tail_; ++i) larger[n++] = slots_[i & mask_];
    head_ -= back_;
    tail_ -= back_;
    back_ = 0;
    mask_ = size - 1;
    slots_ = std::move(larger);
  }

  std::unique_ptr<Slot[]> slots_;
  std::uint32_t mask_ = 0;
  std::uint32_t back_ = 0, head_ = 0, tail_ = 0;
  std::uint32_t link_;
  std::uint32_t credits_;
};

}  // namespace ring
