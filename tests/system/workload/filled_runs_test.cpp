// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Runs with --fill: what a shape-only trace holds and says about itself.
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_folder.h"
#include "traces/io/reader.h"
#include "traces/io/validate.h"
#include "traces/workload/app/verbs.h"

namespace {

using Words = std::vector<std::string>;

class FilledRuns : public ::testing::Test {
 protected:
  Words words(const std::string& out, const Words& more = {}) const {
    Words w = {"--synthetic",   "tiny",    "--fill", "3072",   "--tokens",   "140",       "--precision",
               "flexquant",     "--share", "0.5",    "--int4", "nested",     "--weights", "digest",
               "--activations", "0",       "-q",     "-o",     folder_ / out};
    w.insert(w.end(), more.begin(), more.end());
    return w;
  }
  std::string digest(const std::string& name) const {
    trace::Reader reader(folder_ / name);
    while (reader.next()) {
    }
    return reader.digest();
  }
  test_support::TempFolder folder_;
};

TEST_F(FilledRuns, hold_a_long_context_and_say_what_they_are) {
  ASSERT_EQ(workload::run(words("t.tct")), 0);
  trace::Reader reader(folder_ / "t.tct");
  const trace::Header& h = reader.header();
  EXPECT_TRUE(h.synthetic_weights());
  EXPECT_TRUE(h.content().filled_cache());
  EXPECT_EQ(h.prompt_ids_size(), 0);
  EXPECT_EQ(h.model().context(), 3072U + 140U);  // beyond the shape's own 2048
  EXPECT_EQ(h.flexquant().schedule(), "share 0.5");
  EXPECT_EQ(h.flexquant().thresholds_size(), 0);
  EXPECT_EQ(h.kv().sub_vectors(), 8U);
  EXPECT_EQ(h.calibration_digest(), "");
  unsigned token = 0;
  std::uint64_t attended = 0;
  std::set<std::tuple<unsigned, unsigned, bool>> pieces;
  std::string bits;
  while (reader.next()) {
    const trace::Record& r = reader.record();
    if (r.has_prefill()) {
      EXPECT_EQ(r.prefill().tokens(), 3072U);
      EXPECT_EQ(r.prefill().bytes_per_element(), 2U);
      EXPECT_FALSE(r.prefill().has_time_ns());
      EXPECT_EQ(r.prefill().blocks_size() % 2, 0);  // of two layers alike
      for (const auto& b : r.prefill().blocks()) {
        pieces.emplace(b.query_tokens(), b.kv_tokens(), b.causal());
        EXPECT_FALSE(b.has_attention_ns());  // the host measures none
      }
    }
    if (r.has_kv_append() && bits.empty()) {
      EXPECT_EQ(r.kv_append().encoded_tokens(), 3072U);
      EXPECT_EQ(r.kv_append().code_bytes(), 3072U * 2 * 2 * 8);  // kv heads, keys and values, codes
    }
    if (r.has_kv_append() && !bits.empty() && r.kv_append().encoded_tokens() != 0) {
      EXPECT_EQ(token, 128U);
    }
    if (r.has_token()) {
      token = r.token().index();
      bits = r.token().layer_bits();
      EXPECT_EQ(r.token().position(), 3072 + token);
      EXPECT_EQ(r.token().pple() == 0, token == 0);
      // Half of two layers, from the middle of the run on; the one switches when half a layer rounds up.
      EXPECT_EQ(bits, token < 35 ? std::string("\x08\x08") : std::string("\x04\x08")) << token;
    }
    if (r.has_kv_attend()) {
      EXPECT_EQ(r.kv_attend().context_tokens(), 3073 + token);
      ++attended;
    }
  }
  EXPECT_EQ(token, 139U);
  EXPECT_EQ(attended, 280U);
  EXPECT_TRUE(pieces.count({3072, 3072, true}));
  for (unsigned devices = 2; devices <= 64; devices *= 2) {
    const unsigned part = 3072 / devices;
    EXPECT_TRUE(pieces.count({part, part, true})) << devices;
    EXPECT_TRUE(pieces.count({part, part, false})) << devices;
    EXPECT_TRUE(pieces.count({part, part / 2, false})) << devices;
    EXPECT_TRUE(pieces.count({part / 2, part, false})) << devices;
  }
  trace::Reader again(folder_ / "t.tct");
  EXPECT_EQ(trace::validate(again, [](const std::string& line) { ADD_FAILURE() << line; }).problems, 0U);
}

TEST_F(FilledRuns, come_out_the_same_with_any_number_of_threads) {
  for (const char* kv : {"pq", "fp16"}) {
    ASSERT_EQ(workload::run(words("a.tct", {"--no-times", "--kv", kv, "-j", "1"})), 0);
    ASSERT_EQ(workload::run(words("b.tct", {"--no-times", "--kv", kv, "-j", "3"})), 0);
    EXPECT_EQ(digest("a.tct"), digest("b.tct"));
  }
  ASSERT_EQ(workload::run(words("c.tct", {"--no-times", "--kv", "fp16", "--seed", "2"})), 0);
  EXPECT_NE(digest("b.tct"), digest("c.tct"));
}

}  // namespace
