// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <random>
#include <set>

#include <gmock/gmock.h>

#include "record_fixture.h"
#include "sim/core/error.h"
#include "vcd_parser.h"

namespace sim::record {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::ThrowsMessage;
using WaveTest = RecordTest;

TEST_F(WaveTest, ChangesAppearAtTheirTimes) {
  Recorder rec(only_waves(), folder_, "lanes: 1");
  rec.set_period_ps(709);
  ASSERT_TRUE(rec.waves());
  const SignalId valid = rec.signal("lane0.out_valid", 1);
  const SignalId data = rec.signal("lane0.stage.data", 12);
  rec.change(valid, 0, 0);
  rec.change(data, 2, 0xabc);
  rec.change(valid, 2, 1);
  rec.change(valid, 5, 0);
  rec.finish(7);
  const Vcd vcd(waves());
  EXPECT_EQ(vcd.timescale, "1ps");
  EXPECT_EQ(vcd.widths, (std::map<std::string, unsigned>{{"lane0.out_valid", 1}, {"lane0.stage.data", 12}}));
  EXPECT_THAT(vcd.changes.at("lane0.out_valid"), ElementsAre(Pair(0, "0"), Pair(1418, "1"), Pair(3545, "0")));
  EXPECT_THAT(vcd.changes.at("lane0.stage.data"),
              ElementsAre(Pair(0, "xxxxxxxxxxxx"), Pair(1418, "101010111100")));
  EXPECT_THAT(vcd.times, ElementsAre(0, 1418, 3545, 7 * 709)) << "the end of the run is the last time";
  EXPECT_EQ(vcd.dumped, "lane0.out_valid lane0.stage.data ");
  EXPECT_THAT(vcd.comment, HasSubstr("lanes: 1"));
}

TEST_F(WaveTest, OnlyRealChangesAreWritten) {
  Recorder rec(only_waves(), folder_, "");
  const SignalId a = rec.signal("a", 4);
  rec.change(a, 0, 3);
  rec.change(a, 1, 3);  // no change
  rec.change(a, 2, 7);
  rec.change(a, 2, 3);  // back within the cycle
  rec.change(a, 3, 1);
  rec.change(a, 3, 2);  // the last one of a cycle counts
  rec.finish(4);
  const Vcd vcd(waves());
  EXPECT_THAT(vcd.changes.at("a"), ElementsAre(Pair(0, "0011"), Pair(3000, "0010")));
  EXPECT_THAT(vcd.times, ElementsAre(0, 3000, 4000));
}

TEST_F(WaveTest, WideAndUnknownValues) {
  Recorder rec(only_waves(), folder_, "");
  const SignalId a = rec.signal("a", 130);
  const SignalId b = rec.signal("b", 64);
  const SignalId c = rec.signal("c", 128);
  const std::uint64_t limbs[] = {0x8000000000000001ull, 5, 2};
  rec.change_wide(a, 0, limbs);
  rec.change(b, 0, ~std::uint64_t{0});
  rec.change_wide(c, 0, limbs);
  rec.change(a, 1, 6);  // a small value in a wide signal
  rec.change_unknown(b, 1);
  rec.change(b, 2, 0);
  rec.finish(3);
  const Vcd vcd(waves());
  const std::string low = "1" + std::string(62, '0') + "1";
  const std::string mid = std::string(61, '0') + "101";
  EXPECT_THAT(vcd.changes.at("a"),
              ElementsAre(Pair(0, "10" + mid + low), Pair(1000, std::string(127, '0') + "110")));
  EXPECT_THAT(vcd.changes.at("b"),
              ElementsAre(Pair(0, std::string(64, '1')), Pair(1000, std::string(64, 'x')),
                          Pair(2000, std::string(64, '0'))));
  EXPECT_THAT(vcd.changes.at("c"), ElementsAre(Pair(0, mid + low)));
}

TEST_F(WaveTest, ManySignalsHaveDistinctCodesAndScopesStayTogether) {
  Recorder rec(only_waves(), folder_, "");
  std::vector<SignalId> signals;
  for (int i = 0; i < 9500; ++i) {  // more than 94 + 94 * 94: codes of three characters
    signals.push_back(rec.signal("s" + std::to_string(i % 7) + ".n" + std::to_string(i), 20));
  }
  for (std::size_t i = 0; i < signals.size(); ++i) rec.change(signals[i], 1, i);
  rec.finish(2);
  const std::string text = waves();
  const Vcd vcd(text);  // refuses codes used twice
  EXPECT_EQ(vcd.widths.size(), 9500u);
  EXPECT_EQ(std::stoul(vcd.last("s6.n9400"), nullptr, 2), 9400u);
  std::size_t scopes = 0;
  for (std::size_t at = text.find("$scope"); at != std::string::npos; at = text.find("$scope", at + 1))
    ++scopes;
  EXPECT_EQ(scopes, 7u);
}

TEST_F(WaveTest, TheWindowBeginsWithTheValuesThatHold) {
  RecordConfig config = only_waves();
  config.from_cycle = 10;
  config.to_cycle = 20;
  Recorder rec(config, folder_, "");
  const SignalId a = rec.signal("a", 8);
  const SignalId b = rec.signal("b", 8);
  const SignalId c = rec.signal("c", 8);
  rec.change(a, 1, 1);
  rec.change(a, 9, 2);
  rec.change(b, 10, 3);
  rec.change(a, 12, 4);
  rec.change(a, 19, 5);
  rec.change(a, 20, 6);
  rec.change(c, 25, 7);
  rec.finish(30);
  const Vcd vcd(waves());
  EXPECT_THAT(vcd.changes.at("a"),
              ElementsAre(Pair(10'000, "00000010"), Pair(12'000, "00000100"), Pair(19'000, "00000101")));
  EXPECT_THAT(vcd.changes.at("b"), ElementsAre(Pair(10'000, "00000011")));
  EXPECT_THAT(vcd.changes.at("c"), ElementsAre(Pair(10'000, "xxxxxxxx")));
  EXPECT_THAT(vcd.times, ElementsAre(10'000, 12'000, 19'000, 20'000));
}

TEST_F(WaveTest, AWindowWithoutChangesShowsTheValuesThatHold) {
  RecordConfig config = only_waves();
  config.from_cycle = 10;
  config.to_cycle = 20;
  for (const Cycle last_change : {5, 50}) {
    Recorder rec(config, folder_, "");
    const SignalId a = rec.signal("a", 2);
    rec.change(a, 5, 2);
    if (last_change == 50) rec.change(a, 50, 1);
    rec.finish(60);
    const Vcd vcd(waves());
    EXPECT_THAT(vcd.changes.at("a"), ElementsAre(Pair(10'000, "10"))) << last_change;
    EXPECT_THAT(vcd.times, ElementsAre(10'000, 20'000)) << last_change;
  }
}

TEST_F(WaveTest, EmptyRecordingsAreValid) {
  {
    Recorder rec(only_waves(), folder_, "");
    rec.finish(0);
  }
  EXPECT_TRUE(Vcd(waves()).widths.empty());
  {
    Recorder rec(only_waves(), folder_, "");
    rec.signal("a.b", 1);
    rec.finish(5);
  }
  EXPECT_THAT(Vcd(waves()).changes.at("a.b"), ElementsAre(Pair(0, "x")));
  RecordConfig config = only_waves();
  config.from_cycle = 100;
  Recorder rec(config, folder_, "");
  const SignalId a = rec.signal("a", 1);
  rec.change(a, 5, 1);
  rec.finish(50);
  EXPECT_TRUE(Vcd(waves()).times.empty());
  ASSERT_EQ(rec.notes().size(), 1u);
  EXPECT_THAT(rec.notes()[0], HasSubstr("record.from_cycle"));
}

TEST_F(WaveTest, ARunThatEndsInItsFirstCycleShowsItsValues) {
  Recorder rec(only_waves(), folder_, "");
  rec.change(rec.signal("a", 1), 0, 1);
  rec.finish(0);
  EXPECT_THAT(Vcd(waves()).changes.at("a"), ElementsAre(Pair(0, "1")));
}

TEST_F(WaveTest, TheClockRisesAtEveryCycleOfTheWindow) {
  RecordConfig config = only_waves();
  config.clock = true;
  config.from_cycle = 2;
  Recorder rec(config, folder_, "");
  rec.set_period_ps(709);
  const SignalId a = rec.signal("a", 1);
  rec.change(a, 3, 1);
  rec.finish(4);
  const Vcd vcd(waves());
  EXPECT_THAT(vcd.changes.at("clk"), ElementsAre(Pair(1418, "1"), Pair(1418 + 354, "0"), Pair(2127, "1"),
                                                 Pair(2127 + 354, "0"), Pair(2836, "1")));
  EXPECT_THAT(vcd.changes.at("a"), ElementsAre(Pair(1418, "x"), Pair(2127, "1")));
  Recorder fast(config, folder_, "");
  EXPECT_THROW(fast.set_period_ps(1), Error);
  EXPECT_THROW(fast.signal("clk", 1), std::logic_error);
}

TEST_F(WaveTest, TheClockStopsWithTheWindow) {
  RecordConfig config = only_waves();
  config.clock = true;
  config.to_cycle = 2;
  Recorder rec(config, folder_, "");
  const SignalId a = rec.signal("a", 1);
  rec.change(a, 50, 1);
  rec.finish(100);
  const Vcd vcd(waves());
  EXPECT_THAT(vcd.changes.at("clk"),
              ElementsAre(Pair(0, "1"), Pair(500, "0"), Pair(1000, "1"), Pair(1500, "0")));
  EXPECT_THAT(vcd.times, ElementsAre(0, 500, 1000, 1500, 2000));
}

TEST_F(WaveTest, GlobsSelectSignals) {
  RecordConfig config = only_waves();
  config.signals = {"lane*.valid", "nothing.*"};
  Recorder rec(config, folder_, "");
  const SignalId kept = rec.signal("lane0.valid", 1);
  const SignalId left_out = rec.signal("lane0.data", 8);
  rec.change(left_out, 0, 255);
  rec.change(kept, 0, 1);
  EXPECT_THROW(rec.signal("lane0.data", 8), std::logic_error) << "what is checked does not depend on globs";
  rec.finish(1);
  EXPECT_EQ(Vcd(waves()).widths.size(), 1u);
  ASSERT_EQ(rec.notes().size(), 1u);
  EXPECT_EQ(rec.notes()[0], "record.signals: 'nothing.*' matches no signal of the model");
}

TEST_F(WaveTest, ConfigurationCannotBreakTheHeader) {
  Recorder rec(only_waves(), folder_, "text: \"$end $enddefinitions $end\"");
  const SignalId a = rec.signal("a", 1);
  rec.change(a, 0, 1);
  rec.finish(1);
  EXPECT_EQ(Vcd(waves()).last("a"), "1");
}

TEST_F(WaveTest, MistakesOfTheModelAreNamed) {
  Recorder rec(only_waves(), folder_, "");
  for (const char* path : {"", ".", "a.", ".a", "a..b", "a b", "a[0]", "a/b"}) {
    EXPECT_THROW(rec.signal(path, 1), std::logic_error) << path;
  }
  EXPECT_THROW(rec.signal("none", 0), std::logic_error);
  const SignalId a = rec.signal("lane0.a", 3);
  const SignalId wide = rec.signal("lane0.wide", 65);
  EXPECT_THAT([&] { rec.signal("lane0.a", 3); },
              ThrowsMessage<std::logic_error>(HasSubstr("declared twice")));
  EXPECT_THAT([&] { rec.change(a, 0, 8); }, ThrowsMessage<std::logic_error>(HasSubstr("more than 3 bits")));
  const std::uint64_t limbs[] = {0, 2};
  EXPECT_THROW(rec.change_wide(wide, 0, limbs), std::logic_error);
  rec.change(a, 4, 7);
  EXPECT_THAT([&] { rec.change(a, 3, 1); }, ThrowsMessage<std::logic_error>(HasSubstr("lane0.a")));
  EXPECT_THROW(rec.signal("late", 1), std::logic_error);
  EXPECT_THROW(rec.set_period_ps(5), std::logic_error);
  rec.finish(5);
  EXPECT_THAT(Vcd(waves()).changes.at("lane0.a"), ElementsAre(Pair(0, "xxx"), Pair(4000, "111")));
}

TEST_F(WaveTest, ATimeBeyond64BitsIsAnErrorAndTheFileStaysValid) {
  Recorder rec(only_waves(), folder_, "");
  const SignalId a = rec.signal("a", 1);
  rec.change(a, 1, 1);
  EXPECT_THROW(rec.change(a, kNever / 2, 0), Error);
  rec.finish(kNever);
  EXPECT_EQ(Vcd(waves()).last("a"), "1");
}

// Against a model that keeps everything in memory.
TEST_F(WaveTest, RandomChangesReadBack) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 20; ++round) {
    RecordConfig config = only_waves();
    config.from_cycle = random() % 20;
    config.to_cycle = config.from_cycle + 1 + random() % 40;
    Recorder rec(config, folder_, "");
    const unsigned widths[] = {1, 5, 64};
    std::vector<SignalId> ids;
    std::vector<std::map<Cycle, std::uint64_t>> truth(3);  // value set last in that cycle
    for (std::size_t s = 0; s < 3; ++s) ids.push_back(rec.signal("s" + std::to_string(s), widths[s]));
    Cycle now = 0;
    for (int step = 0; step < 200; ++step) {
      now += random() % 2;
      const std::size_t s = random() % 3;
      const std::uint64_t value = random() >> (64 - widths[s]);
      rec.change(ids[s], now, value);
      truth[s][now] = value;
    }
    rec.finish(now + 1);
    const Vcd vcd(waves());
    for (std::size_t s = 0; s < 3; ++s) {
      const auto& changes = vcd.changes.at("s" + std::to_string(s));
      for (Cycle c = config.from_cycle; c < std::min(config.to_cycle, now + 1); ++c) {
        auto set = truth[s].upper_bound(c);
        std::string expected(widths[s], 'x');
        if (set != truth[s].begin()) {
          const std::uint64_t value = std::prev(set)->second;
          for (unsigned bit = 0; bit < widths[s]; ++bit) {
            expected[widths[s] - 1 - bit] = ((value >> bit) & 1) != 0 ? '1' : '0';
          }
        }
        std::string shown;
        for (const auto& [time, bits] : changes) {
          if (time <= c * 1000) shown = bits;
        }
        ASSERT_EQ(shown, expected) << "round " << round << " signal " << s << " cycle " << c;
      }
      for (std::size_t i = 1; i < changes.size(); ++i) ASSERT_NE(changes[i].second, changes[i - 1].second);
    }
  }
}

}  // namespace
}  // namespace sim::record
