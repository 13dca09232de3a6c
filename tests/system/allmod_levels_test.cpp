// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// detail: event and detail: clocked give the same cycle for every result and the same stall counts, whatever
// the design and however both ends hesitate; and the order of evaluation does not matter.
#include <memory>
#include <random>

#include <gtest/gtest.h>

#include "tests/support/allmod_bench.h"

namespace allmod::test {
namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  unsigned roll(unsigned low, unsigned high) {
    return low + static_cast<unsigned>(engine_() % (high - low + 1));
  }

 private:
  std::mt19937_64 engine_;
};

StallConfig draw_stall(Dice& dice) {
  StallConfig s;
  s.kind = static_cast<StallKind>(dice.roll(0, 3));
  s.share = 0.1 * dice.roll(1, 9);
  s.run = dice.roll(1, 40);
  s.pause = dice.roll(0, 60);
  s.pattern = std::vector<std::string>{"10", "110", "0001", "1111111100000001"}[dice.roll(0, 3)];
  s.seed = dice.roll(1, 1000000);
  return s;
}

ReducerConfig draw_config(Dice& dice) {
  ReducerConfig c;
  Design& d = c.design;
  do {
    d = Design{};
    // Half of them pipelines, the rest evenly over the forms that have a slow stage.
    const std::vector<Form> slow = {Form::template_, Form::serial,  Form::serial,
                                    Form::iterative, Form::barrett, Form::montgomery};
    d.form = dice.roll(0, 1) == 0 ? Form::pipelined : slow[dice.roll(0, 5)];
    d.n = dice.roll(2, 90);
    d.w = dice.roll(1, 8);
    d.m = d.form == Form::iterative ? d.n : dice.roll(0, std::min(d.n, 12u));
    d.p = dice.roll(0, d.m + 1);
    d.r = dice.roll(1, 3);
    d.rho = dice.roll(2, 4);
    d.segment = d.form == Form::pipelined && dice.roll(0, 2) == 0 ? dice.roll(3, 64) : 0;
    d.t = dice.roll(1, 4);
    d.u = dice.roll(1, 4);
    if (d.form == Form::serial && dice.roll(0, 1) == 0) d.m = d.p = 0;  // the corrector overlaps
    d.eager = d.form == Form::pipelined && dice.roll(0, 4) == 0;
    if (d.eager) d.p = d.m + 1, d.rho = 2, d.segment = 0;
    d.multiplier = {dice.roll(0, 40), dice.roll(0, 2), dice.roll(0, 3)};
    d.e = 0;
    d.e = dice.roll(0, 1) == 0 ? 0 : hide_e(d);
  } while (!violations(d).empty());
  c.lazy = dice.roll(0, 3) == 0;
  c.lanes = dice.roll(1, 3);
  c.stall = dice.roll(0, 1) == 0 ? Stall::elastic : Stall::global;
  c.burst = dice.roll(1, 300);
  return c;
}

Modulus modulus_for(const Design& d, std::uint64_t seed) {
  const Modulus m = Modulus::named("random", d.n, seed);
  return d.form == Form::montgomery && m.value() % 2 == 0 ? Modulus(m.value() + 1, d.n) : m;
}

// The same results in the same cycles, with the registers' values and without them.
class Values : public testing::TestWithParam<int> {};

TEST_P(Values, LazyHasTheCyclesOfRegisterTrue) {
  Dice dice(static_cast<std::uint64_t>(GetParam()) * 104729 + 5);
  std::vector<std::unique_ptr<StreamBench>> benches;
  for (int i = 0; i < 8; ++i) {
    ReducerConfig config = draw_config(dice);
    const Modulus m = modulus_for(config.design, dice.roll(1, 1000));
    const StallConfig in = draw_stall(dice), out = draw_stall(dice);
    for (const bool lazy : {false, true}) {
      config.lazy = lazy;
      benches.push_back(
          std::make_unique<StreamBench>("r" + std::to_string(benches.size()), config, m, 150, in, out));
    }
  }
  sc_core::sc_start();
  for (std::size_t i = 0; i < benches.size(); i += 2) {
    SCOPED_TRACE(form_word(benches[i]->reducer.datapath().design().form));
    EXPECT_EQ(benches[i]->work.mismatches(), 0u);
    EXPECT_EQ(benches[i]->work.done(), 150u);
    EXPECT_EQ(benches[i]->keeper.left, benches[i + 1]->keeper.left);
    EXPECT_EQ(benches[i + 1]->reducer.tables().bytes(), 0u);
  }
}

INSTANTIATE_TEST_SUITE_P(Random, Values, testing::Range(0, 8));

// Several pairs share one simulation: one process a case is dear, one kernel a pair is dearer.
class Levels : public testing::TestWithParam<int> {};

TEST_P(Levels, EventEqualsClocked) {
  Dice dice(static_cast<std::uint64_t>(GetParam()) * 7919 + 1);
  std::vector<std::unique_ptr<StreamBench>> benches;
  std::vector<std::string> what;
  for (int i = 0; i < 12; ++i) {
    ReducerConfig config = draw_config(dice);
    const Modulus m = modulus_for(config.design, dice.roll(1, 1000));
    const StallConfig in = draw_stall(dice);
    const StallConfig out = draw_stall(dice);
    const unsigned count = dice.roll(1, 250);
    const std::uint64_t shuffle = dice.roll(1, 100000);
    what.push_back("n " + std::to_string(config.design.n) + " form " + form_word(config.design.form));
    for (Detail detail : {Detail::event, Detail::clocked, Detail::clocked}) {
      config.detail = detail;
      const std::string name = "r" + std::to_string(benches.size());
      benches.push_back(std::make_unique<StreamBench>(name, config, m, count, in, out));
      if (benches.size() % 3 == 0) benches.back()->reducer.domain().shuffle(shuffle);
    }
  }
  sc_core::sc_start();
  for (std::size_t i = 0; i < benches.size(); i += 3) {
    SCOPED_TRACE(what[i / 3] + ", pair " + std::to_string(i / 3));
    StreamBench& event = *benches[i];
    EXPECT_EQ(event.work.done(), event.work.total());
    EXPECT_EQ(event.work.mismatches(), 0u);
    for (StreamBench* clocked : {benches[i + 1].get(), benches[i + 2].get()}) {
      clocked->failure.rethrow();
      EXPECT_EQ(event.keeper.left, clocked->keeper.left);
      for (unsigned lane = 0; lane < event.reducer.lanes(); ++lane) {
        const LaneStats& a = event.reducer.lane_stats(lane);
        const LaneStats& b = clocked->reducer.lane_stats(lane);
        EXPECT_EQ(a.accepted.value(), b.accepted.value());
        EXPECT_EQ(a.input_stall.value(), b.input_stall.value());
        EXPECT_EQ(a.output_stall.value(), b.output_stall.value());
        EXPECT_EQ(a.latency.sum(), b.latency.sum());
        EXPECT_EQ(a.latency.max(), b.latency.max());
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Random, Levels, testing::Range(0, 24));

// A lane that works through many cycles at once schedules next to no events.
TEST(LevelsCost, BurstsNeedNoEventPerOperand) {
  ReducerConfig config;
  config.design = {Form::pipelined, 64, 8, 1, 2, 1, 1, 2, 0};
  config.burst = 1000;
  StreamBench bench("r", config, Modulus::named("goldilocks", 64), 100000);
  sc_core::sc_start();
  EXPECT_EQ(bench.work.mismatches(), 0u);
  EXPECT_EQ(bench.work.done(), 100000u);
  EXPECT_LE(bench.reducer.domain().edges(), 110u);
}

// A thousand reducers with nothing to do schedule nothing at all.
TEST(LevelsCost, IdleUnitsCostNoEvents) {
  ReducerConfig config;
  config.design = {Form::pipelined, 16, 4, 1, 2, 0, 1, 2, 0};
  const Modulus m = Modulus::named("all_ones", 16);
  const auto datapath_deltas = [] { return sc_core::sc_delta_count(); };
  std::vector<std::unique_ptr<StreamBench>> idle;
  for (int i = 0; i < 1000; ++i) {
    idle.push_back(std::make_unique<StreamBench>("idle" + std::to_string(i), config, m, 1));
  }
  sc_core::sc_start();  // each takes its one operand ...
  const auto before = datapath_deltas();
  std::uint64_t edges = 0;
  for (const auto& b : idle) edges += b->reducer.domain().edges();
  sc_core::sc_start(1, sc_core::SC_MS);  // ... and then 200,000 cycles pass
  EXPECT_EQ(datapath_deltas(), before);
  std::uint64_t edges_after = 0;
  for (const auto& b : idle) edges_after += b->reducer.domain().edges();
  EXPECT_EQ(edges_after, edges);
}

}  // namespace
}  // namespace allmod::test
