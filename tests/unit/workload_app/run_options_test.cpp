// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/run_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "traces/workload/cuda/backend.h"

namespace {

using ::testing::HasSubstr;
using workload::parse_run_options;
using workload::RunOptions;

std::vector<std::string> with(std::vector<std::string> more) {
  std::vector<std::string> words = {"--model", "m", "--prompt", "p"};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::string error_of(const std::vector<std::string>& words) {
  try {
    parse_run_options(words);
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::usage);
    return e.what();
  }
  return "";
}

TEST(RunOptions, defaults_are_the_main_job) {
  const RunOptions o = parse_run_options(with({}));
  EXPECT_EQ(o.precision, workload::Precision::flexquant);
  EXPECT_EQ(o.kv, workload::KvFormat::pq);
  EXPECT_EQ(o.tokens, 128U);
  EXPECT_EQ(o.sampling.temperature, 0.0);
  EXPECT_TRUE(o.times);
  EXPECT_EQ(o.weights, workload::WeightRecords::codes);
  EXPECT_EQ(o.tile_stride, 1U);
  EXPECT_EQ(o.activations, 1U);
  EXPECT_FALSE(o.hysteresis.has_value());
  EXPECT_EQ(o.simd, workload::detect_simd_level());
}

TEST(RunOptions, every_option_reaches_its_place) {
  const RunOptions o = parse_run_options(with({"-n",
                                               "7",
                                               "--precision",
                                               "int4",
                                               "--kv",
                                               "int3-token",
                                               "--calibration",
                                               "c",
                                               "--int4",
                                               "nested",
                                               "--hysteresis",
                                               "0.5",
                                               "--window",
                                               "3",
                                               "--no-way-back",
                                               "--synchronous",
                                               "--encrypt",
                                               "paillier2048",
                                               "--encrypt-every",
                                               "9",
                                               "--encrypt-tile",
                                               "8x2",
                                               "--temperature",
                                               "0.7",
                                               "--top-k",
                                               "5",
                                               "--seed",
                                               "11",
                                               "-j",
                                               "3",
                                               "--simd",
                                               "portable",
                                               "-o",
                                               "t.tct",
                                               "--tokens-out",
                                               "i.json",
                                               "--no-times",
                                               "--weights",
                                               "digest",
                                               "--tile-stride",
                                               "6",
                                               "--activations",
                                               "4",
                                               "--level",
                                               "19",
                                               "-q",
                                               "--pq-bits",
                                               "3"}));
  EXPECT_EQ(o.tokens, 7U);
  EXPECT_EQ(o.precision, workload::Precision::int4);
  EXPECT_EQ(o.kv, workload::KvFormat::int3_token);
  EXPECT_EQ(o.calibration, "c");
  EXPECT_EQ(o.int4, "nested");
  EXPECT_EQ(o.hysteresis, 0.5);
  EXPECT_EQ(o.window, 3U);
  EXPECT_TRUE(o.no_way_back);
  EXPECT_TRUE(o.synchronous);
  EXPECT_EQ(o.encrypt, "paillier2048");
  EXPECT_EQ(o.encrypt_every, 9U);
  EXPECT_EQ(o.encrypt_inputs, 8U);
  EXPECT_EQ(o.encrypt_outputs, 2U);
  EXPECT_EQ(o.sampling.temperature, 0.7);
  EXPECT_EQ(o.sampling.top_k, 5U);
  EXPECT_EQ(o.sampling.seed, 11U);
  EXPECT_EQ(o.seed, 11U);
  EXPECT_EQ(o.threads, 3U);
  EXPECT_EQ(o.simd, workload::SimdLevel::portable);
  EXPECT_EQ(o.trace, "t.tct");
  EXPECT_EQ(o.tokens_out, "i.json");
  EXPECT_FALSE(o.times);
  EXPECT_EQ(o.weights, workload::WeightRecords::digest);
  EXPECT_EQ(o.tile_stride, 6U);
  EXPECT_EQ(o.activations, 4U);
  EXPECT_EQ(o.level, 19);
  EXPECT_TRUE(o.quiet);
  EXPECT_EQ(o.pq_bits, 3U);
}

TEST(RunOptions, what_is_missing_or_given_twice) {
  EXPECT_EQ(error_of({"--prompt", "p"}), "give either --model DIR or --synthetic SHAPE");
  EXPECT_EQ(error_of(with({"--synthetic", "tiny"})), "give either --model DIR or --synthetic SHAPE");
  EXPECT_EQ(error_of({"--model", "m"}),
            "give one of --prompt TEXT, --prompt-ids IDS, --prompt-file FILE and --fill N");
  EXPECT_EQ(error_of(with({"--prompt-ids", "1"})),
            "give one of --prompt TEXT, --prompt-ids IDS, --prompt-file FILE and --fill N");
}

TEST(RunOptions, words_and_numbers_that_there_are_not) {
  EXPECT_EQ(error_of(with({"--precision", "int2"})),
            "--precision: there is no 'int2'; choose one of f32, int8, int4, flexquant");
  EXPECT_THAT(error_of(with({"--kv", "fp8"})), HasSubstr("--kv: there is no 'fp8'"));
  if (!workload::cuda::built()) {
    EXPECT_EQ(error_of(with({"--backend", "cuda"})),
              "--backend cuda: this program was built without CUDA; use --backend host");
  }
  EXPECT_THAT(error_of(with({"--simd", "sse"})), HasSubstr("--simd: there is no 'sse'"));
  EXPECT_EQ(error_of(with({"--tokens", "0"})), "--tokens must be at least 1");
  EXPECT_EQ(error_of(with({"--level", "20"})), "--level must be 0 to 19");
  EXPECT_EQ(error_of(with({"--pq-bits", "5"})), "--pq-bits must be 3 or 4");
  EXPECT_THAT(error_of(with({"--tokens", "many"})), HasSubstr("--tokens"));
  EXPECT_THAT(error_of(with({"--tokns", "3"})),
              HasSubstr("there is no option '--tokns', did you mean '--tokens'?"));
  EXPECT_THAT(error_of(with({"extra"})), HasSubstr("every argument has an option in front of it"));
  EXPECT_THAT(error_of(with({"--int4", "half"})), HasSubstr("choose one of calibrated, group, nested"));
  EXPECT_EQ(error_of(with({"--weights", "all"})),
            "--weights: there is no 'all'; choose one of codes, digest, none");
  EXPECT_EQ(error_of(with({"--weights", "digest", "--tile-stride", "0"})),
            "--tile-stride must be at least 1");
  EXPECT_THAT(error_of(with({"--encrypt", "rsa", "-o", "x"})), HasSubstr("rsa"));
  for (const char* tile : {"32", "0x4", "32x", "32x4x", "-1x2", "5000x1"}) {
    EXPECT_THAT(error_of(with({"--encrypt-tile", tile})), HasSubstr("is no pair of sizes")) << tile;
  }
}

TEST(RunOptions, combinations_that_make_no_sense) {
  EXPECT_THAT(error_of(with({"--encrypt", "bn254_r", "-o", "t", "--precision", "f32"})),
              HasSubstr("needs quantised weights"));
  EXPECT_THAT(error_of(with({"--encrypt", "bn254_r"})), HasSubstr("give -o TRACE.tct"));
  EXPECT_THAT(error_of(with({"--weights", "digest", "--precision", "f32"})),
              HasSubstr("--weights digest needs quantised weights"));
  EXPECT_EQ(error_of(with({"--tile-stride", "4"})), "--tile-stride belongs to --weights digest");
}

TEST(RunOptions, help_needs_nothing_else) {
  const RunOptions o = parse_run_options({"--help"});
  EXPECT_TRUE(o.help);
  for (const char* word :
       {"--model", "--tokens", "--precision", "--kv", "--encrypt", "--tokens-out", "SIGINT"}) {
    EXPECT_THAT(o.help_text, HasSubstr(word));
  }
}

}  // namespace
