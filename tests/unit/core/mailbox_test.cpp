// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/core/mailbox.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/context.h"
#include "tests/unit/core/parts.h"

namespace {

using sim::ClockDomain;
using sim::Cycle;
using sim::Failure;
using sim::kNever;
using sim::Mailbox;
using test::ns;
using test::Probe;
using test::Script;
using testing::ElementsAre;
using testing::Pair;

using Arrival = std::pair<Cycle, std::string>;

struct Receiver {
  Receiver(ClockDomain& domain, Mailbox<std::string>& box) {
    box.bind_consumer(part);
    part.on_edge = [&](Cycle now) {
      box.pop_due(now, [&](std::string s) { got.emplace_back(now, std::move(s)); });
    };
    domain.add(part);
  }
  Probe part;
  std::vector<Arrival> got;
};

TEST(Mailbox, MessageIsTakenAtTheFirstEdgeStrictlyLater) {
  Failure failure;
  ClockDomain domain("core", 500, failure);  // 2 ns
  Mailbox<std::string> box(domain, "box");
  Receiver receiver(domain, box);
  Script script("script", [&] {
    box.post("at 0");
    sc_core::wait(ns(3.9));
    box.post("at 3.9");
    sc_core::wait(ns(0.1));
    box.post("at 4");  // the time of edge 2
    box.post_for(ns(10), "for 10");
    box.post_for(ns(9), "for 9");
  });
  sim::run(failure);
  EXPECT_THAT(receiver.got, ElementsAre(Pair(1, "at 0"), Pair(2, "at 3.9"), Pair(3, "at 4"), Pair(5, "for 9"),
                                        Pair(6, "for 10")));
  EXPECT_EQ(domain.edges(), 5U);
  EXPECT_EQ(box.next(), kNever);
}

// Two senders in domains of their own post at the same instants; the receiver sees them by source number,
// whichever domain the kernel runs first.
std::vector<Arrival> received(int order) {
  Failure failure;
  std::unique_ptr<ClockDomain> domains[3];
  const char* names[] = {"a", "b", "to"};
  const double mhz[] = {1000, 500, 1000};
  for (int i = 0; i < 3; ++i) {
    const int d = (i + order) % 3;
    domains[d] = std::make_unique<ClockDomain>(names[d], mhz[d], failure);
  }
  Mailbox<std::string> box(*domains[2], "box");
  Receiver receiver(*domains[2], box);
  Probe senders[2];
  for (unsigned s : {0U, 1U}) {
    senders[s].plan = test::until(6);
    senders[s].on_edge = [&, s](Cycle now) { box.post(names[s] + std::to_string(now), s); };
    domains[s]->add(senders[s]);
  }
  sim::run(failure);
  return receiver.got;
}

const std::vector<Arrival>& expected_arrivals() {
  static const std::vector<Arrival> all = {{2, "a1"}, {3, "a2"}, {3, "b1"},  {4, "a3"},
                                           {5, "a4"}, {5, "b2"}, {6, "a5"},  {7, "a6"},
                                           {7, "b3"}, {9, "b4"}, {11, "b5"}, {13, "b6"}};
  return all;
}
TEST(Mailbox, OrderOfDomainsDoesNotMatter0) { EXPECT_EQ(received(0), expected_arrivals()); }
TEST(Mailbox, OrderOfDomainsDoesNotMatter1) { EXPECT_EQ(received(1), expected_arrivals()); }
TEST(Mailbox, OrderOfDomainsDoesNotMatter2) { EXPECT_EQ(received(2), expected_arrivals()); }

TEST(Mailbox, ResetKeepsWhatWasPostedAtItsVeryTime) {
  for (bool before : {true, false}) {
    SCOPED_TRACE(before);
    test::fresh_context();
    Failure failure;
    std::unique_ptr<Script> script;
    std::unique_ptr<ClockDomain> domain;
    std::unique_ptr<Mailbox<std::string>> box;
    const auto make_script = [&] {
      script = std::make_unique<Script>("script", [&] {
        sc_core::wait(ns(4.5));
        domain->reset();  // at edge 5
        box->post("lost");
        sc_core::wait(ns(0.5));
        box->post("kept");
      });
    };
    if (before) make_script();
    domain = std::make_unique<ClockDomain>("core", 1000, failure);
    box = std::make_unique<Mailbox<std::string>>(*domain, "box");
    if (!before) make_script();
    Receiver receiver(*domain, *box);
    sim::run(failure);
    EXPECT_THAT(receiver.got, ElementsAre(Pair(6, "kept")));
  }
}

TEST(Mailbox, StateIsListedOnlyWhenSomethingWaits) {
  Failure failure;
  ClockDomain domain("core", 1000, failure);
  Mailbox<std::string> box(domain, "box");
  EXPECT_EQ(box.state(), "");
  box.post("x");
  EXPECT_EQ(box.state(), "1 messages");
}

}  // namespace
