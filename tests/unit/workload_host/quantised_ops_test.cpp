// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/quantised_ops.h"

#include <cmath>

#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "traces/workload/host/f32_ops.h"
#include "traces/workload/host/thread_pool.h"
#include "traces/workload/model/synthetic.h"

namespace {

using workload::GemvReport;
using workload::MatrixKind;
using workload::QuantisedOps;
using workload::QuantisedSettings;

constexpr MatrixKind kAll[] = {MatrixKind::qkv_proj, MatrixKind::o_proj, MatrixKind::gate_up_proj,
                               MatrixKind::down_proj};

std::vector<float> ramp(std::size_t count) {
  std::vector<float> x(count);
  for (std::size_t i = 0; i < count; ++i)
    x[i] = std::sin(0.37F * static_cast<float>(i)) * (1.0F + 0.01F * static_cast<float>(i % 13));
  return x;
}

class QuantisedOpsTest : public ::testing::Test {
 protected:
  workload::Weights weights_ = workload::synthetic_weights(workload::synthetic_shape("tiny"), 5);
};

TEST_F(QuantisedOpsTest, outputs_are_near_the_f32_ones) {
  workload::F32Ops plain(weights_, workload::serial_for);
  QuantisedOps ops(weights_, {}, workload::serial_for);
  for (const unsigned bits : {8U, 4U}) {
    ops.set_layer_bits(std::vector<std::uint8_t>(2, static_cast<std::uint8_t>(bits)));
    for (const MatrixKind kind : kAll) {
      const auto& w = ops.int8(1, kind);
      const auto x = ramp(w.cols);
      std::vector<float> y(w.rows);
      std::vector<float> expected(w.rows);
      const GemvReport report = ops.apply(1, kind, x.data(), y.data());
      plain.apply(1, kind, x.data(), expected.data());
      EXPECT_EQ(report.weight_bits, bits);
      EXPECT_EQ(report.rows, w.rows);
      EXPECT_EQ(report.cols, w.cols);
      double error = 0;
      double size = 0;
      for (std::size_t i = 0; i < y.size(); ++i) {
        error += std::pow(static_cast<double>(y[i] - expected[i]), 2);
        size += std::pow(static_cast<double>(expected[i]), 2);
      }
      EXPECT_LT(std::sqrt(error / size), bits == 8 ? 0.02 : 0.25);
      EXPECT_GT(error, 0);
    }
  }
}

TEST_F(QuantisedOpsTest, the_report_has_the_exact_sums) {
  for (const auto format : {flexquant::Int4Format::group, flexquant::Int4Format::nested}) {
    QuantisedSettings settings;
    settings.format = format;
    settings.group = 32;
    QuantisedOps ops(weights_, settings, workload::serial_for);
    ops.set_layer_bits({4, 8});
    for (const unsigned layer : {0U, 1U}) {
      const auto& w8 = ops.int8(layer, MatrixKind::down_proj);
      const auto& w4 = ops.int4(layer, MatrixKind::down_proj);
      const auto x = ramp(w8.cols);
      std::vector<float> y(w8.rows);
      const GemvReport r = ops.apply(layer, MatrixKind::down_proj, x.data(), y.data());
      const std::size_t groups = layer == 0 ? w4.groups() : 1;
      ASSERT_EQ(r.sum_count, w8.rows * groups);
      for (std::size_t row = 0; row < w8.rows; ++row) {
        for (std::size_t g = 0; g < groups; ++g) {
          const std::size_t begin = groups == 1 ? 0 : g * w4.group;
          const std::size_t end = groups == 1 ? w8.cols : std::min(w8.cols, begin + w4.group);
          int sum = 0;
          for (std::size_t c = begin; c < end; ++c) {
            sum += r.activation[c] * (layer == 0 ? w4.code(row, c) : w8.codes[row * w8.cols + c]);
          }
          ASSERT_EQ(r.sums[row * groups + g], sum) << layer << " " << row << " " << g;
        }
      }
    }
  }
}

TEST_F(QuantisedOpsTest, a_prompt_s_block_has_the_bits_of_single_tokens) {
  QuantisedOps ops(weights_, {}, workload::serial_for);
  constexpr std::size_t kTokens = 130;  // two blocks and a rest
  const auto x = ramp(kTokens * 64);
  std::vector<float> block(kTokens * 128);
  ops.apply_block(0, MatrixKind::qkv_proj, x.data(), kTokens, block.data());
  std::vector<float> one(128);
  for (std::size_t t = 0; t < kTokens; ++t) {
    ops.apply(0, MatrixKind::qkv_proj, x.data() + t * 64, one.data());
    for (std::size_t i = 0; i < one.size(); ++i) ASSERT_EQ(block[t * 128 + i], one[i]) << t << " " << i;
  }
}

TEST_F(QuantisedOpsTest, the_head_stays_at_int8) {
  QuantisedOps ops(weights_, {}, workload::serial_for);
  ops.set_layer_bits({4, 4});
  const auto x = ramp(64);
  std::vector<float> y(256);
  EXPECT_EQ(ops.apply(2, MatrixKind::lm_head, x.data(), y.data()).weight_bits, 8U);
  EXPECT_TRUE(ops.int4(2, MatrixKind::lm_head).codes.empty());
}

TEST_F(QuantisedOpsTest, precisions_that_are_not_kept_are_refused) {
  QuantisedOps ops(weights_, {}, workload::serial_for);
  EXPECT_THROW(ops.set_layer_bits({8}), sim::Error);
  EXPECT_THROW(ops.set_layer_bits({8, 5}), sim::Error);
  QuantisedSettings settings;
  settings.int4 = false;
  QuantisedOps eight(weights_, settings, workload::serial_for);
  EXPECT_THROW(eight.set_layer_bits({8, 4}), sim::Error);
  EXPECT_NO_THROW(eight.set_layer_bits({8, 8}));
}

}  // namespace
