// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/credits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/parts.h"

namespace {

using sim::ClockDomain;
using sim::Credits;
using sim::Cycle;
using sim::Failure;
using sim::kNever;
using test::Probe;
using testing::ElementsAre;
using testing::HasSubstr;

struct CreditsTest : testing::Test {
  Failure failure;
  ClockDomain domain{"core", 1000, failure};
  Credits credits{domain, "lane0.slots", 2};
};

TEST_F(CreditsTest, GivenIsTakeableInTheNextCycleNotInThisOne) {
  Probe giver;
  Probe taker;
  std::vector<std::uint64_t> available;
  giver.plan = taker.plan = test::until(4);
  giver.on_edge = [&](Cycle now) {
    if (now == 3) credits.give();
  };
  taker.on_edge = [&](Cycle now) {
    available.push_back(credits.available());
    if (now == 1) credits.take(2);
  };
  domain.add(giver);
  domain.add(taker);
  sim::run(failure);
  EXPECT_THAT(available, ElementsAre(2, 0, 0, 1));
  EXPECT_EQ(credits.outstanding(), 1U);
  EXPECT_EQ(credits.initial(), 2U);
}

TEST_F(CreditsTest, TakerSleepsUntilCreditsComeBack) {
  Probe giver;
  giver.plan = [](Cycle now) { return now < 100 ? 100 : kNever; };
  giver.on_edge = [&](Cycle) { credits.give(); };
  Probe taker;
  std::vector<Cycle> taken;
  credits.bind_taker(taker);
  taker.plan = [&](Cycle now) { return credits.can_take() ? now + 1 : kNever; };
  taker.on_edge = [&](Cycle now) {
    credits.take();
    taken.push_back(now);
  };
  domain.add(giver);
  domain.add(taker);
  sim::run(failure);
  EXPECT_THAT(taken, ElementsAre(1, 2, 101));
  EXPECT_EQ(domain.edges(), 4U);
}

TEST_F(CreditsTest, TakingTooManyIsADefect) {
  EXPECT_FALSE(credits.can_take(3));
  EXPECT_THROW(credits.take(3), sim::Error);
  EXPECT_THROW(Credits(domain, "none", 0), sim::Error);
}

TEST_F(CreditsTest, GivingTooManyIsFoundWhateverTheOrder) {
  // Taken and given back in one cycle: a credit cannot be back before it is used.
  Probe taker;
  Probe giver;
  taker.plan = giver.plan = test::until(1);
  taker.on_edge = [&](Cycle) { credits.take(1); };
  giver.on_edge = [&](Cycle) { credits.give(2); };
  domain.add(taker);
  domain.add(giver);
  try {
    sim::run(failure);
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::check);
    EXPECT_THAT(e.what(), HasSubstr("lane0.slots"));
  }
}

TEST_F(CreditsTest, ConservationAtTheEnd) {
  credits.check_all_returned();
  credits.take(2);
  try {
    credits.check_all_returned();
    FAIL();
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::check);
    EXPECT_THAT(e.what(), HasSubstr("2 of 2 never came back"));
  }
  credits.give(2);
  credits.check_all_returned();  // on their way counts
  sim::run(failure);
  EXPECT_EQ(credits.available(), 2U);
}

}  // namespace
