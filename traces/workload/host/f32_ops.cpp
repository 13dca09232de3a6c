// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/f32_ops.h"

#include <utility>

#include "traces/workload/host/clock.h"

namespace workload {

F32Ops::F32Ops(const Weights& weights, ParallelFor parallel, SimdLevel level)
    : weights_(weights), parallel_(std::move(parallel)), kernels_(level) {}

const Matrix& F32Ops::matrix(unsigned layer, MatrixKind kind) const {
  switch (kind) {
    case MatrixKind::qkv_proj:
      return weights_.layers[layer].qkv_proj;
    case MatrixKind::o_proj:
      return weights_.layers[layer].o_proj;
    case MatrixKind::gate_up_proj:
      return weights_.layers[layer].gate_up_proj;
    case MatrixKind::down_proj:
      return weights_.layers[layer].down_proj;
    case MatrixKind::lm_head:
      break;
  }
  return weights_.head();
}

GemvReport F32Ops::apply(unsigned layer, MatrixKind kind, const float* x, float* y) {
  const Stopwatch watch;
  const Matrix& w = matrix(layer, kind);
  const auto rows = [&](std::size_t begin, std::size_t end) {
    kernels_.gemv(w.row(0), w.cols, x, y, begin, end);
  };
  if (worth_spreading(w.rows * w.cols)) {
    parallel_(w.rows, rows);
  } else {
    rows(0, w.rows);
  }
  GemvReport report;
  report.layer = layer;
  report.matrix = kind;
  report.rows = w.rows;
  report.cols = w.cols;
  report.time_ns = watch.ns();
  return report;
}

void F32Ops::apply_block(unsigned layer, MatrixKind kind, const float* x, std::size_t tokens, float* y) {
  const Matrix& w = matrix(layer, kind);
  parallel_(w.rows, [&](std::size_t begin, std::size_t end) {
    kernels_.gemm(w.row(0), w.rows, w.cols, x, tokens, y, begin, end);
  });
}

}  // namespace workload
