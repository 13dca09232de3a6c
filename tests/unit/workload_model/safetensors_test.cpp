// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/model/safetensors.h"

#include <cstring>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "tests/support/model_folder.h"

namespace {

using test_support::safetensors_bytes;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using workload::SafetensorsFile;

class Safetensors : public ::testing::Test {
 protected:
  // The message without the file's name.
  std::string error_of(const std::string& bytes) {
    const auto file = folder_ / "a.safetensors";
    test_support::write_bytes(file, bytes);
    try {
      const SafetensorsFile unused(file);
    } catch (const sim::Error& e) {
      EXPECT_EQ(e.exit_code(), sim::Exit::input);
      const std::string what = e.what();
      EXPECT_EQ(what.rfind(file.string() + ": ", 0), 0U) << what;
      return what.substr(file.string().size() + 2);
    }
    return "";
  }
  std::string header_error(const std::string& header, std::size_t data_bytes) {
    return error_of(safetensors_bytes(header, std::string(data_bytes, '\0')));
  }
  test_support::TempFolder folder_;
};

std::vector<float> read(const SafetensorsFile& file, const std::string& name) {
  std::vector<float> values(file.tensors().at(name).elements);
  file.read(name, values.data());
  return values;
}

TEST_F(Safetensors, every_type_is_read_exactly) {
  const std::vector<float> f32 = {1.5F, -0.1F, 3e-39F};                      // the last is subnormal
  const std::vector<std::uint16_t> f16 = {0x3c00, 0xc000, 0x7bff, 0x0001};   // 1, -2, 65504, 2^-24
  const std::vector<std::uint16_t> bf16 = {0x3f80, 0xc000, 0x7f7f, 0x0001};  // 1, -2, largest, 2^-133
  const auto bytes = [](const auto& v) {
    return std::string(reinterpret_cast<const char*>(v.data()), v.size() * sizeof(v[0]));
  };
  test_support::write_bytes(folder_ / "a.safetensors",
                            safetensors_bytes({{"a", {{3}, bytes(f32), "F32"}},
                                               {"b", {{2, 2}, bytes(f16), "F16"}},
                                               {"c", {{4, 1}, bytes(bf16), "BF16"}},
                                               {"d", {{0, 4}, "", "F32"}},
                                               {"e", {{}, bytes(std::vector<float>{7}), "F32"}}}));
  const SafetensorsFile file(folder_ / "a.safetensors");
  EXPECT_EQ(read(file, "a"), f32);
  EXPECT_THAT(read(file, "b"), ElementsAre(1.0F, -2.0F, 65504.0F, 0x1p-24F));
  EXPECT_THAT(read(file, "c"), ElementsAre(1.0F, -2.0F, 0x1.fep127F, 0x1p-133F));
  EXPECT_TRUE(read(file, "d").empty());
  EXPECT_THAT(read(file, "e"), ElementsAre(7.0F));
  EXPECT_EQ(file.tensors().at("b").shape, (std::vector<std::uint64_t>{2, 2}));
}

TEST_F(Safetensors, a_tensor_of_many_pieces_is_whole) {
  std::vector<std::uint16_t> values((1U << 20) + 3);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint16_t>(0x3f80 + i % 100);
  const std::string bytes(reinterpret_cast<const char*>(values.data()), 2 * values.size());
  test_support::write_bytes(folder_ / "a.safetensors",
                            safetensors_bytes({{"a", {{values.size()}, bytes, "BF16"}}}));
  const auto read_values = read(SafetensorsFile(folder_ / "a.safetensors"), "a");
  for (std::size_t i = 0; i < values.size(); i += 997) {
    ASSERT_EQ(read_values[i], 1.0F + static_cast<float>(i % 100) / 128.0F) << i;
  }
  EXPECT_EQ(read_values.back(), 1.0F + static_cast<float>((values.size() - 1) % 100) / 128.0F);
}

TEST_F(Safetensors, metadata_is_allowed) {
  EXPECT_EQ(header_error(R"({"__metadata__": {"format": "pt"}})", 0), "");
  EXPECT_EQ(header_error(R"({"__metadata__": {"format": 1}})", 0), "__metadata__ is no object of strings");
}

TEST_F(Safetensors, the_length_of_the_header) {
  EXPECT_EQ(error_of("1234567"), "has 7 bytes, too few for a safetensors file");
  EXPECT_THAT(error_of(std::string(16, '\xff')), HasSubstr("claims a header of 18446744073709551615 bytes"));
  EXPECT_EQ(error_of(std::string("\x09\0\0\0\0\0\0\0{}", 10)),
            "claims a header of 9 bytes but holds only 2 behind its length; it is truncated");
  EXPECT_EQ(error_of(safetensors_bytes("{}")), "");
  EXPECT_EQ(error_of(safetensors_bytes("[]")), "the header is no JSON object");
  EXPECT_THAT(error_of(safetensors_bytes("{")), HasSubstr("header: no valid JSON"));
}

TEST_F(Safetensors, a_name_twice) {
  const std::string entry = R"({"dtype": "F32", "shape": [1], "data_offsets": [0, 4]})";
  EXPECT_EQ(header_error("{\"w\": " + entry + ", \"w\": " + entry + "}", 4),
            "header: the key 'w' appears twice");
}

TEST_F(Safetensors, types_shapes_and_offsets_of_one_tensor) {
  const auto error = [&](const std::string& type, const std::string& shape, const std::string& offsets,
                         std::size_t data) {
    return header_error(
        R"({"w": {"dtype": ")" + type + R"(", "shape": )" + shape + R"(, "data_offsets": )" + offsets + "}}",
        data);
  };
  EXPECT_EQ(error("F32", "[2, 3]", "[0, 24]", 24), "");
  EXPECT_EQ(error("I8", "[4]", "[0, 4]", 4),
            "tensor 'w': dtype 'I8' is not supported; F32, F16 and BF16 are");
  EXPECT_EQ(error("F8_E4M3", "[4]", "[0, 4]", 4),
            "tensor 'w': dtype 'F8_E4M3' is not supported; F32, F16 and BF16 are");
  EXPECT_EQ(error("F32", "[2, 3]", "[0, 20]", 20),
            "tensor 'w': shape [2, 3] of F32 needs 24 bytes, data_offsets span 20");
  EXPECT_EQ(error("F16", "[2, 3]", "[0, 24]", 24),
            "tensor 'w': shape [2, 3] of F16 needs 12 bytes, data_offsets span 24");
  EXPECT_EQ(error("F32", "[2, -3]", "[0, 24]", 24), "tensor 'w': shape holds -3, which is no size");
  EXPECT_EQ(error("F32", "[2.0]", "[0, 8]", 8), "tensor 'w': shape holds 2.0, which is no size");
  EXPECT_EQ(error("F32", "6", "[0, 24]", 24), "tensor 'w': shape is no list of at most 8 sizes");
  EXPECT_EQ(error("F32", "[4294967296, 4294967296]", "[0, 24]", 24), "tensor 'w': shape is beyond 64 bits");
  EXPECT_EQ(error("F32", "[1]", "[4]", 4), "tensor 'w': data_offsets is no pair of byte offsets");
  EXPECT_EQ(error("F32", "[1]", "[8, 4]", 8), "tensor 'w': ends at byte 4 before it begins at 8");
  EXPECT_EQ(
      error("F32", "[2]", "[0, 8]", 7),
      "tensor 'w': ends at byte 8 of the data, of which the file holds 7; it is truncated or inconsistent");
}

TEST_F(Safetensors, keys_of_one_tensor) {
  EXPECT_EQ(header_error(R"({"w": 1})", 0), "tensor 'w': is described by no JSON object");
  EXPECT_EQ(header_error(R"({"w": {"dtype": "F32", "shape": [0]}})", 0), "tensor 'w': has no data_offsets");
  EXPECT_EQ(
      header_error(R"({"w": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0], "strides": []}})", 0),
      "tensor 'w': has an unknown key 'strides'");
  EXPECT_EQ(header_error(R"({"": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}})", 0),
            "tensor '': a name has 1 to 1024 bytes");
}

std::string two(const std::string& a, const std::string& b) {
  return R"({"a": {"dtype": "F32", "shape": [2], "data_offsets": )" + a +
         R"(}, "b": {"dtype": "F32", "shape": [2], "data_offsets": )" + b + "}}";
}

TEST_F(Safetensors, tensors_fill_the_data_without_gap_or_overlap) {
  EXPECT_EQ(header_error(two("[0, 8]", "[8, 16]"), 16), "");
  EXPECT_EQ(header_error(two("[8, 16]", "[0, 8]"), 16), "");
  EXPECT_THAT(header_error(two("[0, 8]", "[4, 12]"), 12),
              HasSubstr("tensor 'b': overlaps another tensor at byte "));
  EXPECT_THAT(header_error(two("[0, 8]", "[0, 8]"), 8), HasSubstr("overlaps another tensor"));
  EXPECT_THAT(header_error(two("[0, 8]", "[12, 20]"), 20),
              HasSubstr("tensor 'b': 4 bytes in front of it, from byte "));
  EXPECT_THAT(header_error(two("[4, 12]", "[12, 20]"), 20), HasSubstr("tensor 'a': 4 bytes in front of it"));
  EXPECT_THAT(header_error(two("[0, 8]", "[8, 16]"), 19), EndsWith("belong to no tensor"));
  EXPECT_THAT(header_error("{}", 1),
              HasSubstr("1 bytes at the end, from byte 10 of the file, belong to no tensor"));
}

TEST_F(Safetensors, a_file_that_shrinks_while_it_is_open_is_an_error) {
  const auto path = folder_ / "a.safetensors";
  test_support::write_bytes(path, safetensors_bytes({{"a", test_support::f32_tensor({100})}}));
  const SafetensorsFile file(path);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 40);
  std::vector<float> values(100);
  EXPECT_THROW(file.read("a", values.data()), sim::Error);
}

TEST_F(Safetensors, no_file_and_no_regular_file) {
  EXPECT_THROW(SafetensorsFile(folder_ / "none.safetensors"), sim::Error);
  EXPECT_THROW(SafetensorsFile(folder_ / ""), sim::Error);
}

}  // namespace
