// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <vector>

#include "traces/workload/host/kv_cache.h"

namespace workload {

// Magnitudes of one channel (component of a kv head's vectors in a layer) over all tokens seen.
struct ChannelStatistics {
  float largest = 0;  // largest |x|
  double sum_of_squares = 0;
};

// A cache for prefills only: it keeps a seeded sample of the keys (after RoPE) and values, rounded to fp16 as
// they are when they are encoded, and statistics of every channel. attend() is an error.
class KvRecorder final : public KvCache {
 public:
  // Keeps about one vector of `keep_one_in` (0: none).
  KvRecorder(const KvShape& shape, std::uint64_t keep_one_in, std::uint64_t seed);

  KvAppendReport append_prompt(unsigned layer, unsigned tokens, const float* k, const float* v) override;
  KvAppendReport append(unsigned layer, const float* k, const float* v) override;
  KvAttendReport attend(unsigned layer, const float* q, float* out) override;
  unsigned size(unsigned) const override { return 0; }
  void clear() override {}
  const KvShape& shape() const override { return shape_; }
  double bytes_per_token() const override { return 0; }

  const std::vector<float>& keys() const { return keys_; }  // [samples][head_dim]
  const std::vector<float>& values() const { return values_; }
  std::size_t samples() const { return keys_.size() / shape_.head_dim; }
  // [layer][kv head][channel]
  const std::vector<ChannelStatistics>& key_channels() const { return key_channels_; }
  const std::vector<ChannelStatistics>& value_channels() const { return value_channels_; }
  std::uint64_t tokens() const { return tokens_; }  // of one layer

 private:
  KvShape shape_;
  std::uint64_t keep_one_in_;
  std::uint64_t seed_;
  std::uint64_t tokens_ = 0;
  std::vector<float> keys_;
  std::vector<float> values_;
  std::vector<ChannelStatistics> key_channels_;
  std::vector<ChannelStatistics> value_channels_;
};

}  // namespace workload
