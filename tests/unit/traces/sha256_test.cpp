// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/io/sha256.h"

#include <gtest/gtest.h>

#include "traces/io/format.h"

namespace {

using trace::Sha256;

std::string digest(const std::string& bytes, Sha256::Path path) {
  Sha256 hash(path);
  hash.update(bytes);
  return trace::hex(hash.finish());
}

class Sha256Test : public ::testing::TestWithParam<Sha256::Path> {};
INSTANTIATE_TEST_SUITE_P(Paths, Sha256Test,
                         ::testing::Values(Sha256::Path::automatic, Sha256::Path::portable));

// FIPS 180-4 and its examples.
TEST_P(Sha256Test, known_answers) {
  EXPECT_EQ(digest("", GetParam()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest("abc", GetParam()), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", GetParam()),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(digest(std::string(1000000, 'a'), GetParam()),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_P(Sha256Test, pieces_do_not_matter) {
  std::string bytes;
  for (unsigned i = 0; i < 300; ++i) bytes += static_cast<char>(i * 37);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    for (const std::size_t cut : {size / 3, size / 2, size}) {
      Sha256 hash(GetParam());
      hash.update(bytes.substr(0, cut));
      hash.update(bytes.substr(cut, size - cut));
      EXPECT_EQ(trace::hex(hash.finish()), digest(bytes.substr(0, size), Sha256::Path::portable)) << size;
    }
  }
}

}  // namespace
