// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/calibrate/outliers.h"

#include <algorithm>
#include <cmath>

namespace workload {
namespace {

using nlohmann::json;

double median(std::vector<double> x) {
  std::sort(x.begin(), x.end());
  const std::size_t half = x.size() / 2;
  return x.size() % 2 == 1 ? x[half] : (x[half - 1] + x[half]) / 2;
}

json layer_json(const ChannelStatistics* channels, const KvShape& shape, std::uint64_t tokens) {
  json heads = json::array();
  double largest_ratio = 0;
  double rms_ratio = 0;
  for (unsigned head = 0; head < shape.kv_heads; ++head, channels += shape.head_dim) {
    std::vector<double> largest;
    std::vector<double> rms;
    for (unsigned c = 0; c < shape.head_dim; ++c) {
      largest.push_back(channels[c].largest);
      rms.push_back(std::sqrt(channels[c].sum_of_squares / static_cast<double>(tokens)));
    }
    const auto ratio = [](const std::vector<double>& x) {
      const double middle = median(x);
      return middle > 0 ? *std::max_element(x.begin(), x.end()) / middle : 0.0;
    };
    largest_ratio = std::max(largest_ratio, ratio(largest));
    rms_ratio = std::max(rms_ratio, ratio(rms));
    heads.push_back({{"largest", largest}, {"rms", rms}});
  }
  return {{"heads", heads}, {"largest_over_median", largest_ratio}, {"rms_over_median", rms_ratio}};
}

}  // namespace

json outliers_json(const KvRecorder& recorder) {
  const KvShape& shape = recorder.shape();
  json keys = json::array();
  json values = json::array();
  for (unsigned layer = 0; layer < shape.layers; ++layer) {
    const std::size_t first = std::size_t{layer} * shape.kv_heads * shape.head_dim;
    keys.push_back(layer_json(recorder.key_channels().data() + first, shape, recorder.tokens()));
    values.push_back(layer_json(recorder.value_channels().data() + first, shape, recorder.tokens()));
  }
  return {{"tokens", recorder.tokens()}, {"keys", keys}, {"values", values}};
}

}  // namespace workload
