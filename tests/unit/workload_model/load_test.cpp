// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/model/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "tests/support/model_folder.h"

namespace {

using test_support::f32_tensor;
using test_support::small_config;
using test_support::small_tensors;
using ::testing::HasSubstr;
using workload::load_weights;
using workload::Weights;

class ModelLoad : public ::testing::Test {
 protected:
  std::string error() {
    test_support::write_model(folder_ / "m", config_, tensors_);
    try {
      load_weights(folder_ / "m");
    } catch (const sim::Error& e) {
      EXPECT_EQ(e.exit_code(), sim::Exit::input);
      return e.what();
    }
    return "";
  }
  test_support::TempFolder folder_;
  nlohmann::json config_ = small_config();
  std::map<std::string, test_support::TestTensor> tensors_ = small_tensors();
};

TEST_F(ModelLoad, projections_that_share_their_input_are_one_matrix) {
  ASSERT_EQ(error(), "");
  const Weights w = load_weights(folder_ / "m");
  EXPECT_EQ(w.shape.name, "m");
  const workload::LayerWeights& l = w.layers.at(0);
  EXPECT_EQ(l.qkv_proj.rows, 16U);  // 8 query, 4 key, 4 value
  EXPECT_EQ(l.qkv_proj.cols, 8U);
  EXPECT_EQ(l.qkv_proj.row(0)[0], 0.1F);
  EXPECT_EQ(l.qkv_proj.row(8)[0], 0.2F);
  EXPECT_EQ(l.qkv_proj.row(12)[1], 0.3F + 0.125F);
  EXPECT_EQ(l.gate_up_proj.rows, 12U);
  EXPECT_EQ(l.gate_up_proj.row(0)[0], 0.7F);
  EXPECT_EQ(l.gate_up_proj.row(6)[0], 0.8F);
  EXPECT_EQ(l.down_proj.rows, 8U);
  EXPECT_EQ(l.down_proj.cols, 6U);
  EXPECT_EQ(l.post_norm.at(0), 0.6F);
  EXPECT_EQ(w.final_norm.at(7), 1.0F);
  EXPECT_EQ(w.head().row(0)[0], -0.3F);
  EXPECT_EQ(w.digest.size(), 64U);
  EXPECT_FALSE(w.synthetic);
}

TEST_F(ModelLoad, a_tied_head_is_the_embedding) {
  config_["tie_word_embeddings"] = true;
  ASSERT_EQ(error(), "");  // the stored head is not read
  const Weights stored = load_weights(folder_ / "m");
  tensors_.erase("lm_head.weight");
  ASSERT_EQ(error(), "");
  const Weights w = load_weights(folder_ / "m");
  EXPECT_TRUE(w.lm_head.empty());
  EXPECT_EQ(&w.head(), &w.embedding);
  EXPECT_EQ(w.digest, stored.digest);
}

TEST_F(ModelLoad, the_digest_is_of_the_values_not_of_their_storage) {
  ASSERT_EQ(error(), "");
  const std::string digest = load_weights(folder_ / "m").digest;
  tensors_["model.norm.weight"] = f32_tensor({8}, 1.001F);
  ASSERT_EQ(error(), "");
  EXPECT_NE(load_weights(folder_ / "m").digest, digest);
}

TEST_F(ModelLoad, a_missing_tensor) {
  tensors_.erase("model.layers.0.mlp.up_proj.weight");
  EXPECT_THAT(error(), HasSubstr("there is no tensor 'model.layers.0.mlp.up_proj.weight' of shape [6, 8]"));
}

TEST_F(ModelLoad, a_head_that_is_neither_stored_nor_tied) {
  tensors_.erase("lm_head.weight");
  EXPECT_THAT(error(), HasSubstr("there is no tensor 'lm_head.weight' of shape [5, 8]"));
}

TEST_F(ModelLoad, wrong_head_counts_show_as_shapes) {
  config_["num_key_value_heads"] = 2;
  EXPECT_THAT(error(),
              HasSubstr("model.safetensors: tensor 'model.layers.0.self_attn.k_proj.weight': shape [4, 8], "
                        "config.json needs [8, 8]"));
}

TEST_F(ModelLoad, more_layers_than_there_are_tensors) {
  config_["num_hidden_layers"] = 4096;
  EXPECT_THAT(
      error(),
      HasSubstr(
          "num_hidden_layers is 4096 but there is no tensor 'model.layers.4095.input_layernorm.weight'"));
}

TEST_F(ModelLoad, a_claimed_size_takes_no_memory) {
  config_["vocab_size"] = 16777216;
  config_["hidden_size"] = 1048576;
  config_["head_dim"] = 4;
  EXPECT_THAT(
      error(),
      HasSubstr("tensor 'model.embed_tokens.weight': shape [5, 8], config.json needs [16777216, 1048576]"));
}

TEST_F(ModelLoad, a_tensor_that_is_not_computed_is_refused) {
  tensors_["model.layers.0.self_attn.q_proj.bias"] = f32_tensor({8});
  EXPECT_THAT(error(), HasSubstr("tensor 'model.layers.0.self_attn.q_proj.bias' is no part of the model that "
                                 "config.json describes"));
  tensors_.erase("model.layers.0.self_attn.q_proj.bias");
  tensors_["model.layers.1.input_layernorm.weight"] = f32_tensor({8});
  EXPECT_THAT(error(), HasSubstr("is no part of the model"));
  tensors_.erase("model.layers.1.input_layernorm.weight");
  tensors_["model.layers.0.self_attn.rotary_emb.inv_freq"] = f32_tensor({2});
  EXPECT_EQ(error(), "");  // follows from config.json
}

TEST_F(ModelLoad, no_folder_and_no_config) {
  EXPECT_THROW(load_weights(folder_ / "none"), sim::Error);
  std::filesystem::create_directories(folder_ / "empty");
  try {
    load_weights(folder_ / "empty");
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("config.json: there is no such file"));
  }
}

}  // namespace
