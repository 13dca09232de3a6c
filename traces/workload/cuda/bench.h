// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "traces/workload/cuda/backend.h"
#include "traces/workload/cuda/device.h"
#include "traces/workload/cuda/graph.h"

namespace workload::cuda {

struct Seconds {
  double median = 0, least = 0, most = 0;
};
// Of one of `count` pieces of work that `record` puts on the stream; `repeats` replays after two.
Seconds time_graph(const Stream& stream, unsigned count, unsigned repeats,
                   const std::function<void()>& record);

// Reads per second of a large array, bytes.
double read_bandwidth(const Stream& stream);

void bench_kernels(const Stream& stream, double bandwidth, std::ostream& out);
void bench_tokens(const Stream& stream, const BenchOptions& options, const std::string& shape,
                  double bandwidth, std::ostream& out);
void check_fast_kernels(const Stream& stream, std::ostream& out);

}  // namespace workload::cuda
