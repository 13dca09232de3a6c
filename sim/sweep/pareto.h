// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <vector>

namespace sim::sweep {

// Indices of the vectors that no other is better than: a is better than b when it is nowhere larger and
// somewhere smaller (minimisation). All of equal ones are in; a vector with a NaN is not. All vectors have
// one length, 1 or more. O(n log n) for one and two objectives, O(n * front) for more.
std::vector<std::size_t> pareto_front(const std::vector<std::vector<double>>& points);

}  // namespace sim::sweep
