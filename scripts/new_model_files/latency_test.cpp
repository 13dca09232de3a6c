// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Every row of the table in models/NAME/README.md, to the cycle.
#include <deque>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "models/NAME/unit.h"
#include "sim/core/failure.h"
#include "tests/support/latency_table.h"

namespace {

TEST(Latency, last_result_of_every_row) {
  const auto rows = test::read_table(TRICYCLE_SOURCE_DIR "/models/NAME/README.md", "NAME latencies");
  ASSERT_FALSE(rows.empty());
  sim::Failure failure;
  sim::stats::Group stats("test");
  std::deque<sim::stats::Group> groups;
  sim::ClockDomain domain("clock", 1000, failure);
  std::vector<std::unique_ptr<NAME::Unit>> units;  // all rows at once, side by side
  for (const auto& row : rows) {
    auto settings = row.settings("settings");
    const NAME::Timing timing{std::stoul(settings.at("latency")), std::stoul(settings.at("interval"))};
    auto& group = groups.emplace_back(stats, "row" + std::to_string(units.size()));
    units.push_back(std::make_unique<NAME::Unit>(timing, std::stoul(settings.at("count")), group));
    domain.add(*units.back());
  }
  sc_core::sc_start();
  failure.rethrow();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(units[i]->last(), rows[i].number("last result")) << rows[i].cells.at("settings");
  }
}

}  // namespace
