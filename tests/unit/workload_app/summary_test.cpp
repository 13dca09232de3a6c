// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/summary.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using ::testing::HasSubstr;

TEST(Summary, the_share_of_weights_read_at_int4_counts_the_head) {
  workload::ModelShape s = workload::synthetic_shape("tiny");  // 2 layers, hidden 64
  workload::Summary summary;
  summary.add(s, {8, 8});
  EXPECT_EQ(summary.int4_share(), 0.0);
  summary.add(s, {4, 8});
  const double layer = 64.0 * (128 + 64 + 3 * 176);  // qkv, o, gate, up and down
  const double head = 64.0 * 256;
  EXPECT_DOUBLE_EQ(summary.int4_share(), layer / (2 * (2 * layer + head)));
}

TEST(Summary, prints_what_a_run_was) {
  workload::Weights w;
  w.shape = workload::synthetic_shape("tiny");
  w.synthetic = true;
  workload::RunOptions o;
  workload::Summary summary;
  summary.prompt_tokens = 3;
  summary.prompt_perplexity = 2.5;
  summary.tokens = 10;
  summary.decode_ns = 500'000'000;
  summary.add(w.shape, {4, 4});
  std::ostringstream out;
  summary.print(out, o, w);
  EXPECT_THAT(out.str(), HasSubstr("tiny, 0.1 M parameters, random weights"));
  EXPECT_THAT(out.str(), HasSubstr("precision    flexquant, kv pq"));
  EXPECT_THAT(out.str(), HasSubstr("10 tokens in 0.500 s, 20.0 tokens/s"));
  EXPECT_THAT(out.str(), HasSubstr("prompt       3 tokens in 0.000 s, perplexity 2.5000"));
}

}  // namespace
