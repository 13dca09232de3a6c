// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>

#include <cuda_fp16.h>

#include "traces/workload/cuda/device.h"
#include "traces/workload/model/prompt_pieces.h"
#include "traces/workload/model/shape.h"

// Attention within a prompt as a device of a ring computes it: fp16 in and out, tensor cores, online softmax
// in f32 (the order of operations is free). Head dimension 128, both token counts multiples of 128.
namespace workload::cuda {

struct PieceIn {
  const __half* q = nullptr;  // [query token][heads][128]
  const __half* k = nullptr;  // [kv token][kv_heads][128]
  const __half* v = nullptr;
  unsigned heads = 0, kv_heads = 0;
};
// out [query token][heads][128]; lse [head][query token], natural logarithm of the softmax's denominator.
void piece_attention(const PieceIn& in, const PromptPiece& piece, __half* out, float* lse,
                     cudaStream_t stream);
bool piece_is_supported(const PromptPiece& piece, unsigned head_dim);

// Runs pieces over seeded values and measures them.
class PieceTimer {
 public:
  // With memory for pieces of up to `tokens`. Compares the kernel with a plain one first and throws
  // sim::Error (internal) where they differ.
  PieceTimer(const ModelShape& shape, unsigned tokens, cudaStream_t stream);

  // Nanoseconds between CUDA events around one launch; 0 for a piece that the kernel does not take.
  std::uint64_t time(const PromptPiece& piece);

 private:
  void check();

  ModelShape shape_;
  cudaStream_t stream_;
  DeviceArray<__half> q_, k_, v_, out_;
  DeviceArray<float> lse_;
  Event begin_, end_;
};

}  // namespace workload::cuda
