// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/sm_pool.h"

#include <gtest/gtest.h>

namespace ring {
namespace {

TEST(SmPool, AnUndisturbedKernelTakesItsDuration) {
  SmPool sms({1.0, 1.2, 1.4});
  sms.start(3, 3'000'000'001, true, 17);
  EXPECT_TRUE(sms.busy());
  EXPECT_EQ(sms.op(), 3U);
  EXPECT_EQ(sms.done_at(), 3'000'000'018U);
}

TEST(SmPool, TransfersBesideItSlowItDown) {
  SmPool sms({1.0, 1.2, 1.4});
  sms.sending(2, 0);
  sms.start(0, 3'000'000'000, true, 0);
  EXPECT_EQ(sms.done_at(), 4'200'000'000U);  // the A10 profile of ring.md: 3.0 -> 4.2 ms
  sms.sending(5, 2'100'000'000);             // as for two: the last entry
  EXPECT_EQ(sms.done_at(), 4'200'000'000U);
  sms.sending(0, 2'100'000'000);  // half of it is done
  EXPECT_EQ(sms.done_at(), 3'600'000'000U);
  sms.sending(1, 2'100'000'000);
  EXPECT_EQ(sms.done_at(), 3'900'000'000U);
}

TEST(SmPool, MergesAreNotSlowedDownButASlowGpuIs) {
  SmPool sms({1.0, 2.0});
  sms.sending(1, 0);
  sms.start(0, 1000, false, 0);
  EXPECT_EQ(sms.done_at(), 1000U);
  sms.speed(3, 500);
  EXPECT_EQ(sms.done_at(), 2000U);
  sms.speed(1, 800);  // a third of 300 is done
  EXPECT_EQ(sms.done_at(), 1200U);
}

TEST(SmPool, PartsOfAPicosecondRoundUpAtTheEndOnly) {
  SmPool sms({1.0, 1.000001});
  sms.sending(1, 0);
  sms.start(0, 1000, true, 0);
  EXPECT_EQ(sms.done_at(), 1001U);
  for (Ps t = 1; t < 1000; ++t) sms.sending(t % 2, t);  // changes every picosecond, half of them slow
  EXPECT_EQ(sms.done_at(), 1001U);
}

}  // namespace
}  // namespace ring
