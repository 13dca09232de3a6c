// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The forward pass against an independent runtime: greedy ids of Hugging Face transformers in float32,
// committed with the models (scripts/llama_expected_ids.py).
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "traces/workload/flexquant/entropy.h"
#include "traces/workload/host/decoder.h"
#include "traces/workload/host/f32_ops.h"
#include "traces/workload/host/kv_caches.h"
#include "traces/workload/host/sampler.h"
#include "traces/workload/host/thread_pool.h"
#include "traces/workload/model/load.h"

namespace {

const std::filesystem::path kRoot = TRICYCLE_SOURCE_DIR;

class GreedyIds : public ::testing::TestWithParam<const char*> {};

TEST_P(GreedyIds, are_those_of_an_independent_runtime) {
  const auto folder = kRoot / GetParam();
  nlohmann::json expected;
  std::ifstream(folder / "expected_ids.json") >> expected;
  ASSERT_GE(expected.at("cases").size(), 2U);
  const workload::Weights weights = workload::load_weights(folder);
  const auto& s = weights.shape;
  for (const unsigned threads : {1U, 2U, 3U}) {
    workload::ThreadPool pool(threads);
    workload::F32Ops ops(weights, pool.parallel());
    for (const auto& c : expected["cases"]) {
      const std::vector<std::uint32_t> prompt = c["prompt_ids"];
      const std::vector<std::uint32_t> ids = c["generated_ids"];
      const workload::KvShape shape{s.layers, s.heads, s.kv_heads, s.head_dim,
                                    static_cast<unsigned>(prompt.size() + ids.size())};
      const auto cache = make_kv_cache(workload::KvFormat::f32, shape, nullptr, pool.parallel());
      workload::Decoder decoder(weights, ops, *cache, pool.parallel());
      double loss = 0;
      auto logits = decoder.prefill(prompt, [&](unsigned i, const float* l) {
        if (i + 1 < prompt.size()) loss -= flexquant::log_probability(l, s.vocab, prompt[i + 1]);
      });
      loss /= static_cast<double>(prompt.size() - 1);
      EXPECT_NEAR(loss, c["prompt_loss"].get<double>(), 1e-5);
      workload::Sampler greedy({});
      for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::uint32_t id = greedy.choose(logits);
        ASSERT_EQ(id, ids[i]) << "token " << i << " with " << threads << " threads";
        logits = decoder.step(id);
      }
    }
  }
}

std::string test_name(const ::testing::TestParamInfo<const char*>& info) {
  return std::filesystem::path(info.param).filename().string();
}

INSTANTIATE_TEST_SUITE_P(Models, GreedyIds,
                         ::testing::Values("tests/data/llama/gqa3_bf16_sharded",
                                           "tests/data/llama/gqa2_f16_tied", "tests/data/llama/mha_f32_tied",
                                           "tests/data/llama/mqa_bf16_llama3",
                                           "traces/models/tiny_shakespeare"),
                         test_name);

}  // namespace
