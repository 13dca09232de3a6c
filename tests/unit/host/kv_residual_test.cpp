// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
// The residual: when tokens become codes, and that encoding beside decoding changes nothing.
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "traces/workload/host/kv_block.h"
#include "traces/workload/host/kv_caches.h"

namespace workload {
namespace {

constexpr KvShape kResidualShape{3, 4, 2, 16, 1000};
constexpr std::size_t kRow = 32;

std::vector<float> gaussian(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> distribution;
  std::vector<float> x(size);
  for (float& v : x) v = distribution(random);
  return x;
}

million::Codebooks residual_books() {
  const million::PqShape shape{16, 8, 8};
  const auto book = [&](unsigned seed) {
    std::vector<Float16> centroids;
    for (const float c : gaussian(shape.elements(), seed)) centroids.push_back(to_float16(c));
    return million::Codebook(shape, centroids);
  };
  return {book(21), book(22)};
}

TEST(Residual, BecomesCodesAtTheAppendAfterItIsFull) {
  const million::Codebooks books = residual_books();
  const auto cache = make_kv_cache(KvFormat::pq, kResidualShape, &books, serial_for);
  const std::vector<float> k = gaussian(300 * kRow, 1);
  for (unsigned t = 1; t <= 300; ++t) {
    const KvAppendReport report = cache->append(1, k.data() + (t - 1) * kRow, k.data() + (t - 1) * kRow);
    const bool flushed = t == 129 || t == 257;
    ASSERT_EQ(report.appended_tokens, 1U);
    ASSERT_EQ(report.encoded_tokens, flushed ? 128U : 0U) << t;
    ASSERT_EQ(report.residual_tokens, (t - 1) % 128 + 1) << t;
    ASSERT_EQ(report.code_bytes, flushed ? 128U * 2 * 2 * 8 : 0U);
    ASSERT_EQ(report.plain_bytes, 2U * 2 * 16 * 2);
    ASSERT_EQ(report.code_digest != 0, flushed);
    ASSERT_EQ(cache->size(1), t);
  }
  EXPECT_EQ(cache->size(0), 0U);
}

TEST(Residual, OfAPromptIsEmpty) {
  const million::Codebooks books = residual_books();
  const std::vector<float> k = gaussian(200 * kRow, 1);
  for (const KvFormat format : {KvFormat::pq, KvFormat::int4, KvFormat::int3_token}) {
    const auto cache = make_kv_cache(format, kResidualShape, &books, serial_for);
    const KvAppendReport report = cache->append_prompt(0, 200, k.data(), k.data());
    EXPECT_EQ(report.appended_tokens, 200U);
    EXPECT_EQ(report.encoded_tokens, 200U);
    EXPECT_EQ(report.residual_tokens, 0U);
    EXPECT_EQ(report.plain_bytes, 0U);
    std::vector<float> q = gaussian(64, 2);
    std::vector<float> out(64);
    EXPECT_EQ(cache->attend(0, q.data(), out.data()).residual_tokens, 0U);  // codes alone
    EXPECT_THROW(cache->append_prompt(0, 1, k.data(), k.data()), sim::Error);
  }
}

// Every report but for its times, and every result.
TEST(Residual, AsynchronousAndSynchronousEncodingGiveTheSame) {
  const million::Codebooks books = residual_books();
  for (const KvFormat format : {KvFormat::pq, KvFormat::int4}) {
    const auto beside =
        make_kv_cache(format, kResidualShape, &books, serial_for, {true, 4, detect_simd_level()});
    const auto within =
        make_kv_cache(format, kResidualShape, &books, serial_for, {false, 4, detect_simd_level()});
    const std::vector<float> k = gaussian(420 * kRow, 3);
    const std::vector<float> v = gaussian(420 * kRow, 4);
    std::vector<float> q = gaussian(64, 5);
    for (unsigned layer = 0; layer < 3; ++layer) {
      const auto a = beside->append_prompt(layer, 20, k.data(), v.data());
      const auto b = within->append_prompt(layer, 20, k.data(), v.data());
      EXPECT_EQ(a.code_digest, b.code_digest);
    }
    for (unsigned t = 20; t < 420; ++t) {
      for (unsigned layer = 0; layer < 3; ++layer) {
        const auto a = beside->append(layer, k.data() + t * kRow, v.data() + t * kRow);
        const auto b = within->append(layer, k.data() + t * kRow, v.data() + t * kRow);
        ASSERT_EQ(a.encoded_tokens, b.encoded_tokens);
        ASSERT_EQ(a.residual_tokens, b.residual_tokens);
        ASSERT_EQ(a.code_digest, b.code_digest);
        ASSERT_EQ(a.code_bytes, b.code_bytes);
        std::vector<float> out_a(64);
        std::vector<float> out_b(64);
        const auto read_a = beside->attend(layer, q.data(), out_a.data());
        const auto read_b = within->attend(layer, q.data(), out_b.data());
        ASSERT_EQ(out_a, out_b) << t;
        ASSERT_EQ(read_a.code_bytes, read_b.code_bytes);
        ASSERT_EQ(read_a.plain_bytes, read_b.plain_bytes);
      }
    }
  }
}

TEST(Residual, DigestIsOverThePackedCodes) {
  const million::Codebooks books = residual_books();
  const auto cache = make_kv_cache(KvFormat::pq, kResidualShape, &books, serial_for);
  const std::vector<float> k = gaussian(3 * kRow, 1);
  const std::vector<float> v = gaussian(3 * kRow, 2);
  const KvAppendReport report = cache->append_prompt(2, 3, k.data(), v.data());
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const auto& [x, book] : {std::pair{k, &books.key}, std::pair{v, &books.value}}) {
    std::vector<float> rounded;
    for (const float value : x) rounded.push_back(to_float(to_float16(value)));
    std::vector<million::Code> codes(6 * 8);
    million::encode(*book, rounded.data(), 6, codes.data());
    for (const million::Code code : codes) hash = (hash ^ code) * 0x100000001b3U;  // 8-bit codes are bytes
  }
  EXPECT_EQ(report.code_digest, hash);
}

TEST(Residual, ACacheMayBeLeftOrClearedWhileABlockIsEncoded) {
  const million::Codebooks books = residual_books();
  const std::vector<float> k = gaussian(128 * kRow, 1);
  for (int round = 0; round < 20; ++round) {
    const auto cache = make_kv_cache(KvFormat::pq, kResidualShape, &books, serial_for);
    for (unsigned layer = 0; layer < 3; ++layer)
      for (unsigned t = 0; t < 128; ++t) cache->append(layer, k.data() + t * kRow, k.data() + t * kRow);
    if (round % 2 == 0) continue;  // destroyed with blocks under way
    cache->clear();
    EXPECT_EQ(cache->size(0), 0U);
    const KvAppendReport report = cache->append(0, k.data(), k.data());
    EXPECT_EQ(report.residual_tokens, 1U);
    EXPECT_EQ(report.encoded_tokens, 0U);
  }
}

}  // namespace
}  // namespace workload
