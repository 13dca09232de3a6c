// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/rope.h"

#include <cmath>

namespace workload {

Rope::Rope(const ModelShape& shape) : head_dim_(shape.head_dim), frequencies_(rope_frequencies(shape)) {}

void Rope::turn(unsigned position, unsigned heads, float* x) const {
  const unsigned half = head_dim_ / 2;
  for (unsigned i = 0; i < half; ++i) {
    const float angle = static_cast<float>(position) * frequencies_[i];
    const auto c = static_cast<float>(std::cos(static_cast<double>(angle)));
    const auto s = static_cast<float>(std::sin(static_cast<double>(angle)));
    for (unsigned h = 0; h < heads; ++h) {
      float& low = x[std::size_t{h} * head_dim_ + i];
      float& high = x[std::size_t{h} * head_dim_ + i + half];
      const float turned = low * c - high * s;
      high = high * c + low * s;
      low = turned;
    }
  }
}

}  // namespace workload
