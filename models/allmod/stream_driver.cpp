// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/allmod/stream_driver.h"

#include <algorithm>

namespace allmod {

using sim::Cycle;

WorkloadSource::WorkloadSource(const Workload& workload, unsigned lane, unsigned lanes,
                               const StallConfig& stall)
    : workload_(workload), lanes_(lanes), stall_(stall, 2 * lane), cursor_(workload.begin()) {
  workload.advance(cursor_, lane);
  step_ = stall_.next_willing(0);
  next_begin_ = 1 + step_;
}

Offer WorkloadSource::offer(Cycle from) {
  if (first_ == filled_) {
    first_ = 0;
    filled_ = workload_.at_end(cursor_) ? 0 : workload_.fill(cursor_, lanes_, kChunk, buffer_);
    if (filled_ == 0) return {};
  }
  // Operands that follow without a pause are offered together.
  const std::size_t left = filled_ - first_;
  const std::size_t run = static_cast<std::size_t>(stall_.willing_until(step_, step_ + left) - step_);
  return {std::max(from, next_begin_), run, &buffer_[first_ * workload_.x_limbs()]};
}

void WorkloadSource::taken(std::size_t count, Cycle last) {
  first_ += count;
  const std::uint64_t after = step_ + count;
  step_ = stall_.next_willing(after);
  next_begin_ = last + 1 + (step_ - after);
}

WorkloadSink::WorkloadSink(Workload& workload, unsigned lane, unsigned lanes, const StallConfig& stall)
    : workload_(workload), lanes_(lanes), stall_(stall, 2 * lane + 1), cursor_(workload.begin()) {
  workload.advance(cursor_, lane);
  n_limbs_ = workload.n_limbs();
}

Interval WorkloadSink::ready(Cycle from) {
  constexpr Cycle kAhead = 4096;
  if (stall_.always()) return {from, sim::kNever};
  const Cycle begin = stall_.next_willing(from);
  return {begin, stall_.willing_until(begin, begin + kAhead)};
}

void WorkloadSink::put(const Cycle* at, const Limb* results, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    workload_.result(cursor_, results + i * n_limbs_, at[i]);
    workload_.advance(cursor_, lanes_);
  }
}

}  // namespace allmod
