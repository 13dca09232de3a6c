// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors

#include "sim/config/suggest.h"

#include <gtest/gtest.h>

using sim::config::closest;
using sim::config::edit_distance;

TEST(Suggest, Distance) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("latency", "latncy"), 1u);
  EXPECT_EQ(edit_distance("clok_mhz", "clock_mhz"), 1u);
  EXPECT_EQ(edit_distance("lanse", "lanes"), 1u);  // neighbours swapped
  EXPECT_EQ(edit_distance("Clock-MHz", "clock_mhz"), 0u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Suggest, Closest) {
  EXPECT_EQ(closest("clok_mhz", {"lanes", "clock_mhz"}), "clock_mhz");
  EXPECT_EQ(closest("LANES", {"lanes"}), "lanes");
  EXPECT_EQ(closest("banana", {"lanes", "clock_mhz"}), "");
  EXPECT_EQ(closest("x", {"w", "m", "n"}), "");  // any short key would be as near
  EXPECT_EQ(closest("", {"w"}), "");
  EXPECT_EQ(closest("lanes", {}), "");
  EXPECT_EQ(closest(std::string(100000, 'a'), {"lanes"}), "");
  EXPECT_EQ(closest("pipelined_", {"pipelines_x", "pipelined"}), "pipelined");  // the nearest wins
}
