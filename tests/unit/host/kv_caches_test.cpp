// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/kv_caches.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "sim/core/error.h"

namespace workload {
namespace {

constexpr KvShape kSmallShape{1, 2, 1, 16, 10};

sim::Exit exit_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const sim::Error& error) {
    return error.exit_code();
  }
  return sim::Exit::done;
}

TEST(KvCaches, NamesComeBack) {
  for (const KvFormat format : {KvFormat::f32, KvFormat::fp16, KvFormat::pq, KvFormat::int4, KvFormat::int3,
                                KvFormat::int4_token, KvFormat::int3_token})
    EXPECT_EQ(parse_kv_format(name(format)), format);
  EXPECT_EQ(exit_of([] { parse_kv_format("fp8"); }), sim::Exit::usage);
}

TEST(KvCaches, RefuseShapesThatMakeNoSense) {
  for (const KvShape& shape : {KvShape{0, 2, 1, 16, 10}, KvShape{1, 0, 1, 16, 10}, KvShape{1, 2, 0, 16, 10},
                               KvShape{1, 2, 1, 0, 10}, KvShape{1, 2, 1, 16, 0}, KvShape{1, 3, 2, 16, 10}})
    EXPECT_EQ(exit_of([&] { make_kv_cache(KvFormat::f32, shape, nullptr, serial_for); }), sim::Exit::usage);
  EXPECT_EQ(exit_of([] {
              make_kv_cache(KvFormat::f32, kSmallShape, nullptr, serial_for, {true, 0, SimdLevel::portable});
            }),
            sim::Exit::usage);
}

TEST(KvCaches, PqNeedsCodebooksOfTheModel) {
  EXPECT_EQ(exit_of([] { make_kv_cache(KvFormat::pq, kSmallShape, nullptr, serial_for); }), sim::Exit::usage);
  const million::PqShape other{32, 16, 2};
  const million::Codebook book(other, std::vector<Float16>(other.elements(), 0));
  const million::Codebooks books{book, book};
  EXPECT_EQ(exit_of([&] { make_kv_cache(KvFormat::pq, kSmallShape, &books, serial_for); }), sim::Exit::input);
}

TEST(KvCaches, KeepToTheirCapacityAndRefuseWhatIsNotFinite) {
  const std::vector<float> x(16 * 11, 0.5F);
  std::vector<float> bad(16, 0.5F);
  bad[7] = std::numeric_limits<float>::quiet_NaN();
  for (const KvFormat format : {KvFormat::f32, KvFormat::fp16, KvFormat::int4, KvFormat::int3_token}) {
    const auto cache = make_kv_cache(format, kSmallShape, nullptr, serial_for);
    EXPECT_EQ(exit_of([&] { cache->append_prompt(0, 11, x.data(), x.data()); }), sim::Exit::limit);
    EXPECT_EQ(exit_of([&] { cache->append(0, bad.data(), x.data()); }), sim::Exit::internal);
    EXPECT_EQ(exit_of([&] { cache->append(0, x.data(), bad.data()); }), sim::Exit::internal);
    float out[32];
    EXPECT_EQ(exit_of([&] { cache->attend(0, x.data(), out); }), sim::Exit::internal);
    cache->append_prompt(0, 10, x.data(), x.data());
    EXPECT_EQ(exit_of([&] { cache->append(0, x.data(), x.data()); }), sim::Exit::limit);
    cache->attend(0, x.data(), out);
    for (const float value : out) EXPECT_EQ(value, 0.5F);  // all tokens are the same
    cache->clear();
    EXPECT_EQ(cache->size(0), 0U);
  }
}

TEST(KvCaches, BytesAToken) {
  const KvShape shape{1, 8, 8, 128, 10};
  const auto bytes = [&](KvFormat format) {
    return make_kv_cache(format, shape, nullptr, serial_for)->bytes_per_token();
  };
  EXPECT_EQ(bytes(KvFormat::f32), 1024);
  EXPECT_EQ(bytes(KvFormat::fp16), 512);
  EXPECT_EQ(bytes(KvFormat::int4),
            128 + 4 + 4);  // scale and zero point: a token's values, a channel's 128 keys
  EXPECT_EQ(bytes(KvFormat::int3), 96 + 4 + 4);
  EXPECT_EQ(bytes(KvFormat::int4_token), 128 + 8);
  const million::PqShape pq{128, 64, 8};
  const million::Codebook book(pq, std::vector<Float16>(pq.elements(), 0));
  const million::Codebooks books{book, book};
  EXPECT_EQ(make_kv_cache(KvFormat::pq, shape, &books, serial_for)->bytes_per_token(), 128);
}

}  // namespace
}  // namespace workload
