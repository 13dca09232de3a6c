// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "sim/stats/json.h"

#include <limits>
#include <sstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "sim/stats/stat.h"

namespace sim::stats {
namespace {

using Json = nlohmann::ordered_json;

TEST(StatsJson, EveryKindAsDocumented) {
  Group root("run");
  Counter done(root, "done", "op", "operations retired");
  Group unit(root, "unit");
  Occupancy fill(unit, "fill", "op", "operations waiting");
  Histogram wait(unit, "wait", "cycle", "time in the queue");
  Ratio half(root, "half", "", "one half", [] { return 0.5; });
  Gauge peak(root, "peak", "B", "largest message");
  done += 3;
  fill.set(0, 2);
  fill.finish(4);
  wait.add(0);
  wait.add(5, 3);
  peak.set(std::numeric_limits<std::uint64_t>::max());

  const Json expected = Json::parse(R"({
    "done": {"value": 3, "unit": "op", "text": "operations retired"},
    "unit": {
      "fill": {"value": 2.0, "derived": true, "max": 2, "area": 8, "cycles": 4,
               "unit": "op", "text": "operations waiting"},
      "wait": {"value": 3.75, "derived": true, "count": 4, "sum": 15, "min": 0, "max": 5,
               "buckets": [{"from": 0, "to": 0, "count": 1}, {"from": 4, "to": 7, "count": 3}],
               "unit": "cycle", "text": "time in the queue"}},
    "half": {"value": 0.5, "derived": true, "unit": "", "text": "one half"},
    "peak": {"value": 18446744073709551615, "unit": "B", "text": "largest message"}})");
  EXPECT_EQ(to_json(root).dump(2), expected.dump(2));  // texts: the order of keys counts too
  EXPECT_EQ(Json::parse(to_json(root).dump()), expected);
}

TEST(StatsJson, ArraysStayArrays) {
  Group root("run");
  Group only(root, "lanes", 0);
  Counter done(only, "done", "", "");
  Json json = to_json(root);
  ASSERT_TRUE(json["lanes"].is_array());
  ASSERT_EQ(json["lanes"].size(), 1u);
  EXPECT_EQ(json["lanes"][0]["done"]["value"], 0u);
}

TEST(StatsJson, ElementsStandAtTheirIndexInAnyOrderOfRegistration) {
  Group root("run");
  Group third(root, "lanes", 3);
  Counter c3(third, "done", "", "");
  Group first(root, "lanes", 1);
  Counter c1(first, "done", "", "");
  c3 += 3;
  c1 += 1;
  const Json lanes = to_json(root)["lanes"];
  ASSERT_EQ(lanes.size(), 4u);
  EXPECT_TRUE(lanes[0].is_null());
  EXPECT_EQ(lanes[1]["done"]["value"], 1u);
  EXPECT_TRUE(lanes[2].is_null());
  EXPECT_EQ(lanes[3]["done"]["value"], 3u);
}

TEST(StatsJson, NumbersThatDoNotExistAreNull) {
  Group root("run");
  Occupancy fill(root, "fill", "", "");
  Histogram wait(root, "wait", "", "");
  Ratio nan(root, "nan", "", "", [] { return std::numeric_limits<double>::quiet_NaN(); });
  Ratio inf(root, "inf", "", "", [] { return std::numeric_limits<double>::infinity(); });
  const Json json = Json::parse(to_json(root).dump());
  for (const char* name : {"fill", "wait", "nan", "inf"}) EXPECT_TRUE(json[name]["value"].is_null()) << name;
  EXPECT_TRUE(json["wait"]["min"].is_null());
  EXPECT_EQ(json["wait"]["buckets"], Json::array());
  EXPECT_EQ(json["fill"]["cycles"], 0u);
}

TEST(StatsJson, EmptyTreeIsAnEmptyObject) {
  Group root("run");
  EXPECT_EQ(to_json(root).dump(), "{}");
  Group unit(root, "unit");
  EXPECT_EQ(to_json(root).dump(), R"({"unit":{}})");
}

TEST(StatsText, AlignsPathValueUnitAndText) {
  Group root("run");
  Counter done(root, "done", "op", "operations retired");
  Group lane(root, "lanes", 0);
  Occupancy fill(lane, "fill", "op", "operations waiting");
  Histogram wait(lane, "wait", "cycle", "time in the queue");
  done += 12345;
  fill.set(0, 3);
  fill.finish(2);
  wait.add(1);
  wait.add(2);
  wait.add(3);
  std::ostringstream out;
  write_text(out, root);
  EXPECT_EQ(out.str(),
            "done                  12345  op        # operations retired\n"
            "lanes[0].fill.mean        3  op        # operations waiting\n"
            "lanes[0].fill.max         3  op\n"
            "lanes[0].fill.area        6  op*cycle\n"
            "lanes[0].fill.cycles      2  cycle\n"
            "lanes[0].wait.mean        2  cycle     # time in the queue\n"
            "lanes[0].wait.count       3\n"
            "lanes[0].wait.sum         6  cycle\n"
            "lanes[0].wait.min         1  cycle\n"
            "lanes[0].wait.max         3  cycle\n"
            "lanes[0].wait.{1}         1\n"
            "lanes[0].wait.{2..3}      2\n");
}

TEST(StatsText, ShowsADashForNoNumber) {
  Group root("run");
  Ratio nan(root, "rate", "", "a rate", [] { return std::numeric_limits<double>::quiet_NaN(); });
  std::ostringstream out;
  write_text(out, root);
  EXPECT_EQ(out.str(), "rate  -    # a rate\n");
}

TEST(StatsDescribe, NamesEachPathOnceWithItsKind) {
  Group root("run");
  Ratio rate(root, "rate", "op/cycle", "throughput", [] { return 1.0; });
  Group a(root, "lanes", 0);
  Group b(root, "lanes", 1);
  Counter done_a(a, "done", "op", "operations retired");
  Counter done_b(b, "done", "op", "operations retired");
  Counter extra(b, "extra", "", "only here");
  EXPECT_EQ(describe(root), Json::parse(R"([
    {"path": "rate", "kind": "ratio", "unit": "op/cycle", "text": "throughput", "derived": true},
    {"path": "lanes[].done", "kind": "counter", "unit": "op", "text": "operations retired", "derived": false},
    {"path": "lanes[].extra", "kind": "counter", "unit": "", "text": "only here", "derived": false}])"));
}

}  // namespace
}  // namespace sim::stats
