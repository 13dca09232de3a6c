// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The SMs of a GPU: one kernel at a time, slowed down while the GPU sends.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "models/ring/function/op_graph.h"

namespace ring {

/// Work is kept in 2^-20 ps, speeds in millionths, so that a kernel that nothing slows down takes its
/// duration to the picosecond, and one that is slowed down part of the time finishes at the first picosecond
/// at which all its work is done. Work that is done between two changes of speed is rounded down once, by
/// less than 10^-6 ps.
class SmPool {
 public:
  /// slowdown[k] while k messages are being sent; the last entry holds beyond.
  explicit SmPool(const std::vector<double>& slowdown) {
    for (const double s : slowdown)
      slowdown_.push_back(static_cast<std::uint64_t>(std::llround(s * kMillion)));
    if (slowdown_.empty()) slowdown_.push_back(kMillion);
  }

  bool busy() const { return op_ != kNoOp; }
  OpId op() const { return op_; }

  /// `now`: the launch is over and the kernel works from here on.
  void start(OpId op, Ps duration, bool slowed_by_sending, Ps now) {
    op_ = op;
    sensitive_ = slowed_by_sending;
    work_ = Wide{duration} << kFraction;
    since_ = now;
  }
  /// The number of messages being sent, or the speed of the GPU, is another one from `now` on.
  void sending(unsigned messages, Ps now) {
    advance(now);
    sending_ = messages;
  }
  void speed(double factor, Ps now) {
    advance(now);
    factor_ = static_cast<std::uint64_t>(std::llround(factor * kMillion));
  }
  /// When the kernel is done if nothing changes.
  Ps done_at() const {
    const Wide scaled = work_ * time_per_work();
    const Wide unit = Wide{kMillion} * kMillion << kFraction;
    return since_ + static_cast<Ps>((scaled + unit - 1) / unit);
  }
  void finish() { op_ = kNoOp; }

 private:
  __extension__ typedef unsigned __int128 Wide;
  static constexpr std::uint64_t kMillion = 1'000'000;
  static constexpr unsigned kFraction = 20;

  Wide time_per_work() const {  // in 10^-12
    const std::uint64_t slow =
        sensitive_ ? slowdown_[std::min<std::size_t>(sending_, slowdown_.size() - 1)] : kMillion;
    return Wide{slow} * factor_;
  }
  void advance(Ps now) {
    if (!busy() || now <= since_) return;
    const Wide done = (Wide{now - since_} * kMillion * kMillion << kFraction) / time_per_work();
    work_ -= done < work_ ? done : work_;
    since_ = now;
  }

  std::vector<std::uint64_t> slowdown_;  // millionths
  std::uint64_t factor_ = kMillion;
  unsigned sending_ = 0;
  OpId op_ = kNoOp;
  bool sensitive_ = false;
  Wide work_ = 0;
  Ps since_ = 0;
};

}  // namespace ring
