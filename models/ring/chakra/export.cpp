// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/chakra/export.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <unordered_map>

#include "sim/core/error.h"

namespace ring::chakra {
namespace {

bool on(const Op& op, std::uint32_t rank) { return op.gpu == rank || op.peer == rank; }

Node base(const OpGraph& graph, OpId id) {
  const Op& op = graph.ops[id];
  Node node;
  node.id = id;
  node.name = describe(graph, id);
  node.step = op.step;
  node.pass = op.pass;
  node.launch_ps = op.launch_ps;
  node.kind = word(op.kind);
  node.channel = word(op.channel);
  return node;
}

}  // namespace

std::vector<Rank> export_ranks(const OpGraph& graph, const std::string& prefix) {
  std::vector<Rank> ranks(graph.gpus);
  for (std::uint32_t r = 0; r < graph.gpus; ++r) {
    ranks[r].file = rank_file(prefix, r);
    ranks[r].version = "0.0.4";
  }
  std::unordered_map<std::uint64_t, std::int64_t> tags;  // messages of a pair so far
  const auto put = [&](std::uint32_t rank, Node node) {
    ranks[rank].by_id.emplace(node.id, static_cast<std::uint32_t>(ranks[rank].nodes.size()));
    ranks[rank].nodes.push_back(std::move(node));
  };
  for (OpId id = 0; id < graph.size(); ++id) {
    const Op& op = graph.ops[id];
    Node node = base(graph, id), receive;
    const bool message = op.kind == OpKind::transfer;
    if (message) {
      node.type = NodeType::send;
      node.comm_src = op.gpu;
      node.comm_dst = op.peer;
      node.comm_size = static_cast<std::int64_t>(op.bytes);
      node.comm_tag = tags[std::uint64_t{op.gpu} << 32 | op.peer]++;
      receive = node;
      receive.type = NodeType::recv;
      receive.rendezvous = true;
      receive.launch_ps = 0;
    } else if (op.kind == OpKind::join) {
      node.type = NodeType::metadata;
    } else {
      node.type = NodeType::compute;
      node.duration_micros = (op.duration + 500'000) / 1'000'000;
      node.duration_ps = op.duration;
      if (op.bytes > 0) node.tensor_size = static_cast<std::int64_t>(op.bytes);
    }
    // Where both ends know of a dependency, the sender waits for it; each end for what it alone knows.
    for (const OpId* dep = graph.deps_begin(id); dep != graph.deps_end(id); ++dep) {
      const Op& before = graph.ops[*dep];
      if (on(before, op.gpu)) {
        node.deps.push_back(*dep);
      } else if (message && on(before, op.peer)) {
        receive.deps.push_back(*dep);
      } else {
        node.remote_deps.push_back(std::uint64_t{before.gpu} << 32 | *dep);
      }
    }
    put(op.gpu, std::move(node));
    if (message) put(op.peer, std::move(receive));
  }
  return ranks;
}

std::uint64_t export_files(const OpGraph& graph, const std::string& prefix) {
  namespace fs = std::filesystem;
  const std::vector<Rank> ranks = export_ranks(graph, prefix);
  std::uint64_t remote = 0;
  std::error_code ignored;
  std::vector<std::string> written;
  const auto refuse = [&](const std::string& file, const std::string& what) {
    for (const std::string& done : written) fs::remove(done, ignored);
    throw sim::Error(sim::Exit::input, file + ": " + what);
  };
  for (const Rank& rank : ranks) {
    if (fs::exists(rank.file, ignored))
      refuse(rank.file, "is there already; remove it, or give another prefix");
  }
  const std::string next = rank_file(prefix, ranks.size());
  if (fs::exists(next, ignored))
    refuse(next, "would be taken for one more rank; remove it, or give another prefix");
  for (const Rank& rank : ranks) {
    errno = 0;
    std::ofstream out(rank.file, std::ios::binary);
    if (!out) refuse(rank.file, std::string("cannot be written: ") + std::strerror(errno));
    written.push_back(rank.file);
    write_rank(out, rank);
    out.close();
    if (!out) refuse(rank.file, std::string("cannot be written: ") + std::strerror(errno));
    for (const Node& node : rank.nodes) remote += node.remote_deps.size();
  }
  return remote;
}

}  // namespace ring::chakra
