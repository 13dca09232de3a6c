// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <vector>

#include "traces/workload/flexquant/activation.h"
#include "traces/workload/flexquant/weights.h"
#include "traces/workload/host/integer_kernels.h"
#include "traces/workload/host/linear_ops.h"
#include "traces/workload/model/weights.h"
#include "traces/workload/numeric/parallel.h"

namespace workload {

struct QuantisedSettings {
  bool int4 = true;  // keep INT4 beside INT8; without it every layer stays at INT8
  flexquant::Int4Format format = flexquant::Int4Format::group;
  std::size_t group = flexquant::kDefaultGroup;
  SimdLevel level = detect_simd_level();
};

// Quantised linear layers: INT8 activations per token; prompts W8A8; decoding with INT8 or INT4 weights as
// chosen layer by layer between tokens. Both formats of every layer are kept, so that a switch costs nothing.
// The head stays at INT8 [assumed].
class QuantisedOps final : public LinearOps {
 public:
  // Takes its own copy in codes; `weights` is not needed afterwards.
  QuantisedOps(const Weights& weights, const QuantisedSettings& settings, ParallelFor parallel);

  // 8 or 4 for every layer, from the next apply() on. Throws sim::Error (internal) for other numbers, and for
  // 4 without INT4.
  void set_layer_bits(const std::vector<std::uint8_t>& bits);
  const std::vector<std::uint8_t>& layer_bits() const { return bits_; }

  // Sums of the decode phase go there from the next apply() on, as its report says; null: own memory.
  void keep_sums(SumsKeeper* keeper) { keeper_ = keeper; }

  GemvReport apply(unsigned layer, MatrixKind matrix, const float* x, float* y) override;
  void apply_block(unsigned layer, MatrixKind matrix, const float* x, std::size_t tokens, float* y) override;

  const QuantisedSettings& settings() const { return settings_; }
  const flexquant::Int8Matrix& int8(unsigned layer, MatrixKind matrix) const {
    return pair(layer, matrix).int8;
  }
  // Without codes where there is no INT4 (the head, or settings().int4 = false).
  const flexquant::Int4Matrix& int4(unsigned layer, MatrixKind matrix) const {
    return pair(layer, matrix).int4;
  }

 private:
  struct Pair {
    flexquant::Int8Matrix int8;
    flexquant::Int4Matrix int4;
  };
  const Pair& pair(unsigned layer, MatrixKind matrix) const;

  unsigned layers_;
  QuantisedSettings settings_;
  ParallelFor parallel_;
  IntegerKernels kernels_;
  std::vector<Pair> pairs_;  // four a layer, then the head
  std::vector<std::uint8_t> bits_;
  std::vector<std::int8_t> codes_;
  std::vector<float> scales_;
  std::vector<std::int32_t> sums_;
  SumsKeeper* keeper_ = nullptr;
};

}  // namespace workload
