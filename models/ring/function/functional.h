// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Functional mode: Q, K, V and results in the memories of the GPUs, moved by the messages of an op graph in
// the order in which an executor completes them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "models/ring/function/execution.h"
#include "models/ring/function/schedule.h"

namespace ring {

/// Every GPU begins with its own chunks. A transfer copies what it names from the sender's memory to the
/// receiver's, results rounded to fp16 on the wire; a kernel computes with what is in its own GPU's memory.
/// What is not there, a message whose bytes do not add up, a result that is merged twice: all of these are
/// sim::Error(Exit::check) that name the operation.
class FunctionalCluster final : public ExecutionListener {
 public:
  /// Throws sim::Error(Exit::usage) for more than kMostElements values of Q.
  FunctionalCluster(const Plan& plan, const Problem& problem, std::uint64_t seed);
  ~FunctionalCluster() override;

  void on_finished(OpId op, Ps now) override;

  /// The largest |output - attention on one device| of all rows, heads and channels, each divided by its
  /// |value| on one device or 1, whichever is more (fp16 has 2^-11 of that). Throws sim::Error(Exit::check)
  /// when a GPU lacks the output of a chunk that began there, or its output did not see every key.
  double output_max_error() const;

  static constexpr std::uint64_t kMostElements = 1u << 22;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ring
