// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "traces/workload/model/strict_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/core/error.h"
#include "tests/support/model_folder.h"

namespace {

using ::testing::HasSubstr;
using workload::JsonLimits;
using workload::parse_strict_json;

std::string json_error(const std::string& text, const JsonLimits& limits = {}) {
  try {
    parse_strict_json(text, "input", limits);
  } catch (const sim::Error& e) {
    EXPECT_EQ(e.exit_code(), sim::Exit::input);
    return e.what();
  }
  return "";
}

TEST(StrictJson, gives_what_the_text_says) {
  const auto parsed = parse_strict_json(
      R"({"a": [1, -2, 2.5, "x", true, null, {"b": {}}], "c": 18446744073709551615})", "input");
  EXPECT_EQ(parsed, nlohmann::json::parse(
                        R"({"a": [1, -2, 2.5, "x", true, null, {"b": {}}], "c": 18446744073709551615})"));
  EXPECT_EQ(parse_strict_json("7", "input"), 7);
}

TEST(StrictJson, refuses_a_key_twice_at_any_depth) {
  EXPECT_EQ(json_error(R"({"a": 1, "b": {"k": 1, "k": 2}})"), "input: the key 'k' appears twice");
  EXPECT_EQ(json_error(R"({"a": {"k": 1}, "b": {"k": 2}})"), "");
}

TEST(StrictJson, refuses_what_is_no_json_and_says_where) {
  EXPECT_THAT(json_error(R"({"a": )"), HasSubstr("input: no valid JSON, byte "));
  EXPECT_THAT(json_error("{} x"), HasSubstr("no valid JSON"));
  EXPECT_THAT(json_error(""), HasSubstr("no valid JSON"));
  EXPECT_THAT(json_error("{\"a\": \"\xff\"}"), HasSubstr("no valid JSON"));
  EXPECT_THAT(json_error(R"({"a": 1e999})"), HasSubstr("no valid JSON"));
}

TEST(StrictJson, depth_has_a_limit_that_is_reached_exactly) {
  JsonLimits limits;
  limits.depth = 3;
  EXPECT_EQ(json_error("[[[1]]]", limits), "");
  EXPECT_EQ(json_error("[[[[1]]]]", limits), "input: nested deeper than 3 levels");
  EXPECT_THAT(json_error(std::string(1'000'000, '[')), HasSubstr("nested deeper"));
}

TEST(StrictJson, values_and_bytes_have_limits) {
  JsonLimits limits;
  limits.values = 4;
  EXPECT_EQ(json_error("[1, 2, 3]", limits), "");
  EXPECT_THAT(json_error("[1, 2, 3, 4]", limits), HasSubstr("more than 4 values"));
  limits.bytes = 8;
  EXPECT_THAT(json_error("[1, 2, 3]", limits), HasSubstr("9 bytes of JSON, at most 8"));
}

TEST(StrictJson, reads_files_and_names_them) {
  const test_support::TempFolder folder;
  test_support::write_bytes(folder / "a.json", "{\"k\": [2]}");
  EXPECT_EQ(workload::read_strict_json(folder / "a.json")["k"][0], 2);
  EXPECT_THROW(workload::read_strict_json(folder / "b.json"), sim::Error);
  EXPECT_THROW(workload::read_strict_json(folder / ""), sim::Error);  // a folder
}

}  // namespace
