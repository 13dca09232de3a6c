// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The bytes of Chakra's files, put together by hand from the field numbers that its schema 0.0.4 publishes.
#include <fstream>
#include <random>
#include <sstream>

#include <gmock/gmock.h>

#include "chakra_nodes.h"
#include "tests/support/temp_folder.h"

namespace {

using ring::chakra::Rank;
using testing::HasSubstr;

std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7f) | 0x80);
  return bytes + static_cast<char>(value);
}
std::string number(unsigned field, std::uint64_t value) { return varint(field << 3) + varint(value); }
std::string bytes(unsigned field, const std::string& value) {
  return varint(field << 3 | 2) + varint(value.size()) + value;
}
std::string message(const std::string& content) { return varint(content.size()) + content; }
std::string attr(const std::string& name, unsigned field, std::uint64_t value) {
  return bytes(10, bytes(1, name) + number(field, value));
}

const std::string kMetadata = message(bytes(1, "0.0.4"));

Rank read(const std::string& file) {
  std::istringstream in(file);
  return ring::chakra::read_rank(in, "t.0.et");
}
std::string refusal_of_file(const std::string& file) {
  try {
    read(file);
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::input);
    EXPECT_THAT(e.what(), HasSubstr("t.0.et: "));
    return e.what();
  }
  return "";
}

TEST(ChakraWire, ReadsANodeOfTheSchema) {
  // id, name, type, ctrl_deps (unpacked), data_deps (packed), start, duration, inputs (not needed),
  // attributes.
  const Rank rank =
      read(kMetadata + message(number(1, 7) + bytes(2, "send it") + number(3, 5) + number(4, 300) +
                               bytes(5, varint(4) + varint(5)) + number(6, 123) + number(7, 456) +
                               bytes(8, bytes(1, "[]")) + attr("is_cpu_op", 27, 0) + attr("comm_src", 7, 1) +
                               attr("comm_dst", 11, 2) + attr("comm_size", 9, 1u << 30) +
                               attr("comm_tag", 15, 6) + attr("something_else", 29, 0)));
  ASSERT_EQ(rank.nodes.size(), 1u);
  const ring::chakra::Node& n = rank.nodes[0];
  EXPECT_EQ(rank.version, "0.0.4");
  EXPECT_EQ(n.id, 7u);
  EXPECT_EQ(n.name, "send it");
  EXPECT_EQ(n.type, ring::chakra::NodeType::send);
  EXPECT_THAT(n.deps, testing::ElementsAre(4, 5, 300));
  EXPECT_EQ(n.duration_micros, 456u);
  EXPECT_EQ(*n.comm_src, 1);
  EXPECT_EQ(*n.comm_dst, 2);
  EXPECT_EQ(*n.comm_size, 1 << 30);
  EXPECT_EQ(*n.comm_tag, 3);  // zigzag
  EXPECT_FALSE(n.comm_type.has_value());
}

TEST(ChakraWire, NamesNeedNotBeText) {
  const Rank rank =
      read(kMetadata + message(number(1, 7) + bytes(2, "a\xff\n\xc3\xbc\xed\xa0\x80z") + number(3, 4)));
  EXPECT_EQ(rank.nodes[0].name, "a??\xc3\xbc???z");
}

TEST(ChakraWire, WritesWhatOthersRead) {
  chakra_test::Node n = chakra_test::send(3, 2, 4096, {1, 2}, 9);
  n.comm_src = 0;
  std::ostringstream out;
  ring::chakra::write_rank(out, chakra_test::ranks({{n}})[0]);
  const std::string file = out.str();
  EXPECT_EQ(file.substr(0, kMetadata.size()), kMetadata);
  EXPECT_THAT(file,
              HasSubstr(number(1, 3) + bytes(2, "n3") + number(3, 5) + bytes(5, varint(1) + varint(2))));
  EXPECT_THAT(file, HasSubstr(bytes(10, bytes(1, "is_cpu_op") + number(27, 0))));
  EXPECT_THAT(file, HasSubstr(bytes(10, bytes(1, "comm_src") + number(7, 0))));
  EXPECT_THAT(file, HasSubstr(bytes(10, bytes(1, "comm_dst") + number(7, 2))));
  EXPECT_THAT(file, HasSubstr(bytes(10, bytes(1, "comm_tag") + number(7, 9))));
  EXPECT_THAT(file, HasSubstr(bytes(10, bytes(1, "comm_size") + number(9, 4096))));
}

TEST(ChakraWire, RefusesWhatIsNoTrace) {
  EXPECT_THAT(refusal_of_file(""), HasSubstr("is empty"));
  EXPECT_THAT(refusal_of_file("model: ring\n"), HasSubstr("byte 0"));
  EXPECT_THAT(refusal_of_file(message(number(1, 7))), HasSubstr("does not start with the metadata"));
  EXPECT_THAT(refusal_of_file(kMetadata + message("\xff\xff\xff")), HasSubstr("byte 8: this is no node"));
  EXPECT_THAT(refusal_of_file(kMetadata + "\x80"), HasSubstr("truncated"));
  EXPECT_THAT(refusal_of_file(kMetadata + varint(100) + "abc"), HasSubstr("truncated"));
  EXPECT_THAT(refusal_of_file(kMetadata + varint(std::uint64_t{1} << 40)),
              HasSubstr("no length of a message"));
  EXPECT_THAT(refusal_of_file(kMetadata + varint(1u << 30)), HasSubstr("above the limit of 1048576"));
  EXPECT_THAT(refusal_of_file(kMetadata + message(number(1, 1))),
              HasSubstr("node 1 '': nodes of type 0 are not known"));
  EXPECT_THAT(refusal_of_file(kMetadata + message(number(1, 1) + number(3, 9))), HasSubstr("type 9"));
  const std::string one = message(number(1, 1) + number(3, 4));
  EXPECT_THAT(refusal_of_file(kMetadata + one + one), HasSubstr("node 1 '' has the id of node 1"));
  EXPECT_THAT(
      refusal_of_file(kMetadata + message(number(1, 1) + number(3, 5) + bytes(10, bytes(1, "comm_size")))),
      HasSubstr("attribute 'comm_size' is not a whole number"));
  // Before 0.0.2 attributes had a type in field 2 and their integer in field 4.
  EXPECT_THAT(
      refusal_of_file(kMetadata + message(number(1, 1) + number(3, 5) +
                                          bytes(10, bytes(1, "comm_size") + number(2, 2) + number(4, 7)))),
      HasSubstr("another version of the schema"));
}

// No damage crashes; what is refused is refused as input, with the file named.
TEST(ChakraWire, DamagedFilesAreReadOrRefused) {
  std::ostringstream out;
  auto trace = chakra_test::ranks({{chakra_test::compute(0, 5), chakra_test::send(1, 1, 64, {0}),
                                    chakra_test::collective(2, chakra_test::CommType::all_reduce, 64, {1})}});
  trace[0].nodes[0].remote_deps = {1};
  ring::chakra::write_rank(out, trace[0]);
  const std::string good = out.str();
  std::mt19937 random(3);
  unsigned refused = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string file = good;
    for (unsigned k = 1 + static_cast<unsigned>(random() % 3); k > 0; --k) {
      const std::size_t at = random() % file.size();
      switch (random() % 4) {
        case 0:
          file[at] = static_cast<char>(random());
          break;
        case 1:
          file[at] = static_cast<char>(file[at] ^ (1 << random() % 8));
          break;
        case 2:
          file.erase(at, 1 + random() % 4);
          break;
        default:
          file.insert(at, 1 + random() % 4, static_cast<char>(random()));
      }
      if (file.empty()) file = "x";
    }
    std::istringstream in(file);
    try {
      const Rank rank = ring::chakra::read_rank(in, "t.0.et");
      std::vector<Rank> all = {rank};
      (void)chakra_test::refusal(all);
    } catch (const sim::Error& e) {
      ++refused;
      ASSERT_EQ(e.exit_code(), sim::Exit::input) << e.what();
    }
  }
  EXPECT_GT(refused, 1000u);
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    const std::string why = refusal_of_file(good.substr(0, cut));
    EXPECT_TRUE(why.empty() || why.find("truncated") != std::string::npos || cut == 0) << why;
  }
}

TEST(ChakraFiles, AreCountedFromZero) {
  test_support::TempFolder folder;
  const std::string prefix = (folder / "run").string();
  const auto refused = [&] {
    try {
      ring::chakra::read_ranks(prefix);
    } catch (const sim::Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  EXPECT_THAT(refused(), HasSubstr("run.0.et: there is no such file"));
  std::ofstream(prefix + ".0.et") << kMetadata;
  std::ofstream(prefix + ".2.et") << kMetadata;
  std::ofstream(prefix + ".x.et") << "not one of them";
  std::ofstream(prefix + ".01.et") << "nor this";
  EXPECT_THAT(refused(), HasSubstr("run.1.et: is missing, but "));
  std::ofstream(prefix + ".1.et") << kMetadata;
  EXPECT_EQ(refused(), "");
  EXPECT_EQ(ring::chakra::read_ranks(prefix).size(), 3u);
}

}  // namespace
