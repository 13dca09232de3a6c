// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/decoder.h"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "traces/workload/host/f32_ops.h"
#include "traces/workload/host/kv_caches.h"
#include "traces/workload/host/quantised_ops.h"
#include "traces/workload/host/thread_pool.h"
#include "traces/workload/model/synthetic.h"

namespace {

using workload::Decoder;
using workload::F32Ops;
using workload::KvFormat;

std::vector<std::uint32_t> ids_of(std::size_t count) {
  std::vector<std::uint32_t> ids(count);
  for (std::size_t i = 0; i < count; ++i) ids[i] = static_cast<std::uint32_t>((i * i * 7 + 3 * i + 1) % 256);
  return ids;
}

class DecoderTest : public ::testing::Test {
 protected:
  workload::KvShape kv_shape(unsigned capacity) const {
    const auto& s = weights_.shape;
    return {s.layers, s.heads, s.kv_heads, s.head_dim, capacity};
  }
  workload::Weights weights_ = workload::synthetic_weights(workload::synthetic_shape("tiny"), 11);
};

// The same sequence, once as a prompt and once token by token: two code paths, one function.
TEST_F(DecoderTest, a_prompt_and_single_tokens_agree) {
  const auto ids = ids_of(100);
  const workload::ParallelFor serial = workload::serial_for;
  F32Ops ops(weights_, serial);
  const auto cache_a = make_kv_cache(KvFormat::f32, kv_shape(128), nullptr, serial);
  const auto cache_b = make_kv_cache(KvFormat::f32, kv_shape(128), nullptr, serial);
  Decoder prompt(weights_, ops, *cache_a, serial);
  Decoder single(weights_, ops, *cache_b, serial);
  std::vector<std::vector<float>> all;
  const auto last = prompt.prefill(ids, [&](unsigned index, const float* logits) {
    EXPECT_EQ(index, all.size());
    all.emplace_back(logits, logits + 256);
  });
  ASSERT_EQ(all.size(), ids.size());
  EXPECT_EQ(all.back(), last);
  for (std::size_t t = 0; t < ids.size(); ++t) {
    const auto& logits = single.step(ids[t]);
    for (unsigned v = 0; v < 256; ++v) ASSERT_NEAR(logits[v], all[t][v], 2e-5F) << t << " " << v;
  }
  // And both go on alike: the prompt's keys and values are in the cache.
  const auto a = prompt.step(17);
  const auto b = single.step(17);
  for (unsigned v = 0; v < 256; ++v) ASSERT_NEAR(a[v], b[v], 2e-5F);
  EXPECT_EQ(prompt.position(), 101U);
}

// Nothing in a result depends on how many threads there are, nor on the instruction set.
TEST_F(DecoderTest, the_same_bits_with_any_number_of_threads_at_any_level) {
  const auto ids = ids_of(70);
  std::vector<float> expected;
  for (const unsigned threads : {1U, 2U, 3U, 5U}) {
    for (const auto level :
         {workload::SimdLevel::portable, workload::SimdLevel::avx2, workload::SimdLevel::avx512}) {
      if (level > workload::detect_simd_level()) continue;
      workload::ThreadPool pool(threads);
      workload::QuantisedSettings settings;
      settings.level = level;
      workload::QuantisedOps quantised(weights_, settings, pool.parallel());
      quantised.set_layer_bits({4, 8});
      F32Ops plain(weights_, pool.parallel(), level);
      std::vector<float> got;
      for (workload::LinearOps* ops :
           {static_cast<workload::LinearOps*>(&quantised), static_cast<workload::LinearOps*>(&plain)}) {
        for (const KvFormat format : {KvFormat::f32, KvFormat::fp16, KvFormat::int4}) {
          workload::KvCacheSettings cache;
          cache.level = level;
          const auto kv = make_kv_cache(format, kv_shape(128), nullptr, pool.parallel(), cache);
          Decoder decoder(weights_, *ops, *kv, pool.parallel(), level);
          decoder.prefill(ids);
          for (const std::uint32_t id : {5U, 6U, 7U}) {
            const auto& logits = decoder.step(id);
            got.insert(got.end(), logits.begin(), logits.end());
          }
        }
      }
      if (expected.empty()) expected = got;
      ASSERT_EQ(got, expected) << threads << " threads, " << name(level);
    }
  }
}

TEST_F(DecoderTest, a_new_sequence_knows_nothing_of_the_old_one) {
  const workload::ParallelFor serial = workload::serial_for;
  F32Ops ops(weights_, serial);
  const auto cache = make_kv_cache(KvFormat::f32, kv_shape(32), nullptr, serial);
  Decoder decoder(weights_, ops, *cache, serial);
  const auto first = decoder.prefill(ids_of(9));
  decoder.reset();
  EXPECT_EQ(decoder.position(), 0U);
  decoder.prefill(ids_of(20));
  decoder.reset();
  EXPECT_EQ(decoder.prefill(ids_of(9)), first);
}

TEST_F(DecoderTest, what_does_not_fit_is_refused) {
  const workload::ParallelFor serial = workload::serial_for;
  F32Ops ops(weights_, serial);
  const auto cache = make_kv_cache(KvFormat::f32, kv_shape(4), nullptr, serial);
  Decoder decoder(weights_, ops, *cache, serial);
  const auto code = [](const auto& call) {
    try {
      call();
    } catch (const sim::Error& e) {
      return e.exit_code();
    }
    return sim::Exit::done;
  };
  EXPECT_EQ(code([&] { decoder.prefill({}); }), sim::Exit::input);
  EXPECT_EQ(code([&] { decoder.prefill({1, 256}); }), sim::Exit::input);
  EXPECT_EQ(code([&] { decoder.prefill(ids_of(5)); }), sim::Exit::limit);
  decoder.prefill(ids_of(3));
  EXPECT_EQ(code([&] { decoder.prefill(ids_of(1)); }), sim::Exit::internal);
  EXPECT_EQ(code([&] { decoder.step(256); }), sim::Exit::input);
  decoder.step(1);
  EXPECT_EQ(code([&] { decoder.step(1); }), sim::Exit::limit);
}

TEST_F(DecoderTest, a_prefill_can_be_stopped) {
  const workload::ParallelFor serial = workload::serial_for;
  F32Ops ops(weights_, serial);
  const auto cache = make_kv_cache(KvFormat::f32, kv_shape(32), nullptr, serial);
  Decoder decoder(weights_, ops, *cache, serial);
  int asked = 0;
  decoder.set_stop([&] { return ++asked == 2; });
  EXPECT_THROW(decoder.prefill(ids_of(9)), sim::Error);
  EXPECT_EQ(asked, 2);  // once a layer
}

class Recorder : public workload::RunObserver {
 public:
  void on_prefill(const workload::PrefillReport& r) override {
    log += "P" + std::to_string(r.tokens) + "/" + std::to_string(r.blocks.size()) + " ";
  }
  void on_gemv(const workload::GemvReport& r) override {
    log += "g" + std::to_string(r.layer) + "." + std::to_string(static_cast<int>(r.matrix)) + " ";
  }
  void on_kv_append(unsigned layer, const workload::KvAppendReport& r) override {
    log += "a" + std::to_string(layer) + "+" + std::to_string(r.appended_tokens) + " ";
  }
  void on_kv_attend(unsigned layer, const workload::KvAttendReport& r) override {
    log += "t" + std::to_string(layer) + "=" + std::to_string(r.context_tokens) + " ";
  }
  std::string log;
};

TEST_F(DecoderTest, an_observer_hears_everything_in_order) {
  const workload::ParallelFor serial = workload::serial_for;
  F32Ops ops(weights_, serial);
  const auto cache = make_kv_cache(KvFormat::f32, kv_shape(32), nullptr, serial);
  Decoder decoder(weights_, ops, *cache, serial);
  Recorder recorder;
  decoder.set_observer(&recorder);
  decoder.prefill(ids_of(3));
  EXPECT_EQ(recorder.log, "a0+3 a1+3 P3/2 ");
  recorder.log.clear();
  decoder.step(1);
  EXPECT_EQ(recorder.log, "g0.1 a0+1 t0=4 g0.2 g0.3 g0.4 g1.1 a1+1 t1=4 g1.2 g1.3 g1.4 g2.5 ");
}

}  // namespace
