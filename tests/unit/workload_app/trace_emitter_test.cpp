// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/trace_emitter.h"

#include <gtest/gtest.h>

#include "tests/support/model_folder.h"
#include "traces/io/reader.h"
#include "traces/workload/host/decoder.h"
#include "traces/workload/host/kv_caches.h"
#include "traces/workload/host/thread_pool.h"
#include "traces/workload/model/synthetic.h"

namespace {

using workload::EmitSettings;

std::vector<trace::Record> records_of(const std::filesystem::path& file) {
  std::vector<trace::Record> all;
  trace::Reader reader(file);
  while (reader.next()) all.push_back(reader.record());
  return all;
}

class TraceEmitterTest : public ::testing::Test {
 protected:
  // A prompt of three tokens and `tokens` decoded ones.
  std::vector<trace::Record> emit(const EmitSettings& settings, unsigned tokens) {
    const auto weights = workload::synthetic_weights(workload::synthetic_shape("tiny"), 1);
    const workload::ParallelFor serial = workload::serial_for;
    workload::QuantisedOps ops(weights, {}, serial);
    const auto& s = weights.shape;
    const auto cache = make_kv_cache(workload::KvFormat::fp16,
                                     {s.layers, s.heads, s.kv_heads, s.head_dim, 16}, nullptr, serial);
    workload::Decoder decoder(weights, ops, *cache, serial);
    {
      trace::Writer writer(folder_ / "t.tct", trace::Header());
      workload::WriteQueue queue;
      workload::TraceEmitter emitter(writer, queue, s, settings);
      decoder.set_observer(&emitter);
      if (keep_) ops.keep_sums(&emitter);
      decoder.prefill({1, 2, 3});
      const std::vector<std::uint8_t> bits = {8, 4};
      ops.set_layer_bits(bits);
      for (unsigned i = 0; i < tokens; ++i) {
        decoder.step(i);
        workload::TokenFacts facts;
        facts.index = i;
        facts.id = i + 1;
        facts.input_id = i;
        facts.position = 3 + i;
        facts.layer_bits = &bits;
        facts.time_ns = 77;
        emitter.end_token(facts);
      }
      decoder.step(0);  // a token that is not finished
      emitter.flush();
      queue.drain();
      writer.finish(false);
    }
    return records_of(folder_ / "t.tct");
  }
  test_support::TempFolder folder_;
  bool keep_ = true;  // the sums are written where the emitter wants them
};

TEST_F(TraceEmitterTest, a_token_stands_in_front_of_what_belongs_to_it) {
  const auto r = emit({}, 2);
  // Prefill and its two appends; two tokens of 1 + 9 products + 2 appends + 2 attentions; not the unfinished
  // one.
  ASSERT_EQ(r.size(), 3 + 2 * 14U);
  EXPECT_EQ(r[0].prefill().tokens(), 3U);
  EXPECT_EQ(r[0].prefill().blocks_size(), 2);
  EXPECT_EQ(r[1].kv_append().appended_tokens(), 3U);
  EXPECT_EQ(r[2].kv_append().layer(), 1U);
  for (const std::size_t first : {std::size_t{3}, std::size_t{17}}) {
    ASSERT_TRUE(r[first].has_token());
    EXPECT_EQ(r[first].token().layer_bits(), std::string("\x08\x04"));
    EXPECT_EQ(r[first].token().time_ns(), 77U);
    EXPECT_EQ(r[first + 1].gemv().matrix(), tricycle::trace::QKV_PROJ);
    EXPECT_TRUE(r[first + 2].has_kv_append());
    EXPECT_TRUE(r[first + 3].has_kv_attend());
    EXPECT_EQ(r[first + 4].gemv().weight_bits(), 8U);
    EXPECT_EQ(r[first + 7].gemv().weight_bits(), 4U);  // the second layer
    EXPECT_EQ(r[first + 13].gemv().matrix(), tricycle::trace::LM_HEAD);
    EXPECT_EQ(r[first + 13].gemv().weight_bits(), 8U);
    EXPECT_EQ(r[first + 13].gemv().layer(), 2U);
  }
  EXPECT_EQ(r[20].kv_attend().context_tokens(), 5U);
}

TEST_F(TraceEmitterTest, without_times_the_same_bytes) {
  EmitSettings settings;
  settings.times = false;
  const auto a = emit(settings, 2);
  const auto b = emit(settings, 2);
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    EXPECT_EQ(a[i].SerializeAsString(), b[i].SerializeAsString()) << i;
  EXPECT_FALSE(a[3].token().has_time_ns());
  EXPECT_FALSE(a[4].gemv().has_time_ns());
  EXPECT_FALSE(a[0].prefill().has_time_ns());
}

// Tokens are handed over eight at a time; what is copied and what is written in place is the same.
TEST_F(TraceEmitterTest, many_tokens_and_copied_sums) {
  EmitSettings settings;
  settings.times = false;
  const auto kept = emit(settings, 10);
  keep_ = false;
  const auto copied = emit(settings, 10);
  ASSERT_EQ(kept.size(), 3 + 10 * 14U);
  ASSERT_EQ(copied.size(), kept.size());
  for (std::size_t i = 0; i < kept.size(); ++i)
    EXPECT_EQ(kept[i].SerializeAsString(), copied[i].SerializeAsString()) << i;
  for (unsigned t = 0; t < 10; ++t) EXPECT_EQ(kept[3 + 14 * t].token().index(), t);
}

TEST_F(TraceEmitterTest, activations_of_every_second_token) {
  EmitSettings settings;
  settings.activations = 2;
  unsigned token = 0;
  for (const auto& r : emit(settings, 3)) {
    if (r.has_token()) token = r.token().index();
    if (!r.has_gemv()) continue;
    EXPECT_EQ(r.gemv().activation_codes().size(), token % 2 == 0 ? r.gemv().cols() : 0U);
    EXPECT_NE(r.gemv().result_digest(), 0U);
  }
  EXPECT_EQ(token, 2U);
  settings.activations = 0;
  for (const auto& r : emit(settings, 1)) EXPECT_TRUE(r.gemv().activation_codes().empty());
}

}  // namespace
