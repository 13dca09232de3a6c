// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/calibrate/evaluate.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "traces/workload/model/synthetic.h"

namespace workload {
namespace {

Weights small_weights() {
  ModelShape shape;
  shape.name = "small";
  shape.layers = 2;
  shape.hidden = 32;
  shape.intermediate = 48;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.head_dim = 16;
  shape.vocab = 40;
  shape.context = 400;
  return synthetic_weights(shape, 3);
}

std::vector<std::vector<std::uint32_t>> some_windows(std::size_t length) {
  std::mt19937 random(1);
  std::vector<std::vector<std::uint32_t>> windows(2, std::vector<std::uint32_t>(length));
  for (auto& window : windows)
    for (auto& id : window) id = static_cast<std::uint32_t>(random() % 40);
  return windows;
}

Calibration calibration(std::vector<double> thresholds) {
  Calibration c;
  c.policy.layer_order = {1, 0};
  c.policy.thresholds = std::move(thresholds);
  c.policy.window = 1;
  c.sensitivities = {0, 0};
  const million::PqShape shape{16, 8, 8};
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  std::vector<Float16> centroids(shape.elements());
  for (Float16& x : centroids) x = to_float16(normal(random));
  c.codebooks.push_back({million::Codebook(shape, centroids), million::Codebook(shape, centroids)});
  return c;
}

std::vector<EvaluateRow> evaluate(const Weights& weights, const Calibration* c, const std::string& runs,
                                  std::size_t length, std::size_t prompt) {
  Evaluation evaluation(weights, c, serial_for, 16);
  return evaluation.run(parse_runs(runs, 16), some_windows(length), prompt, [](const std::string&) {});
}

TEST(Evaluate, TheReferenceIsItsOwn) {
  const auto rows =
      evaluate(small_weights(), nullptr, "f32/f32,int8/f32,int4-group/f32,int4-nested/f32,f32/fp16", 30, 10);
  ASSERT_EQ(rows.size(), 5U);
  EXPECT_EQ(rows[0].tokens, 2U * 19);
  EXPECT_LT(rows[0].kl_f32, 1e-9);
  EXPECT_NEAR(rows[0].nll_increase, 0, 1e-5);
  EXPECT_EQ(rows[0].share_int4, 0);
  EXPECT_LT(rows[1].kl_int8, 1e-3);
  EXPECT_GT(rows[2].kl_int8, rows[1].kl_int8);
  EXPECT_GT(rows[3].kl_int8, rows[2].kl_int8);
  EXPECT_LT(rows[4].kl_f32, 1e-5);
  EXPECT_NEAR(rows[0].perplexity(), std::exp(rows[0].nll), 1e-12);
  const double layer = 32 * 128 + 64 * 32 + 3 * 32 * 48;
  EXPECT_NEAR(rows[2].share_int4, 2 * layer / (2 * layer + 32 * 40), 1e-9);
}

TEST(Evaluate, DynamicPrecisionIsInt8OrInt4AtItsEnds) {
  const Weights weights = small_weights();
  const Calibration never = calibration({0, 0});
  const Calibration always = calibration({1000, 1000});
  const auto low = evaluate(weights, &never, "flexquant/f32,int8/f32", 30, 10);
  EXPECT_EQ(low[0].nll, low[1].nll);
  EXPECT_EQ(low[0].share_int4, 0);
  const auto high = evaluate(weights, &always, "flexquant/f32,int4-group/f32", 30, 10);
  EXPECT_EQ(high[0].nll, high[1].nll);
  EXPECT_EQ(high[0].share_int4, high[1].share_int4);
  EXPECT_EQ(high[0].switches, 0U);  // decided before the first token already
}

TEST(Evaluate, CachesOfFewerBitsAreFartherFromTheReference) {
  const Calibration c = calibration({0, 0});
  const auto rows = evaluate(small_weights(), &c, "f32/fp16,f32/int4,f32/int3,f32/pq8x8", 300, 150);
  EXPECT_LT(rows[0].kl_f32, rows[1].kl_f32);
  EXPECT_LT(rows[1].kl_f32, rows[2].kl_f32);
  EXPECT_GT(rows[3].kl_f32, rows[0].kl_f32);
  EXPECT_EQ(rows[3].kv_bytes, 16);
}

TEST(Evaluate, AsksForWhatIsMissing) {
  const Weights weights = small_weights();
  EXPECT_THROW(evaluate(weights, nullptr, "flexquant/f32", 30, 10), sim::Error);
  EXPECT_THROW(evaluate(weights, nullptr, "f32/pq8x8", 30, 10), sim::Error);
  const Calibration c = calibration({0, 0});
  EXPECT_THROW(evaluate(weights, &c, "f32/pq8x4", 30, 10), sim::Error);
  EXPECT_THROW(evaluate(weights, nullptr, "f32/f32", 30, 29), sim::Error);
  EXPECT_THROW(evaluate(weights, nullptr, "f32/f32", 30, 0), sim::Error);
}

}  // namespace
}  // namespace workload
