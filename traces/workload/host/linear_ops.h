// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstddef>
#include <cstdint>

namespace workload {

// The matrices of a layer as they are executed; numbers as in trace.proto. The head has layer = number of
// layers.
enum class MatrixKind { qkv_proj = 1, o_proj = 2, gate_up_proj = 3, down_proj = 4, lm_head = 5 };

// What a product of the decode phase did. Pointers hold until the next call.
struct GemvReport {
  unsigned layer = 0;
  MatrixKind matrix = MatrixKind::qkv_proj;
  std::size_t rows = 0;
  std::size_t cols = 0;
  unsigned weight_bits = 32;                // 8 or 4; 32: not quantised
  const std::int8_t* activation = nullptr;  // cols codes; null: not quantised
  float activation_scale = 0;
  const std::int32_t* sums = nullptr;  // exact integer sums: rows, or rows x groups of INT4 by group
  std::size_t sum_count = 0;
  std::uint64_t time_ns = 0;  // from x to y: quantising the activation, sums, scaling
};

// Where somebody wants a product's integer sums who keeps them longer than until the next call.
class SumsKeeper {
 public:
  virtual ~SumsKeeper() = default;
  // Room for the sums of one product; holds until the next call.
  virtual std::int32_t* room(std::size_t count) = 0;
};

// Whether a product of so many multiplications takes long enough (some microseconds) to be spread over
// threads.
constexpr bool worth_spreading(std::size_t multiplications) { return multiplications >= 100'000; }

// The linear layers of a decoder in some precision. y = W x; results do not depend on the number of threads.
class LinearOps {
 public:
  virtual ~LinearOps() = default;

  // One token of the decode phase.
  virtual GemvReport apply(unsigned layer, MatrixKind matrix, const float* x, float* y) = 0;
  // Tokens of a prompt: x[tokens][cols], y[tokens][rows].
  virtual void apply_block(unsigned layer, MatrixKind matrix, const float* x, std::size_t tokens,
                           float* y) = 0;
};

}  // namespace workload
