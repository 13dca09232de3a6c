// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/agenda.h"

#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/core/parts.h"

namespace {

using sim::Agenda;
using sim::Clocked;
using sim::Cycle;
using sim::kNever;
using test::Probe;

std::set<Clocked*> taken(Agenda& agenda, Cycle now) {
  std::vector<Clocked*> out;
  agenda.take(now, out);
  std::set<Clocked*> set(out.begin(), out.end());
  EXPECT_EQ(set.size(), out.size()) << "a member twice at one edge";
  return set;
}

TEST(Agenda, EmptyHasNothingNext) {
  Agenda agenda;
  EXPECT_EQ(agenda.next(), kNever);
  EXPECT_FALSE(agenda.anyone_armed());
  EXPECT_TRUE(taken(agenda, 100).empty());
}

TEST(Agenda, PlanReplacesPlanButNotWakes) {
  Agenda agenda;
  Probe a;
  agenda.plan(a, 50);
  agenda.wake(a, 70);
  agenda.plan(a, 60);
  EXPECT_EQ(agenda.next(), 60U);
  agenda.plan(a, kNever);
  EXPECT_EQ(agenda.next(), 70U);
  EXPECT_TRUE(taken(agenda, 69).empty());
  EXPECT_EQ(taken(agenda, 70), std::set<Clocked*>{&a});
  EXPECT_EQ(agenda.next(), kNever);
}

TEST(Agenda, SeveralReasonsAreOneEvaluation) {
  Agenda agenda;
  Probe a;
  agenda.plan(a, 5);
  agenda.wake(a, 5);
  agenda.wake(a, 4);
  agenda.arm(a, 5);
  agenda.arm(a, 5);
  EXPECT_EQ(taken(agenda, 5), std::set<Clocked*>{&a});
  EXPECT_TRUE(taken(agenda, 6).empty());
}

TEST(Agenda, ClearForgetsAndAllowsTheSameAgain) {
  Agenda agenda;
  Probe a;
  agenda.plan(a, 9);
  agenda.wake(a, 8);
  agenda.arm(a, 7);
  agenda.clear({&a});
  EXPECT_EQ(agenda.next(), kNever);
  EXPECT_FALSE(agenda.anyone_armed());
  agenda.wake(a, 8);
  EXPECT_EQ(taken(agenda, 8), std::set<Clocked*>{&a});
}

TEST(Agenda, AgreesWithSearchOverManyRandomPlans) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    Agenda agenda;
    std::vector<std::unique_ptr<Probe>> members;
    for (int i = 0; i < 40; ++i) members.push_back(std::make_unique<Probe>());
    std::map<Clocked*, Cycle> plans;  // the reference
    std::map<Clocked*, std::set<Cycle>> wakes;
    for (Cycle now = 1; now < 400; ++now) {
      for (int k = 0; k < 6; ++k) {
        Probe* m = members[random() % members.size()].get();
        const Cycle at = now + random() % 30;
        switch (random() % 4) {
          case 0:
            agenda.wake(*m, at);
            wakes[m].insert(at);
            break;
          case 1:
            agenda.plan(*m, kNever);
            plans.erase(m);
            break;
          default:
            agenda.plan(*m, at);
            plans[m] = at;
        }
      }
      Cycle next = kNever;
      std::set<Clocked*> due;
      for (const auto& [m, at] : plans) next = std::min(next, at);
      for (const auto& [m, set] : wakes) {
        if (!set.empty()) next = std::min(next, *set.begin());
      }
      for (auto it = plans.begin(); it != plans.end();) {
        if (it->second <= now) {
          due.insert(it->first);
          it = plans.erase(it);
        } else {
          ++it;
        }
      }
      for (auto& [m, set] : wakes) {
        if (set.erase(now) != 0) due.insert(m);
      }
      ASSERT_EQ(agenda.next(), next) << "seed " << seed << " cycle " << now;
      ASSERT_EQ(taken(agenda, now), due) << "seed " << seed << " cycle " << now;
    }
  }
}

}  // namespace
