// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/fifo.h"

#include <deque>
#include <memory>
#include <numeric>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/parts.h"

namespace {

using sim::ClockDomain;
using sim::Cycle;
using sim::Failure;
using sim::Fifo;
using sim::kNever;
using test::Probe;
using test::Sink;
using test::Source;
using testing::ElementsAre;
using testing::HasSubstr;

struct FifoTest : testing::Test {
  Failure failure;
  ClockDomain domain{"core", 1000, failure};
};

TEST_F(FifoTest, PushedIsPoppableInTheNextCycleNotInThisOne) {
  Fifo<int> fifo(domain, "fifo", 4);
  Probe producer;
  Probe consumer;
  std::vector<bool> poppable;
  producer.plan = consumer.plan = test::until(3);
  producer.on_edge = [&](Cycle now) {
    if (now == 2) fifo.push(42);
    EXPECT_EQ(fifo.size(), now == 3 ? 1U : 0U);  // its own push does not show
  };
  consumer.on_edge = [&](Cycle) { poppable.push_back(fifo.can_pop()); };
  domain.add(producer);
  domain.add(consumer);  // evaluates after the producer, and sees nothing of it
  sim::run(failure);
  EXPECT_THAT(poppable, ElementsAre(false, false, true));
}

TEST_F(FifoTest, SpaceIsUsableInTheNextCycleNotInThisOne) {
  Fifo<int> fifo(domain, "fifo", 1);
  Probe producer;
  Probe consumer;
  std::vector<bool> pushable;
  producer.plan = consumer.plan = test::until(4);
  consumer.on_edge = [&](Cycle now) {
    if (now == 3) {
      EXPECT_EQ(fifo.pop(), 42);
    }
    EXPECT_EQ(fifo.can_pop(), now == 2);
  };
  producer.on_edge = [&](Cycle now) {
    pushable.push_back(fifo.can_push());
    if (now == 1) fifo.push(42);
  };
  domain.add(consumer);
  domain.add(producer);  // evaluates after the pop, and sees nothing of it
  sim::run(failure);
  EXPECT_THAT(pushable, ElementsAre(true, false, false, true));
}

TEST_F(FifoTest, CapacityTwoSustainsOnePerCycle) {
  Fifo<int> fifo(domain, "fifo", 2);
  Source source(fifo, 1000);
  Sink sink(fifo);
  domain.add(source);
  domain.add(sink);
  sim::run(failure);
  std::vector<int> all(1000);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(sink.values, all);
  EXPECT_EQ(sink.popped_at.front(), 2U);
  EXPECT_EQ(sink.popped_at.back(), 1001U);  // no bubble
}

TEST_F(FifoTest, CapacityOneSustainsOneEveryOtherCycle) {
  Fifo<int> fifo(domain, "fifo", 1);
  Source source(fifo, 100);
  Sink sink(fifo);
  domain.add(source);
  domain.add(sink);
  sim::run(failure);
  EXPECT_EQ(sink.popped_at.front(), 2U);
  EXPECT_EQ(sink.popped_at.back(), 2U + 2 * 99);
}

TEST_F(FifoTest, FullFifoDrainsAtFullRateOnceTheConsumerStarts) {
  Fifo<int> fifo(domain, "fifo", 3);
  Source source(fifo, 50);
  Sink sink(fifo, 20);
  domain.add(source);
  domain.add(sink);
  sim::run(failure);
  EXPECT_THAT(std::vector<Cycle>(source.pushed_at.begin(), source.pushed_at.begin() + 4),
              ElementsAre(1, 2, 3, 21));  // space of the pop in 20
  EXPECT_EQ(sink.popped_at.front(), 20U);
  EXPECT_EQ(sink.popped_at.back(), 20U + 49);
}

TEST_F(FifoTest, ProducerThatNeverAskedInVainIsNotWoken) {
  Fifo<int> fifo(domain, "fifo", 8);
  Source source(fifo, 4);
  Sink sink(fifo);
  domain.add(source);
  domain.add(sink);
  sim::run(failure);
  EXPECT_EQ(domain.evaluations(), 4U + 4U);
}

TEST_F(FifoTest, SeveralPerCycle) {
  Fifo<int> fifo(domain, "fifo", 6);
  Probe producer;
  Probe consumer;
  std::vector<int> got;
  producer.plan = consumer.plan = test::until(4);
  producer.on_edge = [&](Cycle now) {
    EXPECT_EQ(fifo.can_push(3), now != 3);
    if (now == 3) return;
    for (int i = 0; i < 3; ++i) fifo.push(static_cast<int>(now) * 10 + i);
  };
  consumer.on_edge = [&](Cycle now) {
    if (now < 3) return;
    EXPECT_EQ(fifo.can_pop(3), now == 3);
    while (fifo.can_pop()) got.push_back(fifo.pop());
  };
  domain.add(producer);
  domain.add(consumer);
  sim::run(failure);
  EXPECT_THAT(got, ElementsAre(10, 11, 12, 20, 21, 22));
  EXPECT_EQ(fifo.size(), 3U);
}

TEST_F(FifoTest, FrontCanBeChangedAndMovedOut) {
  Fifo<std::unique_ptr<int>> fifo(domain, "fifo", 2);
  fifo.push(std::make_unique<int>(1));
  Probe consumer;
  std::unique_ptr<int> got;
  consumer.on_edge = [&](Cycle) {
    *fifo.front() = 5;
    got = fifo.pop();
  };
  domain.add(consumer);
  fifo.bind_consumer(consumer);
  sim::run(failure);
  ASSERT_NE(got, nullptr);
  EXPECT_EQ(*got, 5);
}

TEST_F(FifoTest, MisuseIsReportedWithNameAndLevel) {
  Fifo<int> fifo(domain, "lane0.in", 1);
  try {
    fifo.pop();
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::internal);
    EXPECT_THAT(e.what(), HasSubstr("lane0.in (0/1): front() while empty"));
  }
  fifo.push(1);
  EXPECT_THROW(fifo.push(2), sim::Error);
  EXPECT_THROW((Fifo<int>(domain, "none", 0)), sim::Error);
}

// Against a plain queue: random bursts of pushes and pops, every capacity.
TEST_F(FifoTest, AgreesWithAQueueUnderRandomTraffic) {
  struct Pair {
    Fifo<int> fifo;
    std::deque<int> committed, fresh;
    std::size_t popped = 0;
    int next = 0;
    Pair(ClockDomain& d, std::size_t capacity) : fifo(d, "fifo", capacity) {}
  };
  std::vector<std::unique_ptr<Pair>> pairs;
  for (std::size_t capacity = 1; capacity <= 9; ++capacity)
    pairs.push_back(std::make_unique<Pair>(domain, capacity));
  std::mt19937 random(3);
  Probe producer;
  Probe consumer;
  producer.plan = consumer.plan = test::until(2000);
  producer.on_edge = [&](Cycle) {
    for (auto& p : pairs) {
      for (unsigned n = random() % 4; n > 0; --n) {
        const bool fits = p->committed.size() + p->fresh.size() < p->fifo.capacity();
        ASSERT_EQ(p->fifo.can_push(), fits);
        if (!fits) break;
        p->fresh.push_back(p->next);
        p->fifo.push(p->next++);
      }
    }
  };
  consumer.on_edge = [&](Cycle) {
    for (auto& p : pairs) {
      ASSERT_EQ(p->fifo.size(), p->committed.size());
      for (unsigned n = random() % 4; n > 0; --n) {
        ASSERT_EQ(p->fifo.can_pop(), p->popped < p->committed.size());
        if (!p->fifo.can_pop()) break;
        ASSERT_EQ(p->fifo.pop(), p->committed[p->popped++]);
      }
    }
  };
  Probe committer;  // asked after the commit: moves the reference on
  committer.plan = [&](Cycle now) {
    for (auto& p : pairs) {
      p->committed.erase(p->committed.begin(), p->committed.begin() + static_cast<std::ptrdiff_t>(p->popped));
      p->committed.insert(p->committed.end(), p->fresh.begin(), p->fresh.end());
      p->fresh.clear();
      p->popped = 0;
    }
    return now < 2000 ? now + 1 : kNever;
  };
  domain.add(producer);
  domain.add(consumer);
  domain.add(committer);
  domain.shuffle(5);
  sim::run(failure);
  for (auto& p : pairs) EXPECT_GT(p->next, 500);
}

}  // namespace
