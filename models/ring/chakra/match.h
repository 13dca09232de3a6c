// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Which nodes of different ranks belong together.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "models/ring/chakra/trace.h"
#include "sim/core/error.h"

namespace ring::chakra {

// Traces that do not fit together: `what` says which and why.
[[noreturn]] inline void refuse(const std::string& what) { throw sim::Error(sim::Exit::input, what); }

struct NodeRef {
  std::uint32_t rank = 0, index = 0;
};
constexpr std::uint32_t kNoNode = ~std::uint32_t{0};

// "FILE: node 7 'name'".
std::string place(const std::vector<Rank>& ranks, NodeRef ref);

// Members of one collective, in the order of the group.
struct CollectiveMatch {
  CommType type = CommType::all_reduce;
  std::uint64_t bytes = 0;
  std::uint32_t root = 0;  // index into group
  std::vector<std::uint32_t> group;
  std::vector<NodeRef> nodes;
};

struct Matches {
  std::vector<std::vector<std::uint32_t>> order;  // by rank: node indices by ascending id
  std::vector<std::vector<NodeRef>> partner;      // by rank and index: of a send its receive and back
  std::vector<std::vector<std::uint32_t>>
      of_collective;  // by rank and index: index into collectives, else kNoNode
  std::vector<CollectiveMatch> collectives;
};

// Throws sim::Error(Exit::input): see import.h.
Matches match(const std::vector<Rank>& ranks,
              const std::map<std::string, std::vector<std::uint32_t>>& groups);

}  // namespace ring::chakra
