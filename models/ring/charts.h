// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include "models/ring/curve.h"
#include "models/ring/function/analysis.h"

namespace ring {

/// What every GPU does when, as a profiler shows it: a row each for kernels and for messages sent, by
/// channel. A self-contained SVG with a tooltip on every bar; the first GPUs and operations where there are
/// many.
std::string step_chart(const OpGraph& graph, const Execution& execution, const Analysis& analysis,
                       const std::string& title);

/// Time of every step of the slowest GPU as a stack of kernels, exposed communication and idle time.
std::string step_bars(const Analysis& analysis);

/// Compute, communication and time over the number of GPUs at fixed S.
std::string curve_chart(const std::vector<CurvePoint>& points, unsigned gpus);

}  // namespace ring
