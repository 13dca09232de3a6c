// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
//
// Chakra execution traces as they are in the files: nodes of one rank, unchecked beside each other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <istream>
#include <optional>
#include <ostream>
#include <string>
#include <unordered_map>
#include <vector>

namespace ring::chakra {

// Numbers as in the schema (chakra.proto).
enum class NodeType : int { invalid = 0, metadata, mem_load, mem_store, compute, send, recv, collective };
enum class CommType : int {
  all_reduce = 0,
  reduce,
  all_gather,
  gather,
  scatter,
  broadcast,
  all_to_all,
  reduce_scatter,
  reduce_scatter_block,
  barrier
};
const char* word(NodeType type);  // "COMM_SEND_NODE"
const char* word(CommType type);  // "ALL_REDUCE"

// A node with the attributes that mean something here; others are dropped.
struct Node {
  std::uint64_t id = 0;
  std::string name;
  NodeType type = NodeType::invalid;
  std::vector<std::uint64_t> deps;  // control and data dependencies; ids of the same rank
  std::uint64_t duration_micros = 0;
  bool is_cpu_op = false;
  std::optional<std::int64_t> comm_type, comm_size, comm_src, comm_dst, comm_tag, root, num_ops, tensor_size;
  std::string pg_name;
  bool some_dims = false;  // involved_dim leaves out a dimension

  // Attributes of our own, which make an exported schedule come back as it was.
  std::optional<std::uint64_t> duration_ps;
  std::uint64_t launch_ps = 0;
  std::string kind;  // OpKind and channel by their words; empty in traces of others
  std::string channel;
  std::uint32_t step = 0, pass = 0;
  bool rendezvous = false;  // recv: the message does not start before the dependencies of this node
  std::vector<std::uint64_t> remote_deps;  // nodes of other ranks: rank << 32 | id
};

struct Rank {
  std::string file;     // for messages
  std::string version;  // of the schema
  std::vector<Node> nodes;
  std::unordered_map<std::uint64_t, std::uint32_t> by_id;  // index into nodes
};

constexpr std::uint64_t kMaxMessageBytes = 1u << 20;
constexpr std::uint64_t kMaxRanks = 65536;

// Throws sim::Error(Exit::input) with the file, the byte and the remedy: no Chakra trace, truncated, a schema
// of another version, a node without or with a repeated id, attributes of the wrong kind.
Rank read_rank(std::istream& in, const std::string& file);
void write_rank(std::ostream& out, const Rank& rank);

// "PREFIX.3.et".
std::string rank_file(const std::string& prefix, std::uint64_t rank);
// Reads PREFIX.0.et, PREFIX.1.et, ...; throws as read_rank, and when there are none, or one is missing.
std::vector<Rank> read_ranks(const std::string& prefix);

}  // namespace ring::chakra
