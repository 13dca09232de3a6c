// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/million/attention.h"

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace million {
namespace {

using workload::SimdLevel;

std::vector<SimdLevel> levels() {
  std::vector<SimdLevel> all;
  for (int i = 0; i <= static_cast<int>(workload::detect_simd_level()); ++i)
    all.push_back(static_cast<SimdLevel>(i));
  return all;
}

std::vector<float> normal(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> distribution;
  std::vector<float> x(size);
  for (float& v : x) v = distribution(random);
  return x;
}

Codebook book_of(const PqShape& shape, unsigned seed) {
  std::vector<Float16> centroids;
  for (const float c : normal(shape.elements(), seed)) centroids.push_back(workload::to_float16(c));
  return Codebook(shape, centroids);
}

TEST(Table, EntriesAreRoundedToFp16) {
  const PqShape shape{4, 2, 1};
  const float c[] = {1, 2, 0, 0, 1000, 1000, -60000, 1};
  std::vector<Float16> centroids;
  for (const float x : c) centroids.push_back(workload::to_float16(x));
  const Codebook book(shape, centroids);
  const float q[] = {1, 1.0F / 1024 / 4, 100, 0.5F};
  for (const SimdLevel level : levels()) {
    float table[4];
    build_table(book, q, table, level);
    EXPECT_EQ(table[0], 1);  // 1 + 2/4096 lies half way to the next fp16 and goes to the even one
    EXPECT_EQ(table[1], 0);
    EXPECT_EQ(table[2], 65504);  // 100500 is kept within the range
    EXPECT_EQ(table[3], -65504);
  }
}

TEST(Kernels, GiveTheSameBitsAtEveryLevel) {
  for (const PqShape& shape : {PqShape{128, 64, 8}, PqShape{128, 32, 12}, PqShape{20, 4, 3}}) {
    const Codebook keys = book_of(shape, 1);
    const Codebook values = book_of(shape, 2);
    const std::vector<float> q = normal(shape.head_dim, 3);
    std::mt19937 random(4);
    std::vector<Code> key_codes(64 * shape.sub_vectors);
    for (Code& code : key_codes) code = static_cast<Code>(random() & (shape.centroids() - 1));
    std::vector<float> p = normal(50, 5);
    const std::vector<float> rows = normal(50 * shape.head_dim, 6);
    std::vector<std::vector<float>> results;
    for (const SimdLevel level : levels()) {
      std::vector<float> table(shape.sub_vectors * shape.centroids());
      build_table(keys, q.data(), table.data(), level);
      std::vector<float> out(64 + 64 + shape.head_dim, 0.0F);
      pq_scores(shape, table.data(), key_codes.data(), 0, 50, 0.3F, out.data(), level);
      std::fill(out.begin() + 50, out.begin() + 64, 0.0F);  // beyond the tokens
      plain_scores(q.data(), rows.data(), shape.head_dim, 50, shape.head_dim, 0.3F, out.data() + 64, level);
      pq_accumulate(values, key_codes.data(), 50, p.data(), out.data() + 128, level);
      plain_accumulate(rows.data(), shape.head_dim, 50, shape.head_dim, p.data(), out.data() + 128, level);
      results.push_back(out);
      results.push_back(table);
    }
    for (std::size_t i = 2; i < results.size(); ++i)
      EXPECT_EQ(results[i], results[i % 2]) << shape.sub_vectors << ' ' << i;
  }
}

TEST(Kernels, ScoresAreDotProductsWithDecodedKeys) {
  const PqShape shape{128, 64, 8};
  const Codebook keys = book_of(shape, 1);
  const std::vector<float> q = normal(128, 2);
  std::mt19937 random(3);
  std::vector<Code> plain(40 * 64);
  std::vector<Code> grouped(48 * 64);
  for (std::size_t t = 0; t < 40; ++t)
    for (unsigned m = 0; m < 64; ++m)
      plain[t * 64 + m] = grouped[key_code_index(t, m, 64)] = static_cast<Code>(random() % 256);
  std::vector<float> decoded(40 * 128);
  decode(keys, plain.data(), 40, decoded.data());
  std::vector<float> table(64 * 256);
  build_table(keys, q.data(), table.data(), SimdLevel::portable);
  float scores[48];
  pq_scores(shape, table.data(), grouped.data(), 16, 24, 0.5F, scores, workload::detect_simd_level());
  for (std::size_t t = 16; t < 40; ++t) {
    double exact = 0;
    double bound = 0;
    for (unsigned m = 0; m < 64; ++m) {
      double entry = 0;
      for (unsigned k = 2 * m; k < 2 * m + 2; ++k) entry += double{q[k]} * decoded[t * 128 + k];
      exact += entry;
      bound += std::fabs(entry) / 2048 + 1e-5;  // fp16 keeps 11 bits
    }
    EXPECT_NEAR(scores[t - 16], exact / 2, bound / 2) << t;
  }
}

// Attention in double precision over plain rows.
std::vector<double> reference(const std::vector<float>& q, const std::vector<float>& k,
                              const std::vector<float>& v) {
  const std::size_t dim = q.size();
  std::vector<double> weights;
  double largest = -1e300;
  for (std::size_t t = 0; t < k.size() / dim; ++t) {
    double dot = 0;
    for (std::size_t i = 0; i < dim; ++i) dot += double{q[i]} * k[t * dim + i];
    weights.push_back(dot / std::sqrt(static_cast<double>(dim)));
    largest = std::max(largest, weights.back());
  }
  double sum = 0;
  std::vector<double> out(dim, 0.0);
  for (std::size_t t = 0; t < weights.size(); ++t) {
    const double w = std::exp(weights[t] - largest);
    sum += w;
    for (std::size_t i = 0; i < dim; ++i) out[i] += w * v[t * dim + i];
  }
  for (double& x : out) x /= sum;
  return out;
}

// Walks [begin, end) in tiles, as a split does.
void walk(const std::vector<float>& q, const std::vector<float>& k, const std::vector<float>& v,
          std::size_t begin, std::size_t end, Partial& partial, float* acc) {
  const auto dim = static_cast<unsigned>(q.size());
  for (std::size_t first = begin; first < end; first += kTileTokens) {
    const std::size_t count = std::min<std::size_t>(kTileTokens, end - first);
    float scores[kTileTokens];
    plain_scores(q.data(), k.data() + first * dim, dim, count, dim, 1.0F / std::sqrt(static_cast<float>(dim)),
                 scores, SimdLevel::portable);
    softmax_tile(partial, scores, count, acc, dim);
    plain_accumulate(v.data() + first * dim, dim, count, dim, scores, acc, SimdLevel::portable);
  }
}

TEST(Merge, AnySplitOfTheContextGivesTheSameAttention) {
  const std::size_t dim = 24;
  const std::vector<float> q = normal(dim, 1);
  std::vector<float> k = normal(200 * dim, 2);
  const std::vector<float> v = normal(200 * dim, 3);
  for (std::size_t i = 0; i < k.size(); ++i)
    k[i] *= static_cast<float>(1 + i / (20 * dim));  // the maximum keeps rising
  const std::vector<double> expected = reference(q, k, v);
  for (const auto& ends : std::vector<std::vector<std::size_t>>{
           {200}, {1, 200}, {100, 200}, {64, 128, 192, 200}, {0, 10, 10, 10, 199, 200, 200}}) {
    std::vector<Partial> partials;
    std::vector<float> accs(ends.size() * dim, 0.0F);
    std::size_t begin = 0;
    for (std::size_t s = 0; s < ends.size(); ++s) {
      partials.push_back(empty_partial());
      walk(q, k, v, begin, ends[s], partials[s], accs.data() + s * dim);
      begin = ends[s];
    }
    std::vector<float> out(dim);
    merge(partials.data(), accs.data(), ends.size(), static_cast<unsigned>(dim), out.data());
    for (std::size_t i = 0; i < dim; ++i) EXPECT_NEAR(out[i], expected[i], 2e-5) << ends.size() << ' ' << i;
  }
}

TEST(Merge, OnlyEmptySplitsGiveZerosAndNoNan) {
  const Partial partials[] = {empty_partial(), empty_partial()};
  const float accs[8] = {};
  float out[4] = {9, 9, 9, 9};
  merge(partials, accs, 2, 4, out);
  for (const float x : out) EXPECT_EQ(x, 0);
}

TEST(Softmax, SurvivesScoresFarApart) {
  Partial partial = empty_partial();
  float acc[1] = {0};
  float first[] = {-3e38F, -1e30F};
  softmax_tile(partial, first, 2, acc, 1);
  EXPECT_EQ(first[0], 0);
  EXPECT_EQ(first[1], 1);
  acc[0] += first[1] * 5;
  float second[] = {100};
  softmax_tile(partial, second, 1, acc, 1);
  EXPECT_EQ(acc[0], 0);  // what came before weighs nothing now
  EXPECT_EQ(partial.sum, 1);
  EXPECT_EQ(partial.max, 100);
  softmax_tile(partial, second, 0, acc, 1);
  EXPECT_EQ(partial.sum, 1);
}

}  // namespace
}  // namespace million
