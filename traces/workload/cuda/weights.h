// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <vector>

#include "traces/workload/cuda/device.h"
#include "traces/workload/cuda/kernels.h"
#include "traces/workload/host/quantised_ops.h"
#include "traces/workload/model/weights.h"

namespace workload::cuda {

// A matrix on the device: f32, or codes in both formats.
struct DeviceMatrix {
  DeviceArray<float> f32;
  DeviceArray<std::int8_t> int8;
  DeviceArray<float> int8_scales;
  DeviceArray<std::uint8_t> int4;
  DeviceArray<float> int4_scales;
  WeightCodes codes;  // points to the arrays; rows and cols hold for f32, too
};

DeviceMatrix upload(const Matrix& matrix);
// Throws sim::Error (usage) for INT4 groups that the kernels do not take.
DeviceMatrix upload(const flexquant::Int8Matrix& int8, const flexquant::Int4Matrix& int4);

// All that the forward pass reads. Matrices: four a layer in the order of MatrixKind, then the head (without
// values of its own where it is tied and f32).
struct DeviceWeights {
  DeviceWeights(const Weights& weights, const QuantisedOps* quantised, unsigned capacity);

  const DeviceMatrix& matrix(unsigned layer, MatrixKind kind) const {
    return kind == MatrixKind::lm_head ? matrices.back()
                                       : matrices[4 * std::size_t{layer} + static_cast<unsigned>(kind) - 1];
  }

  DeviceArray<float> embedding;
  DeviceArray<float2> sin_cos;  // [capacity][head_dim / 2]
  std::vector<DeviceArray<float>> input_norms, post_norms;
  DeviceArray<float> final_norm;
  std::vector<DeviceMatrix> matrices;
};

}  // namespace workload::cuda
