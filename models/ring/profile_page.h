// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include "models/ring/curve.h"
#include "models/ring/run.h"

namespace ring {

/// One self-contained HTML page of a run.
std::string profile_page(const Settings& settings, const Run& run, const std::vector<CurvePoint>& points,
                         const std::string& step_chart);

}  // namespace ring
