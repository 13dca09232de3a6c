// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/calibrate/measure.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "traces/workload/calibrate/block_ops.h"
#include "traces/workload/flexquant/entropy.h"
#include "traces/workload/host/decoder.h"
#include "traces/workload/host/kv_caches.h"
#include "traces/workload/model/synthetic.h"

namespace workload {
namespace {

ModelShape small_shape() {
  ModelShape shape;
  shape.name = "small";
  shape.layers = 3;
  shape.hidden = 32;
  shape.intermediate = 48;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.head_dim = 16;
  shape.vocab = 40;
  shape.context = 128;
  return shape;
}

std::vector<std::vector<std::uint32_t>> some_windows() {
  std::mt19937 random(1);
  std::vector<std::vector<std::uint32_t>> windows(2, std::vector<std::uint32_t>(20));
  for (auto& window : windows)
    for (auto& id : window) id = static_cast<std::uint32_t>(random() % 40);
  return windows;
}

TEST(WeightsRead, ByHand) {
  const std::vector<double> read = weights_read(small_shape());
  ASSERT_EQ(read.size(), 4U);
  EXPECT_EQ(read[0], 32 * 128 + 64 * 32 + 3 * 32 * 48);  // qkv 128 rows, o 64 columns
  EXPECT_EQ(read[3], 32 * 40);
}

TEST(Measure, RowsBelongToTheirBits) {
  const Weights weights = synthetic_weights(small_shape(), 5);
  QuantisedOps ops(weights, {}, serial_for);
  const auto windows = some_windows();
  KvRecorder recorder({3, 4, 2, 16, 128}, 1, 0);
  const PrecisionMeasurements m =
      measure_precision(weights, ops, windows, recorder, serial_for, [](const std::string&) {});
  EXPECT_EQ(m.int8.bits, (std::vector<std::uint8_t>{8, 8, 8}));
  EXPECT_EQ(m.int8.mean_kl, 0);
  EXPECT_EQ(m.layers[1].bits, (std::vector<std::uint8_t>{8, 4, 8}));
  EXPECT_EQ(m.prefixes[2].bits, (std::vector<std::uint8_t>{4, 4, 4}));
  EXPECT_EQ(recorder.samples(), 2U * 20 * 3 * 2);
  for (std::size_t j = 1; j < 3; ++j)
    EXPECT_LE(m.layers[m.order[j - 1]].mean_kl, m.layers[m.order[j]].mean_kl);
  EXPECT_EQ(m.prefixes[0].kl, m.layers[m.order[0]].kl);
  EXPECT_EQ(m.switches.window_begin, (std::vector<std::size_t>{0, 20}));
  EXPECT_EQ(m.switches.tokens(), 40U);
  ASSERT_EQ(m.switches.prefix_kl.size(), 4U);
  for (const double p : m.switches.pple) {
    EXPECT_GE(p, 1);
    EXPECT_LE(p, 40);
  }

  // One row again, by hand: window 1, layer order[0] at INT4, against INT8.
  KvRecorder forget({3, 4, 2, 16, 128}, 0, 0);
  BlockOps block(ops);
  Decoder decoder(weights, block, forget, serial_for);
  const auto logits = [&](const std::vector<std::uint8_t>& bits) {
    std::vector<std::vector<float>> all;
    ops.set_layer_bits(bits);
    decoder.reset();
    decoder.prefill(windows[1], [&](unsigned, const float* x) { all.emplace_back(x, x + 40); });
    return all;
  };
  const auto int8 = logits({8, 8, 8});
  const auto one = logits(m.layers[2].bits);
  for (std::size_t t = 0; t < 20; ++t)
    EXPECT_DOUBLE_EQ(m.layers[2].kl[20 + t], flexquant::kl_divergence(int8[t].data(), one[t].data(), 40));
}

// A window in one prefill at chosen bits is what decoding computes, up to the rounding of attention.
TEST(BlockOps, PrefillAtChosenBitsIsDecoding) {
  const Weights weights = synthetic_weights(small_shape(), 6);
  QuantisedOps ops(weights, {}, serial_for);
  ops.set_layer_bits({8, 4, 4});
  BlockOps block(ops);
  const std::vector<std::uint32_t> window = some_windows()[0];
  KvRecorder forget({3, 4, 2, 16, 128}, 0, 0);
  Decoder at_once(weights, block, forget, serial_for);
  std::vector<std::vector<float>> expected;
  at_once.prefill(window, [&](unsigned, const float* x) { expected.emplace_back(x, x + 40); });
  const auto cache = make_kv_cache(KvFormat::f32, {3, 4, 2, 16, 128}, nullptr, serial_for);
  Decoder one_by_one(weights, ops, *cache, serial_for);
  for (std::size_t t = 0; t < window.size(); ++t) {
    const std::vector<float>& logits = one_by_one.step(window[t]);
    EXPECT_LT(flexquant::kl_divergence(expected[t].data(), logits.data(), 40), 1e-3) << t;
  }
}

}  // namespace
}  // namespace workload
