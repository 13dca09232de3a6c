// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/million/encode.h"

#include <random>

#include <gtest/gtest.h>

namespace million {
namespace {

using workload::SimdLevel;
using workload::to_float16;

Codebook random_book(const PqShape& shape, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<Float16> centroids(shape.elements());
  for (Float16& c : centroids) c = to_float16(normal(random));
  return Codebook(shape, centroids);
}

TEST(Encode, ByHand) {
  // d = 4, two sub-vectors, two centroids each.
  const float c[] = {0, 0, 10, 10, 1, 1, -1, -1};
  std::vector<Float16> centroids;
  for (const float x : c) centroids.push_back(to_float16(x));
  const Codebook book({4, 2, 1}, centroids);
  const float vectors[] = {1, 2, 0.5F, 0.5F, 9, 9, -1, 0.5F};
  Code codes[4];
  encode(book, vectors, 2, codes);
  EXPECT_EQ(codes[0], 0);
  EXPECT_EQ(codes[1], 0);
  EXPECT_EQ(codes[2], 1);
  EXPECT_EQ(codes[3], 1);
  float back[8];
  decode(book, codes, 2, back);
  const float expected[] = {0, 0, 1, 1, 10, 10, -1, -1};
  for (int i = 0; i < 8; ++i) EXPECT_EQ(back[i], expected[i]) << i;
}

TEST(Encode, TiesGoToTheLowestIndex) {
  for (unsigned bits = 1; bits <= 12; ++bits) {
    const PqShape shape{2, 1, bits};
    std::vector<Float16> centroids(shape.elements(), to_float16(3));  // all at the same place
    centroids[0] = to_float16(100);                                   // but the first
    const Codebook book(shape, centroids);
    const float x[] = {3, 3};
    Code code = 0;
    for (int level = 0; level <= static_cast<int>(workload::detect_simd_level()); ++level) {
      encode(book, x, 1, &code, static_cast<SimdLevel>(level));
      EXPECT_EQ(code, 1) << bits << ' ' << level;
    }
  }
}

TEST(Encode, MatchesAPlainSearchAtEveryLevel) {
  for (const PqShape& shape :
       {PqShape{128, 64, 8}, PqShape{128, 32, 12}, PqShape{24, 3, 5}, PqShape{6, 6, 3}, PqShape{8, 1, 4}}) {
    const Codebook book = random_book(shape, shape.sub_vectors);
    std::mt19937 random(9);
    std::normal_distribution<float> normal;
    std::vector<float> vectors(7 * shape.head_dim);
    for (float& x : vectors) x = normal(random);
    std::vector<Code> expected;
    for (int i = 0; i < 7; ++i) {
      for (unsigned m = 0; m < shape.sub_vectors; ++m) {
        float best = 0;
        unsigned which = 0;
        for (unsigned c = 0; c < shape.centroids(); ++c) {
          float distance = 0;
          for (unsigned k = 0; k < shape.sub_dim(); ++k) {
            const volatile float difference =
                vectors[i * shape.head_dim + m * shape.sub_dim() + k] -
                book.by_centroid()[(m * shape.centroids() + c) * shape.sub_dim() + k];
            const volatile float square = difference * difference;
            distance = distance + square;
          }
          if (c == 0 || distance < best) {
            best = distance;
            which = c;
          }
        }
        expected.push_back(static_cast<Code>(which));
      }
    }
    for (int level = 0; level <= static_cast<int>(workload::detect_simd_level()); ++level) {
      std::vector<Code> codes(expected.size());
      encode(book, vectors.data(), 7, codes.data(), static_cast<SimdLevel>(level));
      EXPECT_EQ(codes, expected) << shape.sub_vectors << ' ' << level;
    }
  }
}

TEST(Encode, ACentroidIsItsOwnCode) {
  const PqShape shape{16, 4, 6};
  const Codebook book = random_book(shape, 5);
  std::mt19937 random(6);
  std::vector<Code> codes(100 * 4);
  for (Code& code : codes) code = static_cast<Code>(random() % 64);
  std::vector<float> vectors(100 * 16);
  decode(book, codes.data(), 100, vectors.data());
  std::vector<Code> again(codes.size());
  encode(book, vectors.data(), 100, again.data());
  EXPECT_EQ(again, codes);
}

TEST(PackCodes, TwelveBitsByHand) {
  const Code codes[] = {0xabc, 0x123, 0xfff, 0x001};
  const auto bytes = pack_codes({4, 4, 12}, codes, 1);
  EXPECT_EQ(bytes, (std::vector<std::uint8_t>{0xbc, 0x3a, 0x12, 0xff, 0x1f, 0x00}));
}

TEST(PackCodes, EveryWidthComesBack) {
  std::mt19937 random(8);
  for (unsigned bits = 1; bits <= 12; ++bits) {
    const PqShape shape{21, 7, bits};
    std::vector<Code> codes(7 * 9);
    for (Code& code : codes) code = static_cast<Code>(random() & (shape.centroids() - 1));
    const auto bytes = pack_codes(shape, codes.data(), 9);
    EXPECT_EQ(bytes.size(), 9 * ((7 * bits + 7) / 8));
    EXPECT_EQ(unpack_codes(shape, bytes.data(), 9), codes) << bits;
  }
}

TEST(PqShape, PublishedSettings) {
  EXPECT_EQ((PqShape{128, 64, 8}.code_bytes()),
            64U);  // 128 B a token, layer and kv head with keys and values
  EXPECT_EQ((PqShape{128, 32, 12}.code_bytes()), 48U);  // 3 bits a component
}

}  // namespace
}  // namespace million
