// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <vector>

#include "traces/workload/model/shape.h"

namespace workload {

// Rotary embedding in halves (Hugging Face's layout): element i of a head turns with element i + head_dim / 2
// by the angle position * frequency[i], all in f32; sine and cosine are rounded from double precision.
class Rope {
 public:
  explicit Rope(const ModelShape& shape);

  // Turns `heads` neighbouring heads [head_dim] in place.
  void turn(unsigned position, unsigned heads, float* x) const;

 private:
  unsigned head_dim_;
  std::vector<float> frequencies_;
};

}  // namespace workload
