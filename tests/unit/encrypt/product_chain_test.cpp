// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/encrypt/product_chain.h"

#include <cstdint>
#include <cstdlib>
#include <random>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using ::testing::ElementsAre;

std::vector<std::pair<unsigned, unsigned>> pairs(const trace::ModMul& part) {
  std::vector<std::pair<unsigned, unsigned>> list;
  for (int i = 0; i < part.operations_size(); i += 2)
    list.emplace_back(part.operations(i), part.operations(i + 1));
  return list;
}

using P = std::pair<unsigned, unsigned>;

// By hand: y0 = 5 x0 - 3 x1, y1 = -2 x0. Powers: c0^2 (2), c1^2 (3), c0^4 (4); then c0 c0^4 (5), c1 c1^2 (6).
TEST(ProductChain, a_small_layer_by_hand) {
  trace::ModMul part;
  workload::add_product_chain({5, -3, -2, 0}, 2, 2, part);
  EXPECT_THAT(pairs(part), ElementsAre(P(0, 0), P(1, 1), P(2, 2), P(0, 4), P(1, 3)));
  ASSERT_EQ(part.results_size(), 3);
  EXPECT_EQ(part.results(0).value(), 5u);
  EXPECT_FALSE(part.results(0).negative());
  EXPECT_EQ(part.results(1).value(), 6u);
  EXPECT_TRUE(part.results(1).negative());
  EXPECT_EQ(part.results(2).value(), 2u);  // c0^2 itself: nothing is multiplied
  EXPECT_EQ(part.results(2).output(), 1u);
  EXPECT_TRUE(part.results(2).negative());
}

TEST(ProductChain, zeros_and_ones_need_no_squares) {
  trace::ModMul part;
  workload::add_product_chain({0, 0, 1, -1}, 2, 2, part);
  EXPECT_EQ(part.operations_size(), 0);
  ASSERT_EQ(part.results_size(), 2);
  EXPECT_EQ(part.results(0).value(), 0u);
  EXPECT_EQ(part.results(1).value(), 1u);
}

// An independent count: squarings by the largest weight of a column, products by the ones of an accumulator.
TEST(ProductChain, executed_it_gives_the_powers_that_the_weights_say) {
  std::mt19937 random(1);
  constexpr std::uint64_t kPrime = 4294967291u;  // the largest below 2^32
  for (const int most : {7, 127}) {
    const unsigned outputs = 5, inputs = 9;
    std::vector<int> weights;
    for (unsigned i = 0; i < outputs * inputs; ++i)
      weights.push_back(static_cast<int>(random() % (2 * most + 1)) - most);
    trace::ModMul part;
    workload::add_product_chain(weights, outputs, inputs, part);
    std::vector<std::uint64_t> values;
    for (unsigned i = 0; i < inputs; ++i) values.push_back(2 + random() % 1000000);
    for (const auto& [a, b] : pairs(part)) {
      ASSERT_LT(std::max(a, b), values.size());
      values.push_back(values[a] * values[b] % kPrime);
    }
    std::size_t operations = 0;
    for (unsigned i = 0; i < inputs; ++i) {
      int largest = 0;
      for (unsigned o = 0; o < outputs; ++o) largest = std::max(largest, std::abs(weights[o * inputs + i]));
      while ((largest >>= 1) != 0) ++operations;
    }
    ASSERT_GE(part.results_size(), 9);  // of five outputs with two signs; a sign may have no weight
    for (const trace::ModMulOutput& result : part.results()) {
      std::uint64_t expected = 1;
      std::size_t ones = 0;
      for (unsigned i = 0; i < inputs; ++i) {
        const int weight = weights[result.output() * inputs + i] * (result.negative() ? -1 : 1);
        for (int times = 0; times < weight; ++times) expected = expected * values[i] % kPrime;
        if (weight > 0) ones += static_cast<std::size_t>(__builtin_popcount(static_cast<unsigned>(weight)));
      }
      operations += ones - 1;
      EXPECT_EQ(values[result.value()], expected);
    }
    EXPECT_EQ(values.size(), inputs + operations);
  }
}

}  // namespace
