// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/numeric/fnv.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

namespace {

using workload::SimdLevel;

std::vector<std::uint64_t> hashes(const std::vector<std::string>& texts) {
  std::vector<workload::Bytes> bytes;
  for (const std::string& t : texts)
    bytes.push_back({reinterpret_cast<const unsigned char*>(t.data()), t.size()});
  return workload::fnv1a_all(bytes);
}

// Published values of FNV-1a 64.
TEST(Fnv, known_answers) {
  EXPECT_EQ(
      hashes({"", "a", "foobar"}),
      (std::vector<std::uint64_t>{0xcbf29ce484222325ULL, 0xaf63dc4c8601ec8cULL, 0x85944171f73967e8ULL}));
  EXPECT_TRUE(hashes({}).empty());
  EXPECT_EQ(workload::fnv1a({}), 0xcbf29ce484222325U);
  EXPECT_EQ(workload::fnv1a({'f', 'o', 'o', 'b', 'a', 'r'}), 0x85944171f73967e8U);
  EXPECT_EQ(workload::fnv1a({'b', 'a', 'r'}, workload::fnv1a({'f', 'o', 'o'})), 0x85944171f73967e8U);
}

// Any number of strings of any lengths, at every instruction set: each byte of a block, values at both ends,
// lanes that end early and are filled again.
TEST(Fnv, side_by_side_is_the_same_as_one_by_one) {
  std::mt19937_64 random(5);
  for (const std::size_t count : {1, 5, 6, 15, 16, 17, 33, 70}) {
    std::vector<std::vector<std::uint8_t>> texts(count);
    std::vector<workload::Bytes> bytes;
    for (std::size_t i = 0; i < count; ++i) {
      texts[i].resize(i % 7 == 0 ? 128 * (random() % 20) : random() % 700);
      const auto kind = random() % 3;
      for (auto& byte : texts[i]) {
        byte = kind == 0 ? static_cast<std::uint8_t>(random()) : kind == 1 ? 0xff : random() % 2 * 0xff;
      }
      bytes.push_back({texts[i].data(), texts[i].size()});
    }
    for (const SimdLevel level : {SimdLevel::portable, SimdLevel::avx2}) {
      const auto all = workload::fnv1a_all(bytes, level);
      for (std::size_t i = 0; i < count; ++i) {
        EXPECT_EQ(all[i], workload::fnv1a(texts[i])) << i << " of " << count << ", " << name(level);
      }
    }
  }
}

}  // namespace
