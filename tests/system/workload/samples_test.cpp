// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// The committed traces of the small model, made anew: the same tokens, decisions, codes and results.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"
#include "traces/io/reader.h"
#include "traces/io/validate.h"
#include "traces/workload/app/verbs.h"

namespace {

using trace::Kind;
const std::filesystem::path kRoot = TRICYCLE_SOURCE_DIR;
const std::filesystem::path kModel = kRoot / "traces" / "models" / "tiny_shakespeare";
const std::filesystem::path kSamples = kRoot / "traces" / "samples";

// As in scripts/make_samples.
std::vector<std::string> words(const std::filesystem::path& out) {
  return {"--model",       kModel.string(),
          "--calibration", (kModel / "calibration_nested.json").string(),
          "--prompt-file", (kSamples / "prompt.txt").string(),
          "--tokens",      "192",
          "--precision",   "flexquant",
          "--kv",          "pq",
          "--activations", "4",
          "--quiet",       "-o",
          out.string()};
}

void expect_valid(const std::filesystem::path& file) {
  trace::Reader reader(file);
  std::string first;
  const auto result = trace::validate(reader, [&](const std::string& line) {
    if (first.empty()) first = line;
  });
  EXPECT_EQ(result.problems, 0U) << first;
  EXPECT_TRUE(result.complete);
  EXPECT_GE(reader.footer().tokens(), 160U);
  EXPECT_LT(std::filesystem::file_size(file), 8'000'000U);
}

// What of a record must be the same on every machine: all but times, and entropies to the last bits.
std::string essence(trace::Record record) {
  if (record.has_token()) {
    trace::Token& t = *record.mutable_token();
    t.clear_time_ns();
    for (const auto set :
         {&trace::Token::set_pple, &trace::Token::set_pple_smoothed, &trace::Token::set_running_perplexity}) {
      (t.*set)(0);
    }
  }
  if (record.has_gemv()) record.mutable_gemv()->clear_time_ns();
  if (record.has_kv_append()) record.mutable_kv_append()->clear_time_ns();
  if (record.has_kv_attend()) {
    record.mutable_kv_attend()->clear_lut_ns();
    record.mutable_kv_attend()->clear_attend_ns();
    record.mutable_kv_attend()->clear_reduce_ns();
  }
  if (record.has_prefill()) {
    trace::Prefill& p = *record.mutable_prefill();
    p.clear_time_ns();
    p.clear_perplexity();
    for (auto& block : *p.mutable_blocks()) block.clear_attention_ns();
  }
  return record.SerializeAsString();
}

void expect_same(const std::filesystem::path& committed, const std::filesystem::path& fresh) {
  trace::Reader a(committed);
  trace::Reader b(fresh);
  EXPECT_EQ(a.header().model().weights_digest(), b.header().model().weights_digest());
  EXPECT_EQ(a.header().calibration_digest(), b.header().calibration_digest());
  while (a.next()) {
    ASSERT_TRUE(b.next());
    ASSERT_EQ(a.kind(), b.kind()) << to_string(a.position());
    if (a.kind() == Kind::token) {
      EXPECT_EQ(a.record().token().id(), b.record().token().id()) << to_string(a.position());
      EXPECT_NEAR(a.record().token().pple() / b.record().token().pple(), 1, 1e-9);
      EXPECT_NEAR(a.record().token().running_perplexity() / b.record().token().running_perplexity(), 1, 1e-9);
    }
    ASSERT_TRUE(essence(a.record()) == essence(b.record())) << to_string(a.position());
  }
  EXPECT_FALSE(b.next());
}

// decode.tct is a GPU's: this is the equality of the two back ends.
TEST(CommittedSamples, decode_comes_out_of_the_program_again) {
  EXPECT_EQ(trace::Reader(kSamples / "decode.tct").header().backend(), "cuda");
  const test_support::TempFolder folder;
  auto w = words(folder / "decode.tct");
  w.insert(w.end(), {"--encrypt", "paillier2048", "--encrypt-every", "128", "--encrypt-tile", "16x4"});
  ASSERT_EQ(workload::run(w), 0);
  expect_same(kSamples / "decode.tct", folder / "decode.tct");
}

TEST(CommittedSamples, host_comes_out_of_the_program_again) {
  const test_support::TempFolder folder;
  auto w = words(folder / "host.tct");
  w.insert(w.end(), {"--weights", "none", "--no-times"});
  ASSERT_EQ(workload::run(w), 0);
  expect_same(kSamples / "host.tct", folder / "host.tct");
}

// What readers of the sample count on.
TEST(CommittedSamples, decode_has_everything) {
  expect_valid(kSamples / "decode.tct");
  trace::Reader reader(kSamples / "decode.tct");
  unsigned switches = 0;
  unsigned flushed = 0;
  std::string before;
  std::set<std::pair<unsigned, unsigned>> ran, encrypted;  // layer, bits
  while (reader.next()) {
    const trace::Record& r = reader.record();
    if (r.has_mod_mul()) encrypted.emplace(r.mod_mul().layer(), r.mod_mul().weight_bits());
    if (r.has_token()) {
      for (unsigned l = 0; l < 8; ++l) ran.emplace(l, r.token().layer_bits()[l]);
      if (!before.empty() && r.token().layer_bits() != before) ++switches;
      before = r.token().layer_bits();
    }
    if (r.has_kv_append() && !before.empty() && r.kv_append().encoded_tokens() == 128) ++flushed;
  }
  EXPECT_GE(switches, 2U);
  EXPECT_EQ(flushed, 8U);  // the residual of every layer, while decoding
  ran.emplace(8, 8);       // the head
  EXPECT_EQ(encrypted, ran);
  for (const Kind kind :
       {Kind::tensor, Kind::prefill, Kind::gemv, Kind::kv_attend, Kind::modulus, Kind::mod_mul}) {
    EXPECT_GT(reader.counts()[static_cast<unsigned>(kind)], 0U) << trace::kind_name(kind);
  }
  EXPECT_FALSE(reader.header().synthetic_weights());
  EXPECT_TRUE(reader.header().content().weights());
}

// What the ring and whole-platform configurations count on.
TEST(CommittedSamples, llama2_7b_32k_has_what_a_long_context_needs) {
  const std::filesystem::path file = kSamples / "llama2_7b_32k.tct";
  expect_valid(file);
  trace::Reader reader(file);
  const trace::Header& h = reader.header();
  EXPECT_EQ(h.backend(), "cuda");
  EXPECT_TRUE(h.synthetic_weights());
  EXPECT_TRUE(h.content().filled_cache());
  EXPECT_TRUE(h.content().tile_digests());
  EXPECT_EQ(h.flexquant().schedule(), "share 0.46");
  unsigned token = 0;
  unsigned flushed = 0;
  std::string bits;
  while (reader.next()) {
    const trace::Record& r = reader.record();
    if (r.has_prefill()) {
      EXPECT_EQ(r.prefill().tokens(), 32768U);
      EXPECT_EQ(r.prefill().blocks_size(), 32 * 25);
      for (const auto& b : r.prefill().blocks()) EXPECT_GT(b.attention_ns(), 0U);
    }
    if (r.has_token()) {
      token = r.token().index();
      bits = r.token().layer_bits();
      EXPECT_GT(r.token().time_ns(), 0U);
    }
    if (r.has_gemv()) {
      ASSERT_EQ(r.gemv().has_time_ns(), token % 8 == 0);
    }
    if (r.has_kv_attend()) {
      EXPECT_EQ(r.kv_attend().context_tokens(), 32769 + token);
      ASSERT_EQ(r.kv_attend().has_attend_ns(), token % 8 == 0);
    }
    if (r.has_kv_append() && !bits.empty() && r.kv_append().encoded_tokens() != 0) ++flushed;
  }
  EXPECT_EQ(std::count(bits.begin(), bits.end(), '\4'), 15);
  EXPECT_EQ(flushed, 32U);
}

TEST(CommittedSamples, host_is_the_same_run_on_the_host) {
  expect_valid(kSamples / "host.tct");
  trace::Reader reader(kSamples / "host.tct");
  EXPECT_EQ(reader.header().backend(), "host");
  EXPECT_FALSE(reader.header().content().measured_times());
}

}  // namespace
