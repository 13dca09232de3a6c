// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <string>
#include <vector>

#include "traces/workload/model/matrix.h"
#include "traces/workload/model/shape.h"

namespace workload {

// Projections that share their input run as one matrix, whose rows are concatenated in the order of its name.
struct LayerWeights {
  Matrix qkv_proj;      // (heads + 2 kv_heads) * head_dim x hidden: query heads, key heads, value heads
  Matrix o_proj;        // hidden x heads * head_dim
  Matrix gate_up_proj;  // 2 * intermediate x hidden: gate, up
  Matrix down_proj;     // hidden x intermediate
  std::vector<float> input_norm;  // hidden
  std::vector<float> post_norm;   // hidden
};

struct Weights {
  ModelShape shape;
  Matrix embedding;  // vocab x hidden
  std::vector<LayerWeights> layers;
  std::vector<float> final_norm;  // hidden
  Matrix lm_head;                 // vocab x hidden; empty where the head is tied
  std::string digest;             // SHA-256, see digest_of()
  bool synthetic = false;         // random: tokens and perplexities mean nothing

  const Matrix& head() const { return shape.tied_head ? embedding : lm_head; }
};

// SHA-256 (64 hexadecimal digits) over the weights as little-endian f32: embedding; of every layer
// input_norm, qkv_proj, o_proj, post_norm, gate_up_proj, down_proj; final_norm; lm_head unless tied. So the
// same weights have the same name however they were stored.
std::string digest_of(const Weights& weights);

}  // namespace workload
