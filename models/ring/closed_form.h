// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "models/ring/function/execution.h"
#include "models/ring/network/hardware.h"
#include "models/ring/topology/routes.h"

namespace ring {

/// Level closed_form: times by formula, no packets and no events.
///
/// Messages of one step are taken to be under way together. A message takes its launch, the latencies on its
/// way, and the time that the busiest of what it uses (a link, the egress or ingress limit of a node, its own
/// flow limit, the engines of its sender) needs for all bytes of the step that go there. What begins when is
/// the longest path through the graph. A compute kernel is slowed down by the messages that its GPU sends in
/// its step, as if all of them began when it began.
///
/// Exact where messages of a step do begin together and share evenly, which is what the formulas of the paper
/// assume; else an approximation: who waits for a buffer is not known here. Knows no faults and no bit
/// errors. Fills link and port uses. Tells `listener` (may be nullptr) in the order of completion.
Execution closed_form(const OpGraph& graph, const Fabric& fabric, const Routes& routes,
                      const Hardware& hardware, ExecutionListener* listener = nullptr);

}  // namespace ring
