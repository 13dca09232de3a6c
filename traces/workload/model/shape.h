// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace workload {

// Rotary embedding that stretches low frequencies, as Llama 3.1 does it (rope_type "llama3").
struct RopeScaling {
  bool llama3 = false;
  double factor = 1;
  double low_freq_factor = 1;
  double high_freq_factor = 4;
  double original_context = 8192;  // tokens
};

// Sizes of a decoder of the Llama family: RMSNorm, rotary embedding in halves (element i pairs with i +
// head_dim / 2), grouped-query attention, SwiGLU, no biases.
struct ModelShape {
  std::string name;
  unsigned layers = 0;
  unsigned hidden = 0;
  unsigned intermediate = 0;
  unsigned heads = 0;
  unsigned kv_heads = 0;  // divides heads
  unsigned head_dim = 0;  // even; heads * head_dim need not be hidden
  unsigned vocab = 0;
  unsigned context = 0;  // most tokens the model was made for
  double rope_theta = 10000;
  double norm_eps = 1e-5;
  bool tied_head = false;  // the head is the embedding
  RopeScaling rope_scaling;

  unsigned q_rows() const { return heads * head_dim; }
  unsigned kv_rows() const { return kv_heads * head_dim; }
  unsigned qkv_rows() const { return q_rows() + 2 * kv_rows(); }
  std::uint64_t parameters() const;  // the tied head counts once
};

// Throws sim::Error (input) for a size of 0, an odd head_dim, heads that are no multiple of kv_heads, or
// numbers beyond what any such model has (a hostile config.json); `where` leads the message.
void check(const ModelShape& shape, const std::string& where);

// Inverse frequencies of the rotary embedding, head_dim / 2 of them, in f32 as Hugging Face computes them.
std::vector<float> rope_frequencies(const ModelShape& shape);

// Shapes by name for seeded random weights: llama2-7b, llama3.1-8b, tiny. Throws sim::Error (usage) for
// others.
ModelShape synthetic_shape(const std::string& name);

}  // namespace workload
