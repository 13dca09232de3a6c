// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
// Attention of every cache format against double precision over the tokens that the format stands for.
#include <cmath>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "traces/workload/host/kv_caches.h"
#include "traces/workload/million/encode.h"

namespace workload {
namespace {

constexpr KvShape kShape{2, 6, 2, 32, 4096};  // two layers; three query heads share a kv head

std::vector<float> normal(std::size_t size, unsigned seed, float deviation = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> distribution(0, deviation);
  std::vector<float> x(size);
  for (float& v : x) v = distribution(random);
  return x;
}

million::Codebooks random_books(const million::PqShape& shape) {
  const auto book = [&](unsigned seed) {
    std::vector<Float16> centroids;
    for (const float c : normal(shape.elements(), seed)) centroids.push_back(to_float16(c));
    return million::Codebook(shape, centroids);
  };
  return {book(21), book(22)};
}

// k and v [tokens][kv_heads][head_dim].
std::vector<double> reference(const std::vector<float>& q, const std::vector<float>& k,
                              const std::vector<float>& v) {
  const std::size_t dim = kShape.head_dim;
  const std::size_t row = dim * kShape.kv_heads;
  std::vector<double> out;
  for (unsigned head = 0; head < kShape.heads; ++head) {
    const unsigned kv_head = head / 3;
    std::vector<double> weights(k.size() / row);
    double largest = -1e300;
    for (std::size_t t = 0; t < weights.size(); ++t) {
      double dot = 0;
      for (std::size_t i = 0; i < dim; ++i) dot += double{q[head * dim + i]} * k[t * row + kv_head * dim + i];
      weights[t] = dot / std::sqrt(static_cast<double>(dim));
      largest = std::max(largest, weights[t]);
    }
    double sum = 0;
    std::vector<double> acc(dim, 0.0);
    for (std::size_t t = 0; t < weights.size(); ++t) {
      const double w = std::exp(weights[t] - largest);
      sum += w;
      for (std::size_t i = 0; i < dim; ++i) acc[i] += w * v[t * row + kv_head * dim + i];
    }
    for (const double x : acc) out.push_back(x / sum);
  }
  return out;
}

void feed(KvCache& cache, unsigned layer, unsigned prompt, const std::vector<float>& k,
          const std::vector<float>& v) {
  const std::size_t row = std::size_t{kShape.kv_heads} * kShape.head_dim;
  if (prompt > 0) cache.append_prompt(layer, prompt, k.data(), v.data());
  for (std::size_t t = prompt; t < k.size() / row; ++t)
    cache.append(layer, k.data() + t * row, v.data() + t * row);
}

void expect_near(const std::vector<float>& out, const std::vector<double>& expected, double tolerance,
                 const char* what) {
  for (std::size_t i = 0; i < out.size(); ++i)
    ASSERT_NEAR(out[i], expected[i], tolerance) << what << ' ' << i;
}

TEST(KvAttention, PlainFormatsAreExactUpToTheirRounding) {
  for (const unsigned tokens : {1U, 2U, 63U, 64U, 65U, 300U, 2100U}) {
    const std::size_t row = std::size_t{kShape.kv_heads} * kShape.head_dim;
    const std::vector<float> k = normal(tokens * row, tokens);
    const std::vector<float> v = normal(tokens * row, tokens + 1);
    const std::vector<float> q = normal(std::size_t{kShape.heads} * kShape.head_dim, 3);
    std::vector<float> out(q.size());
    for (const auto& [format, tolerance] :
         {std::pair{KvFormat::f32, 3e-6}, std::pair{KvFormat::fp16, 2e-3}}) {
      const auto cache = make_kv_cache(format, kShape, nullptr, serial_for);
      feed(*cache, 1, tokens / 2, k, v);
      cache->attend(1, q.data(), out.data());
      expect_near(out, reference(q, k, v), tolerance, name(format));
      EXPECT_EQ(cache->size(1), tokens);
      EXPECT_EQ(cache->size(0), 0U);
    }
  }
}

// What each token stands for in a PQ cache: the prompt and full blocks decoded from their codes, the rest as
// fp16.
TEST(KvAttention, PqIsTheAttentionOverDecodedTokens) {
  const million::PqShape shape{32, 16, 6};
  const million::Codebooks books = random_books(shape);
  const std::size_t row = std::size_t{kShape.kv_heads} * kShape.head_dim;
  for (const unsigned prompt : {0U, 1U, 50U, 200U}) {
    for (const unsigned decoded : {1U, 127U, 128U, 129U, 256U, 257U, 400U}) {
      const unsigned tokens = prompt + decoded;
      const std::vector<float> k = normal(tokens * row, tokens, 0.5F);
      const std::vector<float> v = normal(tokens * row, tokens + 1);
      const std::vector<float> q = normal(std::size_t{kShape.heads} * kShape.head_dim, 3);
      std::vector<float> seen_k;
      std::vector<float> seen_v;
      for (const float x : k) seen_k.push_back(to_float(to_float16(x)));
      for (const float x : v) seen_v.push_back(to_float(to_float16(x)));
      const unsigned coded = prompt + (decoded - 1) / 128 * 128;
      std::vector<million::Code> codes(std::size_t{coded} * kShape.kv_heads * 16);
      million::encode(books.key, seen_k.data(), coded * kShape.kv_heads, codes.data());
      million::decode(books.key, codes.data(), coded * kShape.kv_heads, seen_k.data());
      million::encode(books.value, seen_v.data(), coded * kShape.kv_heads, codes.data());
      million::decode(books.value, codes.data(), coded * kShape.kv_heads, seen_v.data());

      const auto cache = make_kv_cache(KvFormat::pq, kShape, &books, serial_for);
      feed(*cache, 0, prompt, k, v);
      std::vector<float> out(q.size());
      const KvAttendReport report = cache->attend(0, q.data(), out.data());
      expect_near(out, reference(q, seen_k, seen_v), 4e-3, "pq");  // the table has 11 bits
      EXPECT_EQ(report.context_tokens, tokens);
      EXPECT_EQ(report.residual_tokens, tokens - coded);
      EXPECT_EQ(report.sub_vectors, 16U);
      EXPECT_EQ(report.code_bits, 6U);
      EXPECT_EQ(report.code_bytes, coded * 2U * 2U * 12U);
      EXPECT_EQ(report.plain_bytes, (tokens - coded) * 2U * 2U * 32U * 2U);
    }
  }
}

TEST(KvAttention, UniformErrorIsWithinHalfAStep) {
  const unsigned tokens = 300;
  const std::size_t row = std::size_t{kShape.kv_heads} * kShape.head_dim;
  std::vector<float> k = normal(tokens * row, 1);
  const std::vector<float> v = normal(tokens * row, 2);
  for (std::size_t i = 5; i < k.size(); i += kShape.head_dim) k[i] *= 30;  // an outlier channel
  std::vector<float> q = normal(std::size_t{kShape.heads} * kShape.head_dim, 3);
  for (std::size_t i = 5; i < q.size(); i += kShape.head_dim) q[i] = 0;
  const std::vector<double> expected = reference(q, k, v);
  const auto error = [&](KvFormat format) {
    const auto cache = make_kv_cache(format, kShape, nullptr, serial_for);
    feed(*cache, 0, 100, k, v);
    std::vector<float> out(q.size());
    cache->attend(0, q.data(), out.data());
    double squares = 0;
    for (std::size_t i = 0; i < out.size(); ++i) squares += std::pow(out[i] - expected[i], 2);
    return std::sqrt(squares / static_cast<double>(out.size()));
  };
  const double int4 = error(KvFormat::int4);
  const double int3 = error(KvFormat::int3);
  const double int4_token = error(KvFormat::int4_token);
  EXPECT_LT(int4, 0.05);
  EXPECT_LT(int3, 0.1);
  EXPECT_LT(int4, int3);
  EXPECT_LT(3 * int4, int4_token);  // one loud channel spoils every token's step
}

TEST(KvAttention, UniformCodesThatCanBeExactAre) {
  // Integers 0 .. 15 in every channel and token: min 0, max 15, scale 1.
  const std::size_t row = std::size_t{kShape.kv_heads} * kShape.head_dim;
  std::vector<float> k(40 * row);
  std::mt19937 random(5);
  for (float& x : k) x = static_cast<float>(random() % 16);
  for (std::size_t t = 0; t < 40; ++t)
    for (std::size_t i = 0; i < row; ++i)
      if (t < 2 || i % kShape.head_dim < 2) k[t * row + i] = t == 0 || (t > 1 && i % 2 == 0) ? 0.0F : 15.0F;
  k[0 * row + 1] = k[0 * row + kShape.head_dim + 1] = 15;  // row 0 and row 1 need both ends too
  k[1 * row + 0] = k[1 * row + kShape.head_dim + 0] = 0;
  for (std::size_t h = 0; h < 2; ++h) {
    k[2 * row + h * kShape.head_dim + 0] = 15;
    k[3 * row + h * kShape.head_dim + 0] = 0;
    k[3 * row + h * kShape.head_dim + 1] = 0;
    k[3 * row + h * kShape.head_dim + 2] = 15;
    k[2 * row + h * kShape.head_dim + 1] = 0;
  }
  std::vector<float> q = normal(std::size_t{kShape.heads} * kShape.head_dim, 3, 0.1F);
  const std::vector<double> expected = reference(q, k, k);
  for (const KvFormat format : {KvFormat::int4, KvFormat::int4_token}) {
    const auto cache = make_kv_cache(format, kShape, nullptr, serial_for);
    feed(*cache, 0, 40, k, k);
    std::vector<float> out(q.size());
    cache->attend(0, q.data(), out.data());
    expect_near(out, expected, 2e-5, name(format));
  }
}

TEST(KvAttention, SplitsLevelsAndThreadsDoNotMatter) {
  const million::PqShape shape{32, 16, 6};
  const million::Codebooks books = random_books(shape);
  const unsigned tokens = 700;
  const std::size_t row = std::size_t{kShape.kv_heads} * kShape.head_dim;
  const std::vector<float> k = normal(tokens * row, 1);
  const std::vector<float> v = normal(tokens * row, 2);
  const std::vector<float> q = normal(std::size_t{kShape.heads} * kShape.head_dim, 3);
  const ParallelFor threads = [](std::size_t count, const ParallelBody& body) {
    std::vector<std::thread> all;
    for (std::size_t i = 0; i < 5; ++i)
      all.emplace_back([&, i] { body(count * i / 5, count * (i + 1) / 5); });
    for (std::thread& thread : all) thread.join();
  };
  for (const KvFormat format :
       {KvFormat::f32, KvFormat::fp16, KvFormat::pq, KvFormat::int4, KvFormat::int3_token}) {
    std::vector<float> expected(q.size());
    const auto base = make_kv_cache(format, kShape, &books, serial_for, {true, 32, SimdLevel::portable});
    feed(*base, 0, 300, k, v);
    base->attend(0, q.data(), expected.data());
    for (int level = 0; level <= static_cast<int>(detect_simd_level()); ++level) {
      const auto cache =
          make_kv_cache(format, kShape, &books, threads, {true, 32, static_cast<SimdLevel>(level)});
      feed(*cache, 0, 300, k, v);
      std::vector<float> out(q.size());
      cache->attend(0, q.data(), out.data());
      EXPECT_EQ(out, expected) << name(format) << ' ' << level;
    }
    for (const unsigned splits : {1U, 2U, 3U, 1000U}) {
      const auto cache =
          make_kv_cache(format, kShape, &books, serial_for, {true, splits, detect_simd_level()});
      feed(*cache, 0, 300, k, v);
      std::vector<float> out(q.size());
      cache->attend(0, q.data(), out.data());
      for (std::size_t i = 0; i < out.size(); ++i)
        EXPECT_NEAR(out[i], expected[i], 5e-6) << name(format) << ' ' << splits;
    }
  }
}

}  // namespace
}  // namespace workload
