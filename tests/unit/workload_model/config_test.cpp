// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/model/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "tests/support/model_folder.h"

namespace {

using nlohmann::json;
using test_support::small_config;
using workload::ModelShape;
using workload::shape_from_config;

std::string error_of(const json& config) {
  try {
    shape_from_config(config, "c");
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::input);
    return e.what();
  }
  return "";
}

std::string error_with(const std::string& key, const json& value) {
  json config = small_config();
  config[key] = value;
  return error_of(config);
}

TEST(ModelConfig, what_is_written_and_what_is_derived) {
  const ModelShape s = shape_from_config(small_config(), "c");
  EXPECT_EQ(s.layers, 1U);
  EXPECT_EQ(s.hidden, 8U);
  EXPECT_EQ(s.intermediate, 6U);
  EXPECT_EQ(s.heads, 2U);
  EXPECT_EQ(s.kv_heads, 1U);
  EXPECT_EQ(s.head_dim, 4U);  // 8 / 2
  EXPECT_EQ(s.vocab, 5U);
  EXPECT_EQ(s.context, 16U);
  EXPECT_EQ(s.rope_theta, 10000.0);
  EXPECT_EQ(s.norm_eps, 1e-5);
  EXPECT_FALSE(s.tied_head);
  EXPECT_FALSE(s.rope_scaling.llama3);
}

TEST(ModelConfig, the_library_s_defaults) {
  json config = small_config();
  for (const char* key :
       {"num_key_value_heads", "max_position_embeddings", "rms_norm_eps", "tie_word_embeddings"}) {
    config.erase(key);
  }
  const ModelShape s = shape_from_config(config, "c");
  EXPECT_EQ(s.kv_heads, 2U);
  EXPECT_EQ(s.context, 2048U);
  EXPECT_EQ(s.norm_eps, 1e-6);
  EXPECT_FALSE(s.tied_head);
}

TEST(ModelConfig, a_head_dim_of_its_own) {
  json config = small_config();
  config["head_dim"] = 6;
  EXPECT_EQ(shape_from_config(config, "c").q_rows(), 12U);
  config["head_dim"] = nullptr;  // as transformers writes a default
  EXPECT_EQ(shape_from_config(config, "c").head_dim, 4U);
}

TEST(ModelConfig, both_places_of_the_rotary_embedding) {
  json config = small_config();
  config["rope_theta"] = 500000;
  EXPECT_EQ(shape_from_config(config, "c").rope_theta, 500000.0);
  const json llama3 = {{"rope_type", "llama3"},
                       {"factor", 8.0},
                       {"low_freq_factor", 1.0},
                       {"high_freq_factor", 4.0},
                       {"original_max_position_embeddings", 64}};
  config["rope_scaling"] = llama3;
  ModelShape s = shape_from_config(config, "c");
  EXPECT_TRUE(s.rope_scaling.llama3);
  EXPECT_EQ(s.rope_scaling.original_context, 64.0);
  json newer = small_config();
  newer["rope_parameters"] = llama3;
  newer["rope_parameters"]["rope_theta"] = 1e6;
  s = shape_from_config(newer, "c");
  EXPECT_TRUE(s.rope_scaling.llama3);
  EXPECT_EQ(s.rope_theta, 1e6);
  config["rope_scaling"] = nullptr;
  EXPECT_FALSE(shape_from_config(config, "c").rope_scaling.llama3);
}

TEST(ModelConfig, rotary_embeddings_that_are_not_computed_are_refused) {
  EXPECT_EQ(error_with("rope_scaling", {{"type", "linear"}, {"factor", 2.0}}),
            "c: rope_scaling: rope_type 'linear' is not computed; default and llama3 are");
  EXPECT_EQ(error_with("rope_parameters", {{"rope_type", "yarn"}}),
            "c: rope_parameters: rope_type 'yarn' is not computed; default and llama3 are");
  EXPECT_EQ(error_with("rope_scaling", {{"rope_type", "llama3"}}), "c: there is no factor");
  EXPECT_EQ(error_with("rope_scaling", {{"rope_type", "llama3"},
                                        {"factor", 8},
                                        {"low_freq_factor", 4},
                                        {"high_freq_factor", 4},
                                        {"original_max_position_embeddings", 64}}),
            "c: rope_scaling: needs factor >= 1, 0 < low_freq_factor < high_freq_factor and "
            "original_max_position_embeddings >= 1");
  EXPECT_EQ(error_with("rope_parameters", {{"rope_type", "default"}, {"partial_rotary_factor", 0.5}}),
            "c: partial_rotary_factor is 0.5; only 1 is computed");
}

TEST(ModelConfig, other_architectures_are_refused) {
  EXPECT_EQ(error_with("model_type", "mistral"),
            "c: model_type is 'mistral'; this program runs 'llama' only");
  EXPECT_EQ(error_with("architectures", {"LlamaForSequenceClassification"}),
            "c: architectures is [\"LlamaForSequenceClassification\"]; this program runs "
            "[\"LlamaForCausalLM\"] only");
  EXPECT_EQ(error_with("hidden_act", "gelu"), "c: hidden_act is 'gelu'; only silu is computed");
  EXPECT_EQ(error_with("attention_bias", true), "c: attention_bias is true; biases are not computed");
  EXPECT_EQ(error_with("mlp_bias", true), "c: mlp_bias is true; biases are not computed");
  EXPECT_EQ(error_with("sliding_window", 4096), "c: sliding_window is set; only full attention is computed");
  EXPECT_EQ(error_with("quantization_config", {{"bits", 4}}),
            "c: quantization_config: the weights are stored quantised; give a directory with F32, F16 or "
            "BF16 weights");
}

TEST(ModelConfig, sizes_that_make_no_sense) {
  EXPECT_EQ(error_with("num_attention_heads", 3),
            "c: hidden_size (8) is no multiple of num_attention_heads (3) and there is no head_dim");
  EXPECT_EQ(error_with("num_attention_heads", 0),
            "c: hidden_size (8) is no multiple of num_attention_heads (0) and there is no head_dim");
  EXPECT_EQ(error_with("num_key_value_heads", 3),
            "c: num_attention_heads (2) is no multiple of num_key_value_heads (3)");
  EXPECT_EQ(error_with("head_dim", 3), "c: head_dim is 3; the rotary embedding needs an even one");
  EXPECT_EQ(error_with("num_hidden_layers", 0), "c: num_hidden_layers is 0, must be 1 to 4096");
  EXPECT_EQ(error_with("vocab_size", 4294967296ULL), "c: vocab_size is 4294967296, which is no size");
  EXPECT_EQ(error_with("vocab_size", 4294967295ULL), "c: vocab_size is 4294967295, must be 1 to 16777216");
  EXPECT_EQ(error_with("hidden_size", "8"), "c: hidden_size is \"8\", which is no size");
  EXPECT_EQ(error_with("hidden_size", -8), "c: hidden_size is -8, which is no size");
  EXPECT_EQ(error_with("hidden_size", nullptr), "c: there is no hidden_size");
  EXPECT_EQ(error_with("rms_norm_eps", 0), "c: rms_norm_eps must be above 0 and below 1");
  EXPECT_EQ(error_with("rope_theta", 1), "c: rope_theta must be above 1");
  EXPECT_EQ(error_with("tie_word_embeddings", "yes"),
            "c: tie_word_embeddings is \"yes\", must be true or false");
  EXPECT_EQ(error_of(json::array()), "c: is no JSON object");
}

TEST(ModelConfig, the_shape_is_named_after_the_folder) {
  const test_support::TempFolder folder;
  test_support::write_model(folder / "some_model", small_config(), {});
  EXPECT_EQ(workload::read_config(folder / "some_model").name, "some_model");
  EXPECT_EQ(workload::read_config((folder / "some_model").string() + "/").name, "some_model");
}

}  // namespace
