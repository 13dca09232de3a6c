// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/function/op_graph.h"

#include <algorithm>

#include "models/ring/function/refuse.h"

namespace ring {
namespace {

std::string cycle_text(const OpGraph& graph, const std::vector<OpId>& cycle) {
  constexpr std::size_t kShown = 12;
  std::string text = "operations wait for each other in a circle of " + std::to_string(cycle.size()) + ":";
  for (std::size_t i = 0; i < std::min(cycle.size(), kShown); ++i) {
    text += "\n  " + describe(graph, cycle[i]) + " waits for";
  }
  if (cycle.size() > kShown) text += "\n  ... " + std::to_string(cycle.size() - kShown) + " more";
  return text + "\n  " + describe(graph, cycle.front()) + "\nremove one of these dependencies";
}

}  // namespace

const char* word(OpKind kind) {
  switch (kind) {
    case OpKind::compute:
      return "compute";
    case OpKind::merge:
      return "merge";
    case OpKind::transfer:
      return "transfer";
    case OpKind::join:
      break;
  }
  return "join";
}

const char* word(Channel channel) {
  switch (channel) {
    case Channel::none:
      return "";
    case Channel::q:
      return "Q";
    case Channel::kv:
      return "KV";
    case Channel::out:
      return "Out";
    case Channel::other:
      break;
  }
  return "data";
}

OpId OpGraph::add(const Op& op, const OpId* waits_for, std::size_t count) {
  const OpId id = static_cast<OpId>(ops.size());
  ops.push_back(op);
  for (std::size_t i = 0; i < count; ++i) {
    if (waits_for[i] != kNoOp) deps.push_back(waits_for[i]);
  }
  first_dep.push_back(static_cast<std::uint32_t>(deps.size()));
  return id;
}

Successors successors(const OpGraph& graph) {
  Successors result;
  result.first.assign(graph.size() + 1, 0);
  for (const OpId dep : graph.deps) ++result.first[dep + 1];
  for (std::size_t i = 1; i < result.first.size(); ++i) result.first[i] += result.first[i - 1];
  result.ops.resize(graph.deps.size());
  std::vector<std::uint32_t> next(result.first.begin(), result.first.end() - 1);
  for (OpId op = 0; op < graph.size(); ++op) {
    for (const OpId* dep = graph.deps_begin(op); dep != graph.deps_end(op); ++dep) {
      result.ops[next[*dep]++] = op;
    }
  }
  return result;
}

std::string describe(const OpGraph& graph, OpId op) {
  if (op < graph.names.size() && !graph.names[op].empty()) return graph.names[op];
  const Op& o = graph.ops[op];
  std::string text = o.kind == OpKind::transfer ? word(o.channel) : word(o.kind);
  if (text.empty()) text = word(o.kind);
  if (o.pass > 0) text += " of pass " + std::to_string(o.pass) + ",";
  text += (o.pass > 0 ? " step " : " of step ") + std::to_string(o.step);
  if (o.kind == OpKind::transfer) {
    return text + ", gpu " + std::to_string(o.gpu) + " -> gpu " + std::to_string(o.peer);
  }
  return text + " on gpu " + std::to_string(o.gpu);
}

std::vector<OpId> find_cycle(const OpGraph& graph) {
  // Depth first along the dependencies; `path` holds the operations that are open, each waiting for the next.
  enum : char { kNew, kOpen, kClosed };
  std::vector<char> state(graph.size(), kNew);
  std::vector<std::pair<OpId, std::uint32_t>> path;
  for (OpId root = 0; root < graph.size(); ++root) {
    if (state[root] != kNew) continue;
    path.emplace_back(root, graph.first_dep[root]);
    state[root] = kOpen;
    while (!path.empty()) {
      auto& [op, next] = path.back();
      if (next == graph.first_dep[op + 1]) {
        state[op] = kClosed;
        path.pop_back();
        continue;
      }
      const OpId dep = graph.deps[next++];
      if (state[dep] == kOpen) {
        const auto begin = std::find_if(path.begin(), path.end(), [dep](auto& p) { return p.first == dep; });
        std::vector<OpId> cycle;
        for (auto it = begin; it != path.end(); ++it) cycle.push_back(it->first);
        return cycle;
      }
      if (state[dep] == kNew) {
        state[dep] = kOpen;
        path.emplace_back(dep, graph.first_dep[dep]);
      }
    }
  }
  return {};
}

void check(const OpGraph& graph) {
  if (graph.gpus == 0) refuse("a graph of operations needs at least one GPU");
  if (graph.first_dep.size() != graph.size() + 1) refuse("a graph of operations whose offsets are damaged");
  for (OpId op = 0; op < graph.size(); ++op) {
    const Op& o = graph.ops[op];
    const auto bad = [&](const std::string& why) { refuse(describe(graph, op) + ": " + why); };
    if (o.gpu >= graph.gpus || o.peer >= graph.gpus) {
      bad("there are only " + std::to_string(graph.gpus) + " GPUs, counted from 0");
    }
    if (o.kind == OpKind::transfer && o.gpu == o.peer) bad("a message from a GPU to itself");
    if (o.kind == OpKind::transfer && o.bytes == 0) bad("a message without bytes");
    if (o.kind != OpKind::transfer && o.gpu != o.peer) bad("only a transfer has a peer");
    for (const OpId* dep = graph.deps_begin(op); dep != graph.deps_end(op); ++dep) {
      if (*dep >= graph.size()) bad("waits for an operation that does not exist");
    }
  }
  const std::vector<OpId> cycle = find_cycle(graph);
  if (!cycle.empty()) refuse(cycle_text(graph, cycle));
}

}  // namespace ring
