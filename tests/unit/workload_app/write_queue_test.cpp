// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/app/write_queue.h"

#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace {

using workload::WriteQueue;

TEST(WriteQueue, keeps_the_order) {
  std::vector<int> done;
  {
    WriteQueue queue;
    for (int i = 0; i < 500; ++i) queue.add([&done, i] { done.push_back(i); });
    queue.drain();
    EXPECT_EQ(done.size(), 500U);
    for (int i = 500; i < 510; ++i) queue.add([&done, i] { done.push_back(i); });
  }  // does what is left
  ASSERT_EQ(done.size(), 510U);
  for (int i = 0; i < 510; ++i) EXPECT_EQ(done[i], i);
}

TEST(WriteQueue, an_error_reaches_the_caller_and_stops_the_rest) {
  bool after = false;
  WriteQueue queue;
  EXPECT_THROW(
      {
        queue.add([] { throw std::runtime_error("disk full"); });
        queue.add([&] { after = true; });  // throws if the first one is over already
        queue.drain();
      },
      std::runtime_error);
  queue.add([&] { after = true; });
  queue.drain();
  EXPECT_FALSE(after);
}

}  // namespace
