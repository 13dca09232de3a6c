// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/calibrate/kv_recorder.h"

#include <algorithm>
#include <cmath>

#include "sim/core/error.h"
#include "traces/workload/numeric/float16.h"

namespace workload {
namespace {

// The finaliser of splitmix64: one well-mixed number from a counter.
std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

void count_in(const float* x, unsigned dim, ChannelStatistics* channels) {
  for (unsigned k = 0; k < dim; ++k) {
    channels[k].largest = std::max(channels[k].largest, std::fabs(x[k]));
    channels[k].sum_of_squares += double{x[k]} * x[k];
  }
}

}  // namespace

KvRecorder::KvRecorder(const KvShape& shape, std::uint64_t keep_one_in, std::uint64_t seed)
    : shape_(shape),
      keep_one_in_(keep_one_in),
      seed_(seed),
      key_channels_(std::size_t{shape.layers} * shape.kv_heads * shape.head_dim),
      value_channels_(key_channels_.size()) {}

KvAppendReport KvRecorder::append_prompt(unsigned layer, unsigned tokens, const float* k, const float* v) {
  const unsigned dim = shape_.head_dim;
  if (layer == 0) tokens_ += tokens;
  for (std::size_t i = 0; keep_one_in_ > 0 && i < std::size_t{tokens} * shape_.kv_heads; ++i) {
    const std::size_t head = std::size_t{layer} * shape_.kv_heads + i % shape_.kv_heads;
    count_in(k + i * dim, dim, key_channels_.data() + head * dim);
    count_in(v + i * dim, dim, value_channels_.data() + head * dim);
    // Which vectors are kept depends on the seed, their token, head and layer.
    const std::uint64_t token = tokens_ - tokens + i / shape_.kv_heads;
    const std::uint64_t number = token * (std::uint64_t{shape_.layers} * shape_.kv_heads) + head;
    if (mix(mix(seed_ + 1) + number * 0x9e3779b97f4a7c15U) % keep_one_in_ != 0) continue;
    for (unsigned c = 0; c < dim; ++c) {
      keys_.push_back(to_float(to_float16_saturated(k[i * dim + c])));
      values_.push_back(to_float(to_float16_saturated(v[i * dim + c])));
    }
  }
  KvAppendReport report;
  report.appended_tokens = tokens;
  return report;
}

KvAppendReport KvRecorder::append(unsigned layer, const float* k, const float* v) {
  return append_prompt(layer, 1, k, v);
}

KvAttendReport KvRecorder::attend(unsigned, const float*, float*) {
  throw sim::Error(sim::Exit::internal, "a recorder of keys and values cannot be attended");
}

}  // namespace workload
