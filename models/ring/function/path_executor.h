// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <functional>

#include "models/ring/function/execution.h"

namespace ring {

/// Times of all operations when each takes as long as `duration` says and waits for nothing but its
/// dependencies: the longest path through the graph. No resource is shared; compute and merge of one GPU
/// follow each other only where the graph says so. launch_ps is added to what `duration` gives.
/// Tells `listener` (may be nullptr) in the order of completion. `graph` must pass check().
Execution run_by_path(const OpGraph& graph, const std::function<Ps(OpId)>& duration,
                      ExecutionListener* listener = nullptr);

}  // namespace ring
