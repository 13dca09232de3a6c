// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Small traces made node by node.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "models/ring/chakra/import.h"
#include "models/ring/chakra/trace.h"
#include "sim/core/error.h"

namespace chakra_test {

using ring::chakra::CommType;
using ring::chakra::Node;
using ring::chakra::NodeType;
using ring::chakra::Rank;

inline Node node(std::uint64_t id, NodeType type, std::vector<std::uint64_t> deps = {}) {
  Node n;
  n.id = id;
  n.type = type;
  n.deps = std::move(deps);
  n.name = "n" + std::to_string(id);
  return n;
}
inline Node compute(std::uint64_t id, std::uint64_t micros, std::vector<std::uint64_t> deps = {}) {
  Node n = node(id, NodeType::compute, std::move(deps));
  n.duration_micros = micros;
  return n;
}
inline Node send(std::uint64_t id, int to, std::int64_t bytes, std::vector<std::uint64_t> deps = {},
                 int tag = 0) {
  Node n = node(id, NodeType::send, std::move(deps));
  n.comm_dst = to;
  n.comm_size = bytes;
  n.comm_tag = tag;
  return n;
}
inline Node recv(std::uint64_t id, int from, std::int64_t bytes, std::vector<std::uint64_t> deps = {},
                 int tag = 0) {
  Node n = node(id, NodeType::recv, std::move(deps));
  n.comm_src = from;
  n.comm_size = bytes;
  n.comm_tag = tag;
  return n;
}
inline Node collective(std::uint64_t id, CommType type, std::int64_t bytes,
                       std::vector<std::uint64_t> deps = {}) {
  Node n = node(id, NodeType::collective, std::move(deps));
  n.comm_type = static_cast<int>(type);
  n.comm_size = bytes;
  return n;
}
inline std::vector<Rank> ranks(std::vector<std::vector<Node>> nodes) {
  std::vector<Rank> all;
  for (std::size_t r = 0; r < nodes.size(); ++r) {
    Rank rank;
    rank.file = "t." + std::to_string(r) + ".et";
    rank.version = "0.0.4";
    rank.nodes = std::move(nodes[r]);
    for (std::uint32_t i = 0; i < rank.nodes.size(); ++i) rank.by_id.emplace(rank.nodes[i].id, i);
    all.push_back(std::move(rank));
  }
  return all;
}
inline std::string refusal(const std::vector<Rank>& trace, const ring::chakra::ImportOptions& options = {}) {
  try {
    ring::chakra::import_ranks(trace, "t", options);
  } catch (const sim::Error& e) {
    return e.exit_code() == sim::Exit::input ? e.what() : std::string("another exit code: ") + e.what();
  }
  return "";
}

}  // namespace chakra_test
