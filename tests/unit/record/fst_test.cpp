// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/record/fst.h"

#include <cstdlib>

#include <gmock/gmock.h>

#include "record_fixture.h"
#include "vcd_parser.h"

namespace sim::record {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class FstTest : public RecordTest {
 protected:
  static bool installed(const char* program) {
    const std::string command = std::string("command -v ") + program + " > /dev/null 2>&1";
    return std::system(command.c_str()) == 0;
  }
};

TEST_F(FstTest, HoldsWhatTheVcdHolds) {
  if (!installed("vcd2fst") || !installed("fst2vcd"))
    GTEST_SKIP() << "GTKWave's converters are not installed";
  const std::filesystem::path odd = folder_ / "a folder's \"name\"; $(touch x)";
  RecordConfig config = only_waves();
  config.fst = true;
  Recorder rec(config, odd, "lanes: 1");
  const SignalId top = rec.signal("top", 1);
  const SignalId data = rec.signal("lane0.data", 70);
  const std::uint64_t limbs[] = {1, 0x2a};
  rec.change(top, 0, 1);
  rec.change_wide(data, 3, limbs);
  rec.finish(5);
  EXPECT_THAT(rec.notes(), ElementsAre());
  EXPECT_THAT(rec.files(), ElementsAre(odd / "waves.vcd", odd / "waves.fst"));
  std::filesystem::copy(odd / "waves.fst", folder_ / "copy.fst");
  const std::string command = "cd " + folder_.string() + " && fst2vcd copy.fst > back.vcd";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const Vcd back(read_text(folder_ / "back.vcd"));
  const std::string value = "101010" + std::string(63, '0') + "1";
  EXPECT_THAT(back.changes.at("top"), ElementsAre(Pair(0, "1")));
  EXPECT_THAT(back.changes.at("lane0.data"), ElementsAre(Pair(0, std::string(70, 'x')), Pair(3000, value)));
}

TEST_F(FstTest, AnEmptyRecordingConverts) {
  if (!installed("vcd2fst")) GTEST_SKIP() << "vcd2fst is not installed";
  RecordConfig config = only_waves();
  config.fst = true;
  Recorder rec(config, folder_, "");
  rec.signal("a", 1);
  rec.finish(0);
  EXPECT_EQ(rec.files().size(), 2u);
}

TEST_F(FstTest, AMissingConverterIsSaid) {
  const std::string note = convert_to_fst(folder_ / "a.vcd", folder_ / "a.fst", "no-such-converter");
  EXPECT_THAT(note, HasSubstr("no-such-converter is not installed"));
}

TEST_F(FstTest, AFailingConverterIsSaidAndLeavesNothing) {
  std::ofstream(folder_ / "a.fst") << "half a file";
  const std::string note = convert_to_fst(folder_ / "a.vcd", folder_ / "a.fst", "false");
  EXPECT_THAT(note, HasSubstr("false failed"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a.fst"));
}

}  // namespace
}  // namespace sim::record
