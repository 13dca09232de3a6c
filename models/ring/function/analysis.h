// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// What the times of operations mean: steps, exposed communication, who waited for what.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/ring/function/execution.h"

namespace ring {

/// One step of one GPU: from the end of its step before to the end of the last operation of this step that
/// the GPU takes part in (a transfer counts at both ends).
struct StepTimes {
  Ps duration = 0;
  Ps kernels = 0;  ///< SMs busy with compute and merge kernels, launches included
  Ps messages =
      0;           ///< a message to or from the GPU is under way; messages - exposed is hidden behind kernels
  Ps exposed = 0;  ///< no kernel, but a message to or from the GPU is under way
  Ps idle = 0;     ///< neither: it waits for other GPUs
};

struct Analysis {
  unsigned gpus = 0;
  unsigned steps = 0;                  ///< of all passes together
  std::vector<StepTimes> by_gpu_step;  ///< [gpu * steps + step]
  /// [step]: of the slowest GPU, from the moment when the step before had ended everywhere to the end of this
  /// step there. The durations add up to the time of the run.
  std::vector<StepTimes> slowest;
  std::vector<unsigned> slowest_gpu;  ///< [step]: that ends it last, the lowest on ties
  StepTimes critical;                 ///< of the GPU that finishes last: its duration is the time of the run
  unsigned critical_gpu = 0;
  std::vector<std::uint64_t> bytes_sent;  ///< [gpu], payload
  std::vector<std::uint64_t> bytes_received;
  std::vector<Ps> compute;       ///< [gpu], compute kernels only
  double compute_imbalance = 1;  ///< longest / mean of `compute`; 1 without compute
};

/// Unfinished operations count until execution.end. `steps_per_pass`: steps of a pass are numbered from 0.
Analysis analyse(const OpGraph& graph, const Execution& execution, unsigned steps_per_pass);

/// Why an operation began when it did and took as long as it took.
struct Wait {
  /// compute, merge: the GPU's SMs were free until it was issued; transfer: one end was ready, the other not.
  Ps dependency = 0;
  OpId last_dep = kNoOp;  ///< the dependency that finished last
  Ps engine = 0;          ///< issued .. started
  Ps link = 0, port = 0, credit = 0;
  Ps slowed = 0;
  const char* longest() const;  ///< "dependency", "engine", "link", "port", "credit", "slowdown" or "nothing"
};
/// The dependency of an operation that finished last; of several, one that arrived here; behind joins,
/// theirs.
OpId last_dependency(const OpGraph& graph, const Execution& execution, OpId op);

/// Waits of all operations; parallel to graph.ops.
std::vector<Wait> waits(const OpGraph& graph, const Execution& execution);

}  // namespace ring
