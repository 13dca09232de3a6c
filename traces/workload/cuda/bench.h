// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <functional>
#include <ostream>
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

// One JSON object on a line of its own.
struct Line {
  explicit Line(std::ostream& out, const std::string& what) : out_(out) {
    out_ << "{\"what\":\"" << what << "\"";
  }
  ~Line() { out_ << "}" << std::endl; }
  Line& add(const char* key, double value) {
    out_ << ",\"" << key << "\":" << value;
    return *this;
  }
  std::ostream& out_;
};

// Reads per second of a large array, bytes.
double read_bandwidth(const Stream& stream);

void bench_kernels(const Stream& stream, double bandwidth, std::ostream& out);
void bench_tokens(const Stream& stream, const BenchOptions& options, const std::string& shape,
                  double bandwidth, std::ostream& out);
// Comparisons with the kernels of the forward pass, and of a whole token's kernels in a graph with the same
// one by one. Throw sim::Error (internal) where they do not agree.
void check_attention(const Stream& stream, std::ostream& out);
void check_products(const Stream& stream, std::ostream& out);
void check_tokens(const Stream& stream, std::ostream& out);

}  // namespace workload::cuda
