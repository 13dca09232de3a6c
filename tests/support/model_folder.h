// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/temp_folder.h"

namespace test_support {

/// A tensor of a model directory that a test writes: F32 values, or bytes under another type's name.
struct TestTensor {
  std::vector<std::uint64_t> shape;
  std::string bytes;
  std::string type = "F32";
};

inline TestTensor f32_tensor(const std::vector<std::uint64_t>& shape, float first = 0.01F) {
  std::uint64_t count = 1;
  for (const auto n : shape) count *= n;
  TestTensor t{shape, {}, "F32"};
  for (std::uint64_t i = 0; i < count; ++i) {
    const float value = first + static_cast<float>(i % 7) * 0.125F;
    t.bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  return t;
}

inline void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary) << bytes;
}

/// The eight bytes of the header's length, the header, the data.
inline std::string safetensors_bytes(const std::string& header, const std::string& data = {}) {
  std::string length(8, '\0');
  for (unsigned i = 0; i < 8; ++i)
    length[i] = static_cast<char>(static_cast<std::uint64_t>(header.size()) >> (8 * i));
  return length + header + data;
}

inline std::string safetensors_bytes(const std::map<std::string, TestTensor>& tensors) {
  nlohmann::json header = nlohmann::json::object();
  std::string data;
  for (const auto& [name, t] : tensors) {
    header[name] = {
        {"dtype", t.type}, {"shape", t.shape}, {"data_offsets", {data.size(), data.size() + t.bytes.size()}}};
    data += t.bytes;
  }
  return safetensors_bytes(header.dump(), data);
}

/// A Llama of one layer that is small enough to look at: hidden 8, 2 heads of 4 sharing one kv head,
/// intermediate 6, 5 tokens, untied head.
inline nlohmann::json small_config() {
  return {{"architectures", {"LlamaForCausalLM"}},
          {"model_type", "llama"},
          {"hidden_size", 8},
          {"intermediate_size", 6},
          {"num_hidden_layers", 1},
          {"num_attention_heads", 2},
          {"num_key_value_heads", 1},
          {"vocab_size", 5},
          {"max_position_embeddings", 16},
          {"rms_norm_eps", 1e-5},
          {"tie_word_embeddings", false}};
}

inline std::map<std::string, TestTensor> small_tensors() {
  const std::string l = "model.layers.0.";
  return {{"model.embed_tokens.weight", f32_tensor({5, 8})},
          {l + "input_layernorm.weight", f32_tensor({8}, 0.5F)},
          {l + "self_attn.q_proj.weight", f32_tensor({8, 8}, 0.1F)},
          {l + "self_attn.k_proj.weight", f32_tensor({4, 8}, 0.2F)},
          {l + "self_attn.v_proj.weight", f32_tensor({4, 8}, 0.3F)},
          {l + "self_attn.o_proj.weight", f32_tensor({8, 8}, 0.4F)},
          {l + "post_attention_layernorm.weight", f32_tensor({8}, 0.6F)},
          {l + "mlp.gate_proj.weight", f32_tensor({6, 8}, 0.7F)},
          {l + "mlp.up_proj.weight", f32_tensor({6, 8}, 0.8F)},
          {l + "mlp.down_proj.weight", f32_tensor({8, 6}, 0.9F)},
          {"model.norm.weight", f32_tensor({8}, 1.0F)},
          {"lm_head.weight", f32_tensor({5, 8}, -0.3F)}};
}

inline void write_model(const std::filesystem::path& folder, const nlohmann::json& config,
                        const std::map<std::string, TestTensor>& tensors) {
  std::filesystem::create_directories(folder);
  write_bytes(folder / "config.json", config.dump());
  write_bytes(folder / "model.safetensors", safetensors_bytes(tensors));
}

}  // namespace test_support
