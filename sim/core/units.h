// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

namespace sim {

// A cycle of one clock domain. Cycle 0 is time 0, before the first edge; edge k is at time k * period.
using Cycle = std::uint64_t;

// "At no cycle": asleep, not scheduled, without end.
constexpr Cycle kNever = ~Cycle{0};

}  // namespace sim
