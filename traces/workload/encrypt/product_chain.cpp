// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/encrypt/product_chain.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace workload {
namespace {

class Chain {
 public:
  Chain(trace::ModMul& part, unsigned inputs) : part_(part), values_(inputs) {}

  std::uint32_t multiply(std::uint32_t a, std::uint32_t b) {
    part_.add_operations(a);
    part_.add_operations(b);
    return values_++;
  }

  // Neighbours first, until one value is left.
  std::uint32_t balanced(std::vector<std::uint32_t> factors) {
    while (factors.size() > 1) {
      std::vector<std::uint32_t> next;
      for (std::size_t i = 0; i + 1 < factors.size(); i += 2)
        next.push_back(multiply(factors[i], factors[i + 1]));
      if (factors.size() % 2 == 1) next.push_back(factors.back());
      factors = std::move(next);
    }
    return factors.front();
  }

 private:
  trace::ModMul& part_;
  std::uint32_t values_;
};

}  // namespace

void add_product_chain(const std::vector<int>& weights, unsigned outputs, unsigned inputs,
                       trace::ModMul& part) {
  part.set_inputs(inputs);
  part.set_outputs(outputs);
  part.mutable_weights()->Add(weights.begin(), weights.end());
  // 1. The squarings: powers[i][j] is the value c_i^(2^j). Round by round, so that no square waits for the
  // one
  //    just before it.
  std::vector<int> largest(inputs, 0);
  int most = 0;
  for (std::size_t at = 0; at < weights.size(); ++at) {
    largest[at % inputs] = std::max(largest[at % inputs], std::abs(weights[at]));
    most = std::max(most, std::abs(weights[at]));
  }
  Chain chain(part, inputs);
  std::vector<std::vector<std::uint32_t>> powers(inputs);
  for (unsigned i = 0; i < inputs; ++i) powers[i].push_back(i);
  for (int j = 1; most >> j != 0; ++j) {
    for (unsigned i = 0; i < inputs; ++i) {
      if (largest[i] >> j != 0) powers[i].push_back(chain.multiply(powers[i].back(), powers[i].back()));
    }
  }
  // 2. The products.
  for (unsigned o = 0; o < outputs; ++o) {
    for (const bool negative : {false, true}) {
      std::vector<std::uint32_t> factors;
      for (unsigned i = 0; i < inputs; ++i) {
        const int weight = weights[std::size_t{o} * inputs + i];
        if (weight == 0 || (weight < 0) != negative) continue;
        for (std::size_t j = 0; j < powers[i].size(); ++j) {
          if ((std::abs(weight) >> j & 1) != 0) factors.push_back(powers[i][j]);
        }
      }
      if (factors.empty()) continue;
      trace::ModMulOutput& result = *part.add_results();
      result.set_output(o);
      result.set_negative(negative);
      result.set_value(chain.balanced(std::move(factors)));
    }
  }
}

}  // namespace workload
