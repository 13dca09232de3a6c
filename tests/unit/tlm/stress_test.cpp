// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

// Random legal traffic with random stalls everywhere, a checker on every hop: data is right, every checker is
// silent, every payload comes back, and the same seed gives the same times.
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "sim/tlm/protocol_checker.h"
#include "sim/tlm/router.h"
#include "tests/support/at_initiator.h"
#include "tests/support/context.h"
#include "tests/support/initiator_tester_traffic.h"
#include "tests/support/lt_initiator.h"
#include "tests/support/memory_target.h"
#include "tests/support/target_tester.h"
#include "tests/unit/tlm/hand.h"

namespace {

using sc_core::SC_NS;
using sc_core::sc_time;
using sim::bus::OnViolation;
using sim::bus::ProtocolChecker;
using test::Answer;
using test::AtInitiator;
using test::AtOptions;
using test::LtInitiator;
using test::ns;
using test::Traffic;

void expect_silent(const ProtocolChecker<32>& checker) {
  for (const auto& violation : checker.violations()) ADD_FAILURE() << violation.text;
  EXPECT_EQ(checker.rules().unfinished(), "");
}

AtOptions at_options(std::uint64_t seed) {
  AtOptions options;
  options.answer = static_cast<Answer>(seed % 4);
  options.window = 1 + static_cast<unsigned>(seed % 9);
  options.seed = seed;
  options.max_stall = ns(static_cast<double>(seed % 3) * 7);
  options.max_annotate = ns(static_cast<double>(seed % 2) * 5);
  return options;
}

Traffic traffic(std::uint64_t seed, std::uint64_t base) {
  Traffic t;
  t.seed = seed;
  t.base = base;
  t.streaming = true;
  t.max_gap = ns(30);
  return t;
}

sim::bus::PortTiming timing(std::uint64_t seed) {
  return {ns(static_cast<double>(seed % 4)), ns(static_cast<double>(seed % 5) * 3),
          ns(static_cast<double>(seed % 3))};
}

// An initiator of each kind and a TargetPort, one after the other in one simulation each.
template <class Make>
void against_the_port(std::uint64_t seed, Make make) {
  test::fresh_context();
  test::MemoryTarget<32> target("target", 256, timing(seed));
  target.memory.random.seed(seed);
  target.memory.refuse_percent = seed % 2 == 0 ? 30 : 0;
  ProtocolChecker<32> checker("checker", OnViolation::collect);
  checker.initiator_socket.bind(target.socket);
  auto initiator = make();
  initiator->socket.bind(checker.target_socket);
  sc_core::sc_start(sc_time(10, sc_core::SC_MS));
  EXPECT_TRUE(initiator->finished()) << "seed " << seed << ": " << checker.rules().unfinished();
  EXPECT_EQ(initiator->pool().leaks(), "");
  EXPECT_EQ(target.port.in_flight(), 0U);
  EXPECT_EQ(target.port.completed(), 200U);
  EXPECT_EQ(checker.rules().transactions(), 200U);
  EXPECT_EQ(target.port.refusals() != 0, seed % 2 == 0);
  expect_silent(checker);
}

TEST(Stress, AtInitiatorAgainstTargetPort) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    against_the_port(seed, [&] {
      return std::make_unique<AtInitiator<32>>("at", test::random_traffic(traffic(seed, 0)),
                                               at_options(seed));
    });
  }
}

TEST(Stress, LtInitiatorAgainstTargetPort) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    against_the_port(seed, [&] {
      auto initiator = std::make_unique<LtInitiator<32>>("lt", test::random_traffic(traffic(seed, 0)));
      initiator->annotate = ns(static_cast<double>(seed % 3) * 4);
      return initiator;
    });
  }
}

TEST(Stress, AtInitiatorAgainstEveryLegalForm) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    test::fresh_context();
    test::TargetOptions options;
    options.seed = seed;
    if (seed < 5) options.forms = {static_cast<test::Form>(seed)};
    test::TargetTester<32> target("target", 256, options);
    ProtocolChecker<32> checker("checker", OnViolation::collect);
    AtInitiator<32> at("at", test::random_traffic(traffic(seed, 0)), at_options(seed));
    at.socket.bind(checker.target_socket);
    checker.initiator_socket.bind(target.socket);
    sc_core::sc_start(sc_time(10, sc_core::SC_MS));
    EXPECT_TRUE(at.finished()) << "seed " << seed << ": " << checker.rules().unfinished();
    EXPECT_EQ(at.pool().leaks(), "");
    expect_silent(checker);
  }
}

// Initiators of both kinds, a router, a TargetPort and a target of every form; a checker on each of the hops.
struct Platform {
  static constexpr unsigned kInitiators = 4;
  static constexpr unsigned kBytes = 256;  // of each initiator in each target

  explicit Platform(std::uint64_t seed) : port("port", kInitiators * kBytes, timing(seed)) {
    test::TargetOptions options;
    options.seed = seed;
    tester = std::make_unique<test::TargetTester<32>>("tester", kInitiators * kBytes, options);
    port.memory.random.seed(seed);
    port.memory.refuse_percent = 20;
    sim::bus::AddressMap map;
    map.add("port", 0x10000, kInitiators * kBytes);
    map.add("tester", 0x20000, kInitiators * kBytes);
    router = std::make_unique<sim::bus::Router<32>>("router", kInitiators, map);
    for (unsigned i = 0; i < kInitiators; ++i) {
      const std::string name = "initiator" + std::to_string(i);
      const auto script = [i, seed](test::Initiator& self) {
        for (const unsigned base : {0x10000U, 0x20000U, 0x10000U}) {
          Traffic t = traffic(seed * 100 + i + base, base + i * kBytes);
          t.count = 60;
          // The second visit finds what the first left: clear it.
          self.write(t.base, test::Bytes(kBytes));
          test::random_traffic(t)(self);
        }
        // Into the void, among the others' traffic.
        EXPECT_EQ(self.read(0x5, 4).status, tlm::TLM_ADDRESS_ERROR_RESPONSE);
      };
      auto& checker = checkers.emplace_back(
          std::make_unique<ProtocolChecker<32>>((name + "_checker").c_str(), OnViolation::collect));
      if (i % 2 == 0) {
        auto at = std::make_unique<AtInitiator<32>>(name.c_str(), script, at_options(seed + i));
        at->socket.bind(checker->target_socket);
        initiators.push_back(std::move(at));
      } else {
        auto lt = std::make_unique<LtInitiator<32>>(name.c_str(), script);
        lt->socket.bind(checker->target_socket);
        initiators.push_back(std::move(lt));
      }
      checker->initiator_socket.bind(router->target_sockets[i]);
    }
    for (unsigned j = 0; j < 2; ++j) {
      auto& checker = checkers.emplace_back(std::make_unique<ProtocolChecker<32>>(
          ("target" + std::to_string(j) + "_checker").c_str(), OnViolation::collect));
      router->initiator_sockets[j].bind(checker->target_socket);
    }
    checkers[kInitiators]->initiator_socket.bind(port.socket);
    checkers[kInitiators + 1]->initiator_socket.bind(tester->socket);
  }

  std::string run() {
    sc_core::sc_start(sc_time(10, sc_core::SC_MS));
    std::string times;
    for (const auto& initiator : initiators) {
      EXPECT_TRUE(initiator->finished()) << initiator->name();
      EXPECT_EQ(initiator->pool().leaks(), "");
      for (const auto& result : initiator->results()) times += result.end_resp.to_string() + " ";
    }
    for (const auto& checker : checkers) expect_silent(*checker);
    EXPECT_EQ(router->in_flight(), 0U);
    EXPECT_EQ(port.port.in_flight(), 0U);
    return times;
  }

  test::MemoryTarget<32> port;
  std::unique_ptr<test::TargetTester<32>> tester;
  std::unique_ptr<sim::bus::Router<32>> router;
  std::vector<std::unique_ptr<ProtocolChecker<32>>> checkers;
  std::vector<std::unique_ptr<test::Initiator>> initiators;
};

TEST(Stress, BothKindsThroughTheRouter) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    test::fresh_context();
    Platform platform(seed);
    platform.run();
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(Stress, TheSameSeedGivesTheSameTimes) {
  std::string first;
  for (int round = 0; round < 2; ++round) {
    test::fresh_context();
    Platform platform(3);
    const std::string times = platform.run();
    if (round == 0) first = times;
    EXPECT_EQ(times, first);
  }
}

TEST(Stress, ManyOutstanding) {
  test::MemoryTarget<32> target("target", 256, {ns(1), ns(500), ns(0)});
  AtOptions options;
  options.window = 1000;
  AtInitiator<32> at(
      "at",
      [](test::Initiator& self) {
        for (unsigned n = 0; n < 1000; ++n) self.issue({tlm::TLM_READ_COMMAND, 0, test::Bytes(4)});
      },
      options);
  at.socket.bind(target.socket);
  sc_core::sc_start(sc_time(1, sc_core::SC_MS));
  ASSERT_TRUE(at.finished());
  EXPECT_EQ(at.pool().high_water(), 501U);  // one request and one response a nanosecond, 501 ns apart
  for (unsigned n = 0; n < 1000; ++n) EXPECT_EQ(at.results()[n].begin_resp, ns(501 + n));
}

}  // namespace
