// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/host/thread_pool.h"

#include <atomic>
#include <stdexcept>
#include <vector>

#include <gtest/gtest.h>

namespace {

using workload::ThreadPool;

TEST(ThreadPool, every_index_once_whatever_the_number_of_threads) {
  for (const unsigned threads : {1U, 2U, 3U, 8U}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    const auto parallel = pool.parallel();
    for (const std::size_t count : {0, 1, 2, 3, 7, 100, 4097}) {
      std::vector<std::atomic<int>> calls(count);
      parallel(count, [&](std::size_t begin, std::size_t end) {
        ASSERT_LE(begin, end);
        for (std::size_t i = begin; i < end; ++i) ++calls[i];
      });
      for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(calls[i], 1) << count << " " << i;
    }
  }
}

TEST(ThreadPool, many_short_rounds) {
  ThreadPool pool(4);
  const auto parallel = pool.parallel();
  std::vector<std::uint64_t> sums(64);
  for (unsigned round = 0; round < 20000; ++round) {
    parallel(sums.size(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) sums[i] += i;
    });
  }
  for (std::size_t i = 0; i < sums.size(); ++i) EXPECT_EQ(sums[i], 20000 * i);
}

// A worker that is late in one round must not take the next one, which has more ranges, for its own. Workers
// that sleep at once are late often.
TEST(ThreadPool, rounds_of_different_lengths) {
  for (const int looks : {0, 200}) {
    ThreadPool pool(8, looks);
    const auto parallel = pool.parallel();
    std::vector<std::atomic<unsigned>> calls(16);
    for (unsigned round = 0; round < 60000; ++round) {
      const std::size_t count = round % 2 == 0 ? 2 : calls.size();
      for (auto& c : calls) c = 0;
      parallel(count, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) ++calls[i];
      });
      for (std::size_t i = 0; i < calls.size(); ++i)
        ASSERT_EQ(calls[i], i < count ? 1U : 0U) << round << " " << i;
    }
  }
}

TEST(ThreadPool, an_exception_reaches_the_caller_and_the_pool_goes_on) {
  ThreadPool pool(3);
  const auto parallel = pool.parallel();
  for (int again = 0; again < 50; ++again) {
    EXPECT_THROW(parallel(12,
                          [](std::size_t begin, std::size_t end) {
                            if (begin <= 11 && 11 < end) throw std::runtime_error("no");
                          }),
                 std::runtime_error);
    std::atomic<std::size_t> done{0};
    parallel(12, [&](std::size_t begin, std::size_t end) { done += end - begin; });
    EXPECT_EQ(done, 12U);
  }
}

TEST(ThreadPool, zero_means_as_many_as_there_are) {
  EXPECT_GE(workload::available_processors(), 1U);
  EXPECT_EQ(ThreadPool(0).threads(), workload::available_processors());
}

}  // namespace
