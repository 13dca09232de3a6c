// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/numeric/fnv.h"

#include <string>

#include <gtest/gtest.h>

namespace {

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

TEST(Fnv, side_by_side_is_the_same_as_one_by_one) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 37; ++i) {
    std::string text((i * 53) % 211, ' ');
    for (std::size_t k = 0; k < text.size(); ++k) text[k] = static_cast<char>(i * 31 + k * 7);
    texts.push_back(text);
  }
  const auto all = hashes(texts);
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(all[i], hashes({texts[i]}).front()) << i;
}

}  // namespace
