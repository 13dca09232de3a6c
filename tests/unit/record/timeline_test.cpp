// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include <map>
#include <random>
#include <set>

#include <gmock/gmock.h>

#include "record_fixture.h"
#include "sim/core/error.h"

namespace sim::record {
namespace {

using nlohmann::json;
using TimelineTest = RecordTest;

TEST_F(TimelineTest, AViewHasItsOwnNamesAndClock) {
  RecordConfig config = only_timeline();
  config.from_cycle = 2;  // 2 ns
  config.to_cycle = 100;
  config.tracks = {"host/*", "sme1 *"};
  Recorder rec(config, folder_, "");
  Recorder silent;
  const auto named = [](const std::string& path) { return "sme1 " + path; };
  Recorder view(rec, 1250, named), nothing(silent, 1250, named);
  EXPECT_TRUE(view.spans());
  EXPECT_FALSE(nothing.spans());
  EXPECT_THROW(view.set_period_ps(1000), std::logic_error);
  const NameId name = view.name("product");
  const TrackId own = view.track("bank0/cu3"), host = rec.track("host/sme1");
  EXPECT_EQ(Recorder(rec, 5000, [](const std::string& path) { return path; }).track("bank0/cu3").index,
            TrackId::kNone);
  view.span(own, name, 0, 1, 1);    // before the window
  view.span(own, name, 1, 4, 2);    // 1.25 to 5 ns
  view.span(own, name, 80, 81, 3);  // 100 ns: behind it
  rec.span(host, name, 1, 5);
  view.finish(100);  // nothing: the file is its whole's
  rec.finish(100);
  const auto spans = events("X");
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(spans[0].at("ts").dump(), "0.00125");
  EXPECT_EQ(spans[0].at("dur").dump(), "0.00375");
  EXPECT_EQ(spans[0].at("args"), json::parse(R"({"cycle": 1, "cycles": 3, "id": 2})"));
  EXPECT_EQ(spans[1].at("ts").dump(), "0.001");
  for (const auto& event : events("M")) {
    if (event.at("name") != "process_name" || event.at("pid") != spans[0].at("pid")) continue;
    EXPECT_EQ(event.at("args").at("name"), "sme1 bank0");
  }
}

TEST_F(TimelineTest, ASpanIsWrittenWithItsNamesTimesAndId) {
  Recorder rec(only_timeline(), folder_, "lanes: 1\n");
  rec.set_period_ps(1000);
  const TrackId track = rec.track("cluster/lane0/multiplier");
  const NameId name = rec.name("mul");
  ASSERT_TRUE(rec.spans());
  rec.span(track, name, 3, 7, 42);
  rec.finish(10);
  const auto spans = events("X");
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].at("name"), "mul");
  EXPECT_EQ(spans[0].at("ts").dump(), "0.003");
  EXPECT_EQ(spans[0].at("dur").dump(), "0.004");
  EXPECT_EQ(spans[0].at("args"), json::parse(R"({"cycle": 3, "cycles": 4, "id": 42})"));
  std::map<std::string, json> meta;
  for (const auto& event : events("M")) meta[event.at("name")] = event;
  EXPECT_EQ(meta.at("process_name").at("args").at("name"), "cluster");
  EXPECT_EQ(meta.at("thread_name").at("args").at("name"), "lane0/multiplier");
  EXPECT_EQ(meta.at("process_name").at("pid"), spans[0].at("pid"));
  EXPECT_EQ(meta.at("thread_name").at("tid"), spans[0].at("tid"));
  EXPECT_EQ(rec.files(), std::vector<std::filesystem::path>{folder_ / "timeline.json"});
}

TEST_F(TimelineTest, MetadataHoldsSchemaPeriodAndConfiguration) {
  const std::string configuration = "# a \"comment\"\ndesign:\n\tlanes: 1 \\ \x01 µ\n";
  Recorder rec(only_timeline(), folder_, configuration);
  rec.set_period_ps(709);
  rec.finish(0);
  const json metadata = timeline().at("metadata");
  EXPECT_EQ(metadata.at("schema"), 1);
  EXPECT_EQ(metadata.at("period_ps"), 709);
  EXPECT_EQ(metadata.at("configuration"), configuration);
}

TEST_F(TimelineTest, AConfigurationLargerThanTheBufferIsKept) {
  const std::string configuration(1'000'000, 'c');
  Recorder rec(only_timeline(), folder_, configuration);
  rec.span(rec.track("a"), rec.name(configuration), 0, 1);
  rec.finish(1);
  EXPECT_EQ(timeline().at("metadata").at("configuration"), configuration);
  EXPECT_EQ(events("X").at(0).at("name"), configuration);
}

TEST_F(TimelineTest, AnEmptyRecordingIsValid) {
  Recorder rec(only_timeline(), folder_, "");
  rec.track("never/used");
  rec.finish(1000);
  EXPECT_EQ(timeline().at("traceEvents"), json::array());
}

TEST_F(TimelineTest, TheDestructorCompletesTheFileOfAnInterruptedRun) {
  try {
    Recorder rec(only_timeline(), folder_, "");
    rec.span(rec.track("a"), rec.name("x"), 1, 2);
    throw std::runtime_error("interrupted");
  } catch (const std::runtime_error&) {
  }
  EXPECT_EQ(events("X").size(), 1u);
}

// 709 ps * k cannot be represented in binary microseconds; the text has to be exact.
TEST_F(TimelineTest, TimesAreExactDecimals) {
  Recorder rec(only_timeline(), folder_, "");
  rec.set_period_ps(709);
  const TrackId track = rec.track("a");
  const NameId name = rec.name("x");
  const std::uint64_t cycles[] = {0, 1, 10, 1'000'000, 1'410'437, 12'345'678'901ull};
  for (const auto cycle : cycles) rec.instant(track, name, cycle);
  rec.finish(20'000'000'000ull);
  const std::string text = read_text(folder_ / "timeline.json");
  for (const char* ts : {"\"ts\":0,", "\"ts\":0.000709,", "\"ts\":0.00709,", "\"ts\":709,",
                         "\"ts\":999.999833,", "\"ts\":8753086.340809,"}) {
    EXPECT_THAT(text, ::testing::HasSubstr(ts));
  }
  const auto instants = events("i");
  ASSERT_EQ(instants.size(), std::size(cycles));
  for (std::size_t i = 0; i < instants.size(); ++i) EXPECT_EQ(instants[i].at("args").at("cycle"), cycles[i]);
}

TEST_F(TimelineTest, NamesAreEscaped) {
  const std::string odd = "a\"b\\c\n\t\x02 é";
  Recorder rec(only_timeline(), folder_, "");
  rec.span(rec.track("p\"1/t\\2"), rec.name(odd), 0, 1);
  rec.counter(rec.track("p\"1/t\\2"), rec.name(odd), 0, 5);
  rec.span(rec.track("bad"), rec.name("\xff\xfe"), 0, 1);  // not UTF-8: replaced, the file stays valid
  rec.finish(1);
  EXPECT_EQ(events("X").at(0).at("name"), odd);
  EXPECT_EQ(events("C").at(0).at("name"), "t\\2/" + odd);
  EXPECT_EQ(events("X").size(), 2u);
}

TEST_F(TimelineTest, TheSamePathOrNameIsTheSameHandle) {
  Recorder rec(only_timeline(), folder_, "");
  EXPECT_EQ(rec.track("a/b").index, rec.track("a/b").index);
  EXPECT_NE(rec.track("a/b").index, rec.track("a/c").index);
  EXPECT_EQ(rec.name("x").index, rec.name("x").index);
}

TEST_F(TimelineTest, ProcessesAndThreadsKeepTheOrderOfRegistration) {
  Recorder rec(only_timeline(), folder_, "");
  const TrackId first = rec.track("z/one");
  const TrackId second = rec.track("a/two");
  const TrackId third = rec.track("z/three");
  const NameId x = rec.name("x");
  for (const TrackId track : {third, second, first}) rec.span(track, x, 0, 1);
  rec.finish(1);
  std::map<std::string, json> sort;  // by name of what is sorted
  std::map<std::uint64_t, std::string> name;
  for (const auto& e : events("M")) {
    const bool process = e.at("name") == "process_name" || e.at("name") == "process_sort_index";
    const std::uint64_t key = process ? e.at("pid").get<std::uint64_t>() : e.at("tid").get<std::uint64_t>();
    if (e.at("args").contains("name")) name[key] = e.at("args").at("name");
    if (e.at("args").contains("sort_index")) sort[name.at(key)] = e.at("args").at("sort_index");
  }
  EXPECT_LT(sort.at("z"), sort.at("a"));
  EXPECT_LT(sort.at("one"), sort.at("two"));
  EXPECT_LT(sort.at("two"), sort.at("three"));
}

TEST_F(TimelineTest, CountersInstantsAndFlows) {
  Recorder rec(only_timeline(), folder_, "");
  const TrackId a = rec.track("unit/a");
  const TrackId b = rec.track("unit/b");
  const NameId name = rec.name("fill");
  rec.counter(a, name, 2, 9);
  rec.counter(b, name, 2, ~std::uint64_t{0});
  rec.instant(a, name, 3, 7);
  rec.span(a, name, 4, 6);
  rec.flow_begin(a, name, 5, 77);
  rec.span(b, name, 8, 9);
  rec.flow_end(b, name, 8, 77);
  rec.finish(9);
  const auto counters = events("C");
  ASSERT_EQ(counters.size(), 2u);
  EXPECT_EQ(counters[0].at("name"), "a/fill");
  EXPECT_EQ(counters[0].at("args").at("value"), 9);
  EXPECT_EQ(counters[1].at("name"), "b/fill") << "viewers identify counters by process and name";
  EXPECT_EQ(counters[1].at("args").at("value"), ~std::uint64_t{0});
  EXPECT_EQ(events("i").at(0).at("args"), json::parse(R"({"cycle": 3, "id": 7})"));
  EXPECT_EQ(events("i").at(0).at("s"), "t");
  const json start = events("s").at(0);
  const json stop = events("f").at(0);
  EXPECT_EQ(start.at("id"), 77);
  EXPECT_EQ(stop.at("id"), 77);
  EXPECT_EQ(stop.at("bp"), "e");
  EXPECT_EQ(start.at("cat"), stop.at("cat"));
  EXPECT_EQ(start.at("tid"), events("X").at(0).at("tid"));
  EXPECT_EQ(stop.at("tid"), events("X").at(1).at("tid"));
}

TEST_F(TimelineTest, AFlowFollowsItsSpanToAFurtherRow) {
  Recorder rec(only_timeline(), folder_, "");
  const TrackId track = rec.track("a");
  const NameId name = rec.name("x");
  rec.span(track, name, 0, 4);
  rec.span(track, name, 1, 5);
  rec.flow_begin(track, name, 2, 1);
  rec.finish(5);
  EXPECT_EQ(events("s").at(0).at("tid"), events("X").at(1).at("tid"));
  EXPECT_NE(events("X").at(0).at("tid"), events("X").at(1).at("tid"));
}

TEST_F(TimelineTest, SpansOfOneRowNeverOverlapAndRowsAreNoMoreThanNeeded) {
  Recorder rec(only_timeline(), folder_, "");
  const TrackId pipeline = rec.track("pipeline");  // latency 4, one start a cycle: 4 rows
  const TrackId random_track = rec.track("random");
  const NameId name = rec.name("x");
  for (Cycle c = 0; c < 100; ++c) rec.span(pipeline, name, c, c + 4, c + 1);
  std::mt19937_64 random(3);
  Cycle now = 0;
  for (int i = 0; i < 300; ++i) {
    now += random() % 3;
    rec.span(random_track, name, now, now + random() % 20);
  }
  rec.finish(1000);
  std::map<std::uint64_t, Cycle> busy;
  for (const auto& e : events("X")) {
    const Cycle begin = e.at("args").at("cycle");
    Cycle& until = busy[e.at("tid")];
    EXPECT_GE(begin, until);
    until = begin + e.at("args").at("cycles").get<Cycle>();
  }
  std::set<std::string> names;
  for (const auto& e : events("M")) {
    if (e.at("name") == "thread_name") names.insert(e.at("args").at("name"));
  }
  EXPECT_EQ(names.count("pipeline"), 1u);
  EXPECT_EQ(names.count("pipeline +3"), 1u);
  EXPECT_EQ(names.count("pipeline +4"), 0u);
}

TEST_F(TimelineTest, RowsAreLimitedAndTheUserIsTold) {
  Recorder rec(only_timeline(), folder_, "");
  const TrackId track = rec.track("deep");
  const NameId name = rec.name("x");
  for (Cycle c = 0; c < 300; ++c) rec.span(track, name, c, c + 1000);
  rec.finish(2000);
  EXPECT_EQ(events("X").size(), 300u);
  ASSERT_EQ(rec.notes().size(), 1u);
  EXPECT_THAT(rec.notes()[0], ::testing::HasSubstr("deep"));
}

TEST_F(TimelineTest, TheWindowKeepsWhatTouchesIt) {
  RecordConfig config = only_timeline();
  config.from_cycle = 10;
  config.to_cycle = 20;
  Recorder rec(config, folder_, "");
  const TrackId track = rec.track("a");
  const NameId name = rec.name("x");
  rec.span(track, name, 0, 10, 1);  // ends where the window begins: outside
  rec.span(track, name, 0, 11, 2);  // reaches into it
  rec.span(track, name, 12, 13, 3);
  rec.span(track, name, 19, 30, 4);  // kept whole
  rec.span(track, name, 20, 21, 5);  // the end is exclusive
  rec.span(track, name, 0, 100, 6);  // covers it
  rec.span(track, name, 10, 10, 7);  // no length, at its first cycle
  for (const Cycle c : {9, 10, 19, 20}) rec.instant(track, name, c);
  for (const Cycle c : {9, 10, 19, 20}) rec.counter(track, name, c, 1);
  rec.finish(100);
  std::vector<int> ids;
  for (const auto& e : events("X")) ids.push_back(e.at("args").at("id"));
  EXPECT_EQ(ids, (std::vector<int>{2, 3, 4, 6, 7}));
  EXPECT_EQ(events("X").at(2).at("args").at("cycles"), 11);
  EXPECT_EQ(events("i").size(), 2u);
  EXPECT_EQ(events("C").size(), 2u);
}

TEST_F(TimelineTest, GlobsSelectTracks) {
  RecordConfig config = only_timeline();
  config.tracks = {"unit/lane[01]*", "*/memory", "no/such"};
  Recorder rec(config, folder_, "");
  const NameId name = rec.name("x");
  std::uint64_t id = 0;
  for (const char* path : {"unit/lane0", "unit/lane1/mul", "unit/lane2", "deep/down/memory", "memory"}) {
    rec.span(rec.track(path), name, 0, 1, ++id);
  }
  rec.finish(1);
  std::vector<int> ids;
  for (const auto& e : events("X")) ids.push_back(e.at("args").at("id"));
  EXPECT_EQ(ids, (std::vector<int>{1, 2, 4}));
  ASSERT_EQ(rec.notes().size(), 1u);
  EXPECT_EQ(rec.notes()[0], "record.tracks: 'no/such' matches no track of the model");
}

TEST_F(TimelineTest, MistakesOfTheModelAreNamed) {
  Recorder rec(only_timeline(), folder_, "");
  const TrackId track = rec.track("unit/a");
  const NameId name = rec.name("x");
  EXPECT_THAT([&] { rec.span(track, name, 5, 4); },
              ::testing::ThrowsMessage<std::logic_error>(::testing::HasSubstr("unit/a")));
  rec.span(track, name, 5, 6);
  EXPECT_THROW(rec.set_period_ps(10), std::logic_error);
  EXPECT_THROW(rec.set_period_ps(0), std::logic_error);
  rec.finish(6);
  EXPECT_EQ(events("X").size(), 1u);
}

TEST_F(TimelineTest, ATimeBeyond64BitsIsAnErrorAndTheFileStaysValid) {
  Recorder rec(only_timeline(), folder_, "");
  const TrackId track = rec.track("a");
  const NameId name = rec.name("x");
  rec.span(track, name, 1, 2);
  EXPECT_THROW(rec.span(track, name, 2, kNever), Error);
  rec.finish(3);
  EXPECT_EQ(events("X").size(), 1u);
}

TEST_F(TimelineTest, ManyEventsAreStreamedInOrder) {
  Recorder rec(only_timeline(), folder_, "");
  const TrackId track = rec.track("a");
  const NameId name = rec.name("a name of some length, so that the buffer fills several times");
  for (Cycle c = 0; c < 10'000; ++c) rec.span(track, name, c, c + 1);
  EXPECT_GT(std::filesystem::file_size(folder_ / "timeline.json"), 1'000'000u) << "not kept until the end";
  rec.finish(10'000);
  const auto spans = events("X");
  ASSERT_EQ(spans.size(), 10'000u);
  for (Cycle c = 0; c < 10'000; ++c) ASSERT_EQ(spans[c].at("args").at("cycle"), c);
}

}  // namespace
}  // namespace sim::record
