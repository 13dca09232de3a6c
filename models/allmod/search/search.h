// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "models/allmod/search/space.h"

namespace allmod {

struct SearchGoals {
  std::vector<Metric> minimise;
  std::vector<Cap> caps;
};

struct Found {
  Design design;
  Cost cost;
  Measures measures;
};

struct SearchEffort {
  std::uint64_t boxes = 0;   // looked at
  std::uint64_t priced = 0;  // designs whose cost was computed
  std::size_t roots = 0, roots_done = 0;
  std::size_t front = 0;
};

// Called now and then; false stops the search.
using SearchWatch = std::function<bool(const SearchEffort&)>;

struct SearchResult {
  std::vector<Found> front;  // the objectives in ascending order, the first one first
  SearchEffort effort;
  bool complete = true;  // false: it was stopped; better designs may exist
};

// The Pareto front of the space: for every vector of objectives that no design beats, one design that has it.
// Branch and bound: a box of designs is left out when a cap, or a design that was found, is at least as good
// in every objective as anything in it can be (bound()); so nothing is lost that brute force would find.
// Same space, same result.
SearchResult search(const SearchSpace& space, const SearchGoals& goals, const CostOptions& options,
                    const SearchWatch& watch = {});

}  // namespace allmod
