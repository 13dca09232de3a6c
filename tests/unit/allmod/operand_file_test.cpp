// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/allmod/function/operands.h"
#include "sim/core/error.h"
#include "tests/unit/allmod/printing.h"

namespace allmod {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::vector<mpz_class> read(const std::string& text, unsigned n = 64) {
  std::istringstream stream(text);
  const FileOperands file(stream, "ops", n);
  std::vector<mpz_class> values;
  for (std::uint64_t i = 0; i < file.size(); ++i) {
    std::vector<Limb> x(file.x_limbs());
    file.get(i, x.data());
    values.push_back(to_mpz(x.data(), x.size()));
  }
  return values;
}

std::string refusal(const std::string& text, unsigned n = 64) {
  try {
    read(text, n);
  } catch (const sim::Error& error) {
    EXPECT_EQ(error.exit_code(), sim::Exit::input);
    return error.what();
  }
  return "no error";
}

TEST(FileOperands, ReadsHexLines) {
  const auto x = read(
      "# operands\n  0x1F\n\nffffffffffffffffffffffffffffffff # all "
      "ones\r\n0\n00000000000000000000000000000000000000000000A");
  ASSERT_EQ(x.size(), 4u);
  EXPECT_EQ(x[0], mpz_class(31));
  EXPECT_EQ(x[1], mpz_class((mpz_class(1) << 128) - 1));
  EXPECT_EQ(x[2], mpz_class(0));
  EXPECT_EQ(x[3], mpz_class(10));
}

TEST(FileOperands, ReadsTheColumnXOrTheFirst) {
  EXPECT_EQ(read("id,x,y\n1,0xa,2\n2,\"b\",3\n"), (std::vector<mpz_class>{10, 11}));
  EXPECT_EQ(read("operand,weight\nc,1\nd,2\n"), (std::vector<mpz_class>{12, 13}));
  EXPECT_EQ(read("a,1\nb,2\n"), (std::vector<mpz_class>{10, 11}));
  EXPECT_EQ(read("x\n1\n2\n"), (std::vector<mpz_class>{1, 2}));
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "1\n2\n"),
            (std::vector<mpz_class>{1, 2}));
}

TEST(FileOperands, BadDigitsHaveAPosition) {
  EXPECT_THAT(refusal("12\n  1g\n"), StartsWith("ops:2:4: 'g' is no hexadecimal digit"));
  EXPECT_THAT(refusal("0x\n"), StartsWith("ops:1:3: an operand is missing"));
  EXPECT_THAT(refusal("-1\n"), StartsWith("ops:1:1: '-' is no"));
  EXPECT_THAT(refusal("1 2\n"), StartsWith("ops:1:2: ' ' is no"));
  EXPECT_THAT(refusal(std::string("1\n\0\n", 4)), StartsWith("ops:2:1: byte 0x00"));
  EXPECT_THAT(refusal("id,x\n1,zz\n"), StartsWith("ops:2:3: 'z'"));
}

TEST(FileOperands, LargeOperandsAreRefused) {
  EXPECT_THAT(refusal("1\n100000000000000000000000000000000\n"),
              StartsWith("ops:2:1: the operand has 129 bits; X must be below 2^(2n)"));
  EXPECT_THAT(refusal("40\n", 3), HasSubstr("has 7 bits"));
  EXPECT_EQ(read("3f\n", 3).front(), mpz_class(63));
}

TEST(FileOperands, RaggedRowsAreRefused) {
  EXPECT_THAT(refusal("id,x\n1,2\n3\n"), StartsWith("ops:3:2: the row has 1 columns, the first one has 2"));
  EXPECT_THAT(refusal("1\n2,3\n"), StartsWith("ops:2:3: the row has 2 columns, the first one has 1"));
}

TEST(FileOperands, EmptyFilesAreRefused) {
  EXPECT_THAT(refusal(""), StartsWith("ops:1:1: no operand in the file"));
  EXPECT_THAT(refusal("# nothing\n\n"), StartsWith("ops:2:1: no operand"));
  EXPECT_THAT(refusal("id,x\n"), HasSubstr("no operand"));
}

TEST(FileOperands, UnreadableFilesAreRefused) {
  const auto refused = [](const std::filesystem::path& file) {
    try {
      FileOperands operands(file, 64);
    } catch (const sim::Error& error) {
      EXPECT_EQ(error.exit_code(), sim::Exit::input);
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(refused("/nonexistent/ops.txt"),
              HasSubstr("/nonexistent/ops.txt: cannot be opened (No such file"));
  EXPECT_THAT(refused(testing::TempDir()), HasSubstr("is a directory"));

  const std::filesystem::path good = std::filesystem::path(testing::TempDir()) / "allmod_operands.txt";
  std::ofstream(good) << "7\n8\n";
  EXPECT_EQ(FileOperands(good, 64).size(), 2u);
  std::filesystem::remove(good);
}

}  // namespace
}  // namespace allmod
