// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <iosfwd>

#include <nlohmann/json_fwd.hpp>

#include "sim/stats/group.h"

namespace sim::stats {

// The tree below `root`, in order of registration. Groups are objects, lists are lists, and a statistic is
//   {"value": 3, "unit": "op", "text": "operations retired"}
// with "derived": true after a value that is computed from others. An Occupancy adds "max", "area" (sum of
// the levels of all cycles) and "cycles"; a Histogram adds "count", "sum", "min", "max" and "buckets", a list
// of {"from", "to", "count"}; the "value" of both is the mean. Every number except a derived "value" is an
// integer that has been counted. null: there is no such number (the mean of nothing).
nlohmann::ordered_json to_json(const Group& root);

// One aligned line per figure: path, value, unit, # text.
void write_text(std::ostream& out, const Group& root);

// What the tree contains: a list of {"path", "kind", "unit", "text", "derived"}. All elements of a list share
// one path ("lanes[].done"), and each path appears once.
nlohmann::ordered_json describe(const Group& root);

}  // namespace sim::stats
