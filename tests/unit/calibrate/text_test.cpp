// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/calibrate/text.h"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "sim/core/error.h"

namespace workload {
namespace {

std::filesystem::path file_with(const std::string& name, const std::string& content) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / name;
  std::ofstream(file, std::ios::binary) << content;
  return file;
}

TEST(Text, BytesAreTokens) {
  const auto file = file_with("text_bytes.txt", std::string("a\0\xff", 3) + "0123456");
  const Text text = read_text(file, 256, 0.25);
  EXPECT_EQ(text.ids, (std::vector<std::uint32_t>{97, 0, 255, 48, 49, 50, 51, 52, 53, 54}));
  EXPECT_EQ(text.held_out_begin, 8U);
  EXPECT_EQ(read_text(file, 256, 0).held_out_begin, 10U);
  EXPECT_THROW(read_text(file, 255, 0), sim::Error);
  EXPECT_THROW(read_text(file, 256, 1), sim::Error);
  EXPECT_THROW(read_text(file, 256, -0.1), sim::Error);
  EXPECT_THROW(read_text(file.string() + ".none", 256, 0), sim::Error);
}

TEST(Text, DigestIsThatOfTheFile) {
  EXPECT_EQ(read_text(file_with("text_abc.txt", "abc"), 256, 0).sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Text, JsonIsAListOfIds) {
  EXPECT_EQ(read_text(file_with("ids.json", "[0, 31999, 7]"), 32000, 0).ids,
            (std::vector<std::uint32_t>{0, 31999, 7}));
  for (const char* bad : {"{}", "[-1]", "[1.5]", "[\"a\"]", "[4294967296]", "[32000]", "[1", ""})
    EXPECT_THROW(read_text(file_with("bad_ids.json", bad), 32000, 0), sim::Error) << bad;
}

TEST(Windows, AreSpacedEvenly) {
  Text text;
  for (unsigned i = 0; i < 100; ++i) text.ids.push_back(i);
  const auto three = windows(text, 10, 60, 3, 10);
  ASSERT_EQ(three.size(), 3U);
  EXPECT_EQ(three[0].front(), 10U);
  EXPECT_EQ(three[1].front(), 30U);
  EXPECT_EQ(three[2].front(), 50U);
  EXPECT_EQ(three[2].back(), 59U);
  EXPECT_EQ(windows(text, 10, 60, 99, 20).size(), 2U);  // no more than fit side by side
  EXPECT_EQ(windows(text, 10, 60, 1, 50)[0].size(), 50U);
  EXPECT_THROW(windows(text, 10, 60, 1, 51), sim::Error);
  EXPECT_THROW(windows(text, 10, 60, 0, 10), sim::Error);
  EXPECT_THROW(windows(text, 10, 60, 1, 1), sim::Error);
}

}  // namespace
}  // namespace workload
