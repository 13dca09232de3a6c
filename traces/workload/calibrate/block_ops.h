// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include "traces/workload/host/quantised_ops.h"

namespace workload {

// Prompts at the precision that is set for decoding: a window of text goes through in one prefill, and every
// token gets the very numbers that decoding it would give (but for the attention, which is exact in a
// prefill).
class BlockOps final : public LinearOps {
 public:
  // `ops` must outlive it.
  explicit BlockOps(QuantisedOps& ops) : ops_(ops) {}

  GemvReport apply(unsigned layer, MatrixKind matrix, const float* x, float* y) override {
    return ops_.apply(layer, matrix, x, y);
  }
  void apply_block(unsigned layer, MatrixKind matrix, const float* x, std::size_t tokens, float* y) override {
    if (matrix == MatrixKind::lm_head || ops_.layer_bits()[layer] == 8) {
      ops_.apply_block(layer, matrix, x, tokens, y);
      return;
    }
    const flexquant::Int8Matrix& shape = ops_.int8(layer, matrix);
    for (std::size_t t = 0; t < tokens; ++t)
      ops_.apply(layer, matrix, x + t * shape.cols, y + t * shape.rows);
  }

 private:
  QuantisedOps& ops_;
};

}  // namespace workload
