// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <memory>
#include <vector>

#include "models/allmod/stall_pattern.h"
#include "models/allmod/workload.h"

namespace allmod {

// Feeds one lane from a workload: operand k of the lane is valid one cycle after operand k - 1 was taken, or
// as much later as the stall pattern says for k.
class WorkloadSource final : public OperandSource {
 public:
  WorkloadSource(const Workload& workload, unsigned lane, unsigned lanes, const StallConfig& stall);
  Offer offer(sim::Cycle from) override;
  void taken(std::size_t count, sim::Cycle last) override;
  sim::Cycle settled_until(sim::Cycle) const override { return sim::kNever; }

 private:
  static constexpr std::size_t kChunk = 512;

  const Workload& workload_;
  unsigned lanes_;
  StallPattern stall_;
  Workload::Cursor cursor_;  // of the operand after the buffered ones
  std::vector<Limb> buffer_;
  std::size_t first_ = 0, filled_ = 0;
  std::uint64_t step_ = 0;     // of the stall pattern: the next operand's, pauses included
  sim::Cycle next_begin_ = 1;  // cycle in which the next operand becomes valid
};

// Takes one lane's results and hands each to the workload, which checks it.
class WorkloadSink final : public ResultSink {
 public:
  WorkloadSink(Workload& workload, unsigned lane, unsigned lanes, const StallConfig& stall);
  Interval ready(sim::Cycle from) override;
  void put(const sim::Cycle* at, const Limb* results, std::size_t count) override;
  sim::Cycle settled_until(sim::Cycle) const override { return sim::kNever; }

 private:
  Workload& workload_;
  unsigned lanes_;
  StallPattern stall_;
  Workload::Cursor cursor_;  // of the next result
  std::size_t n_limbs_;
};

}  // namespace allmod
