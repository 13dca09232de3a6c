// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "models/ring/function/execution.h"
#include "sim/record/recorder.h"

namespace ring {

/// Writes every operation into the timeline, in nanoseconds: a process for each GPU with the threads SM, send
/// and receive of each channel, an arrow from where a message leaves to where it arrives, and what operations
/// waited for. For every level of detail; ClusterTimeline writes while a cluster runs, in picoseconds.
void record_timeline(const OpGraph& graph, const Execution& execution, sim::record::Recorder& recorder);

}  // namespace ring
