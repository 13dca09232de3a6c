// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/calibrate/options.h"

#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "traces/workload/calibrate/commands.h"
#include "traces/workload/calibrate/evaluate.h"

namespace workload {
namespace {

sim::Exit exit_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const sim::Error& error) {
    return error.exit_code();
  }
  return sim::Exit::done;
}

TEST(Options, PqShapes) {
  const auto shapes = parse_pq_shapes("64x8,32x12", 128);
  ASSERT_EQ(shapes.size(), 2U);
  EXPECT_EQ(shapes[1].sub_vectors, 32U);
  EXPECT_EQ(shapes[1].code_bits, 12U);
  EXPECT_TRUE(parse_pq_shapes("", 128).empty());
  EXPECT_TRUE(parse_pq_shapes("4bit", 128)[0] == shapes[0]);
  EXPECT_TRUE(parse_pq_shapes("3bit", 128)[0] == shapes[1]);
  EXPECT_EQ(parse_pq_shapes("4bit", 16)[0].sub_vectors, 8U);
  for (const char* bad : {"64", "64x", "x8", "64x8x1", "64x8 1", "48x8", "64x13", "a", "64,8"})
    EXPECT_EQ(exit_of([&] { parse_pq_shapes(bad, 128); }), sim::Exit::usage) << bad;
}

TEST(Options, Runs) {
  const auto runs = parse_runs("f32/f32,flexquant/pq64x8,int4-nested/int3-token", 128);
  ASSERT_EQ(runs.size(), 3U);
  EXPECT_EQ(runs[1].kv, KvFormat::pq);
  EXPECT_EQ(runs[1].pq.code_bits, 8U);
  EXPECT_EQ(runs[2].precision, "int4-nested");
  for (const char* bad : {"f32", "f16/f32", "int8/", "int8/pq", "int8/pq64", "int8/fp8", "int4/f32"})
    EXPECT_EQ(exit_of([&] { parse_runs(bad, 128); }), sim::Exit::usage) << bad;
}

TEST(Commands, WrongCommandLinesAreUsageErrors) {
  for (const auto& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"--text", "x"},
                                             {"--nonsense"},
                                             {"--text", "x", "--model", "a", "--synthetic", "tiny"},
                                             {"--text", "x", "--synthetic", "none"},
                                             {"--text", "x", "--synthetic", "tiny", "--windows", "many"},
                                             {"stray"},
                                             {"--text", "x", "--synthetic", "tiny", "--int4", "int5"}}) {
    EXPECT_EQ(exit_of([&] { calibrate_command(arguments); }), sim::Exit::usage)
        << testing::PrintToString(arguments);
    EXPECT_EQ(exit_of([&] { evaluate_command(arguments); }), sim::Exit::usage)
        << testing::PrintToString(arguments);
  }
}

TEST(Commands, HelpIsNoError) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(calibrate_command({"--help"}), 0);
  EXPECT_EQ(evaluate_command({"-h"}), 0);
  const std::string text = testing::internal::GetCapturedStdout();
  EXPECT_NE(text.find("--max-kl"), std::string::npos);
  EXPECT_NE(text.find("--runs"), std::string::npos);
}

TEST(Commands, AMissingModelIsAnInputError) {
  const std::vector<std::string> arguments = {"--text", "none.txt", "--model", "/none"};
  EXPECT_EQ(exit_of([&] { calibrate_command(arguments); }), sim::Exit::input);
  EXPECT_EQ(exit_of([&] { evaluate_command(arguments); }), sim::Exit::input);
}

}  // namespace
}  // namespace workload
