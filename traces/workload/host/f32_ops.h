// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "traces/workload/host/float_kernels.h"
#include "traces/workload/host/linear_ops.h"
#include "traces/workload/model/weights.h"
#include "traces/workload/numeric/parallel.h"

namespace workload {

// The plain reference: f32 weights and activations. `weights` must outlive it.
class F32Ops final : public LinearOps {
 public:
  F32Ops(const Weights& weights, ParallelFor parallel, SimdLevel level = detect_simd_level());

  GemvReport apply(unsigned layer, MatrixKind matrix, const float* x, float* y) override;
  void apply_block(unsigned layer, MatrixKind matrix, const float* x, std::size_t tokens, float* y) override;

 private:
  const Matrix& matrix(unsigned layer, MatrixKind kind) const;

  const Weights& weights_;
  ParallelFor parallel_;
  FloatKernels kernels_;
};

}  // namespace workload
