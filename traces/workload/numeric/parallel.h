// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <functional>

namespace workload {

// Spreads independent work over threads: calls body(begin, end) for ranges that together are [0, count), each
// index once, and returns when all are done. An exception of a body is rethrown to the caller.
// Results of this program never depend on how the ranges are cut: every index writes its own outputs.
using ParallelBody = std::function<void(std::size_t begin, std::size_t end)>;
using ParallelFor = std::function<void(std::size_t count, const ParallelBody& body)>;

// The ParallelFor of one thread.
inline void serial_for(std::size_t count, const ParallelBody& body) {
  if (count > 0) body(0, count);
}

}  // namespace workload
