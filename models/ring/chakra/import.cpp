// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/chakra/import.h"

#include <algorithm>
#include <cmath>
#include <queue>
#include <utility>

#include "models/ring/chakra/groups.h"
#include "models/ring/chakra/match.h"
#include "sim/core/error.h"

namespace ring::chakra {
namespace {

// Numbers are given first, in the order of node ids (ranks beside each other where ids are equal), then
// operations are made: dependencies may lead forwards. Where times are equal, executors go by these numbers,
// and an exported schedule has the ids that make them what they were.
class Importer {
 public:
  Importer(const std::vector<Rank>& ranks, const ImportOptions& options, Matches matches)
      : ranks_(ranks),
        options_(options),
        m_(std::move(matches)),
        algorithm_(make_collectives(options.collectives)) {}

  Imported run() {
    out_.graph.gpus = static_cast<unsigned>(ranks_.size());
    out_.contents.version = ranks_[0].version;
    out_.contents.ranks = ranks_.size();
    order();
    number();
    for (const NodeRef ref : order_) emit(ref);
    find_circle();
    return std::move(out_);
  }

 private:
  const Node& at(NodeRef ref) const { return ranks_[ref.rank].nodes[ref.index]; }
  std::string where(NodeRef ref) const { return place(ranks_, ref); }
  NodeRef partner(NodeRef ref) const { return m_.partner[ref.rank][ref.index]; }
  bool waits(NodeRef recv) const { return options_.rendezvous || at(recv).rendezvous; }

  void order() {
    for (std::uint32_t r = 0; r < ranks_.size(); ++r) {
      for (const std::uint32_t i : m_.order[r]) order_.push_back({r, i});
      finish_.emplace_back(ranks_[r].nodes.size(), kNoOp);
      out_.contents.nodes += ranks_[r].nodes.size();
    }
    std::stable_sort(order_.begin(), order_.end(), [&](NodeRef a, NodeRef b) { return at(a).id < at(b).id; });
  }

  // The operation that finishes when the node has.
  void number() {
    std::uint64_t next = 0;
    first_of_.resize(m_.collectives.size(), kNoOp);
    parts_.reserve(m_.collectives.size());
    for (const CollectiveMatch& c : m_.collectives) {
      parts_.emplace_back(static_cast<std::uint32_t>(c.group.size()));
      if (c.group.size() > 1) {
        algorithm_->run({c.type, c.bytes, static_cast<std::uint32_t>(c.group.size()), c.root}, parts_.back());
      }
    }
    std::vector<NodeRef> aliases;
    for (const NodeRef ref : order_) {
      const std::uint32_t c = m_.of_collective[ref.rank][ref.index];
      if (c != kNoNode) {
        const std::uint64_t members = m_.collectives[c].group.size();
        if (first_of_[c] == kNoOp) {  // its starts and messages, then the ends
          first_of_[c] = static_cast<OpId>(next);
          next += parts_[c].all().size() + members;
        }
        const auto& nodes = m_.collectives[c].nodes;
        const auto self =
            std::find_if(nodes.begin(), nodes.end(), [&](NodeRef n) { return n.rank == ref.rank; });
        finish_[ref.rank][ref.index] = first_of_[c] + static_cast<OpId>(parts_[c].all().size()) +
                                       static_cast<OpId>(self - nodes.begin());
      } else if (at(ref).type == NodeType::recv && waits(ref)) {
        aliases.push_back(ref);  // the message itself
      } else {
        finish_[ref.rank][ref.index] = static_cast<OpId>(next++);
      }
      if (next >= kNoOp) refuse(ranks_[0].file + ": the trace has more than 4 294 967 294 operations");
    }
    for (const NodeRef ref : aliases) {
      finish_[ref.rank][ref.index] = finish_[partner(ref).rank][partner(ref).index];
    }
  }

  void add_deps(NodeRef ref, std::vector<OpId>& to) const {
    const Node& node = at(ref);
    const auto find = [&](std::uint32_t rank, std::uint64_t id) {
      const auto found = ranks_[rank].by_id.find(id);
      if (found == ranks_[rank].by_id.end()) {
        refuse(where(ref) + " depends on node " + std::to_string(id) + ", which " + ranks_[rank].file +
               " does not have; remove the dependency, or add the node");
      }
      return finish_[rank][found->second];
    };
    for (const std::uint64_t id : node.deps) to.push_back(find(ref.rank, id));
    for (const std::uint64_t remote : node.remote_deps) {
      if (remote >> 32 >= ranks_.size()) {
        refuse(where(ref) + " depends on rank " + std::to_string(remote >> 32) + ", which is not there");
      }
      to.push_back(find(static_cast<std::uint32_t>(remote >> 32), remote & 0xffffffff));
    }
  }

  void put(Op op, std::vector<OpId> deps, const std::string& name) {
    std::sort(deps.begin(), deps.end());
    deps.erase(std::unique(deps.begin(), deps.end()), deps.end());
    out_.graph.add(op, deps);
    out_.graph.names.push_back(name);
  }

  std::string name_of(NodeRef ref) const {
    const Node& node = at(ref);
    return node.name.empty() ? std::string(word(node.type)) + " " + std::to_string(node.id) + " of rank " +
                                   std::to_string(ref.rank)
                             : node.name;
  }

  void emit(NodeRef ref) {
    const Node& node = at(ref);
    ++out_.contents.kinds[word(node.type)];
    out_.contents.ours = out_.contents.ours || !node.kind.empty();
    const std::uint32_t c = m_.of_collective[ref.rank][ref.index];
    if (c != kNoNode) {
      if (out_.graph.size() == first_of_[c]) emit_collective(c);
      return;
    }
    if (node.type == NodeType::recv && waits(ref)) return;
    Op op;
    op.gpu = op.peer = ref.rank;
    op.kind = OpKind::join;
    op.channel = channel_of(node, Channel::none);
    op.step = node.step;
    op.pass = static_cast<std::uint16_t>(node.pass);
    op.launch_ps = static_cast<std::uint32_t>(std::min<std::uint64_t>(node.launch_ps, 0xffffffff));
    std::vector<OpId> deps;
    add_deps(ref, deps);
    if (node.type == NodeType::recv) deps.push_back(finish_[partner(ref).rank][partner(ref).index]);
    if (node.type == NodeType::send) {
      message(ref, op);
      if (waits(partner(ref))) add_deps(partner(ref), deps);
    }
    if (node.is_cpu_op) ++out_.contents.cpu_nodes;
    const bool kernel =
        node.type == NodeType::compute || node.type == NodeType::mem_load || node.type == NodeType::mem_store;
    if (kernel && !node.is_cpu_op) {
      op.duration = duration(ref);
      op.kind = node.kind == word(OpKind::merge) ? OpKind::merge : OpKind::compute;
      if (node.tensor_size && *node.tensor_size > 0 && op.kind == OpKind::merge) {
        op.bytes = static_cast<std::uint64_t>(*node.tensor_size);
      }
    }
    put(op, std::move(deps), name_of(ref));
  }

  void message(NodeRef ref, Op& op) {
    const Node& node = at(ref);
    ++out_.contents.messages;
    out_.contents.message_bytes += static_cast<std::uint64_t>(*node.comm_size);
    op.peer = partner(ref).rank;
    op.bytes = static_cast<std::uint64_t>(*node.comm_size);
    if (op.bytes == 0 || op.peer == op.gpu) {  // nothing to send
      op.bytes = 0;
      op.peer = op.gpu;
      return;
    }
    op.kind = OpKind::transfer;
    op.channel = channel_of(node, Channel::other);
  }

  static Channel channel_of(const Node& node, Channel otherwise) {
    if (node.kind.empty()) return otherwise;
    for (const Channel channel : {Channel::none, Channel::q, Channel::kv, Channel::out, Channel::other}) {
      if (node.channel == word(channel)) return channel;
    }
    return otherwise;
  }

  Ps duration(NodeRef ref) const {
    const Node& node = at(ref);
    if (node.duration_ps) return *node.duration_ps;
    constexpr std::uint64_t kMostMicros = 9'000'000'000'000;  // 104 days
    if (node.duration_micros > kMostMicros) {
      refuse(where(ref) + ": a duration of " + std::to_string(node.duration_micros) +
             " us is no measurement");
    }
    if (node.duration_micros > 0) return node.duration_micros * 1'000'000;
    const bool compute = node.type == NodeType::compute;
    const std::int64_t work = (compute ? node.num_ops : node.tensor_size).value_or(0);
    if (work <= 0) return 0;
    const double per_ps =
        compute ? options_.tflops : options_.memory_gbytes_per_s * 1e-3;  // operations or bytes
    if (per_ps <= 0) {
      refuse(
          where(ref) + " has " + (compute ? "num_ops" : "a tensor_size") + " and no duration; set " +
          (compute ? "the rate of the GPU (gpu.tflops)" : "the rate of the memory (gpu.hbm_gbytes_per_s)") +
          " and workload.chakra_roofline, or give it duration_micros");
    }
    const double ps = static_cast<double>(work) / per_ps;
    if (ps > 9e18) refuse(where(ref) + " would take " + std::to_string(ps * 1e-12) + " s");
    return static_cast<Ps>(std::llround(ps));
  }

  void emit_collective(std::uint32_t number) {
    const CollectiveMatch& c = m_.collectives[number];
    const Exchange& parts = parts_[number];
    const auto members = static_cast<std::uint32_t>(c.group.size());
    const OpId first = first_of_[number];
    ++out_.contents.collectives[word(c.type)];
    std::vector<std::vector<OpId>> ends(members);
    for (std::uint32_t i = 0; i < parts.all().size(); ++i) {
      const Exchange::Message& message = parts.all()[i];
      Op op;
      op.kind = OpKind::join;
      std::vector<OpId> deps;
      if (i < members) {
        op.gpu = op.peer = c.group[i];
        add_deps(c.nodes[i], deps);
        put(op, std::move(deps), "start of " + name_of(c.nodes[i]));
        ends[i].push_back(first + i);
        continue;
      }
      op.gpu = c.group[message.from];
      op.peer = message.bytes > 0 ? c.group[message.to] : op.gpu;
      if (message.bytes > 0) {
        op.kind = OpKind::transfer;
        op.channel = Channel::other;
        op.bytes = message.bytes;
        out_.contents.collective_bytes += message.bytes;
      }
      for (const std::uint32_t before : message.after) deps.push_back(first + before);
      put(op, std::move(deps), name_of(c.nodes[message.from]));
      ends[message.from].push_back(first + i);
      ends[message.to].push_back(first + i);
    }
    for (std::uint32_t i = 0; i < members; ++i) {
      Op op;
      op.kind = OpKind::join;
      op.gpu = op.peer = c.group[i];
      put(op, std::move(ends[i]), name_of(c.nodes[i]));
    }
  }

  void find_circle() const {
    const std::vector<OpId> cycle = find_cycle(out_.graph);
    if (cycle.empty()) return;
    std::map<OpId, NodeRef> nodes;
    for (const NodeRef ref : order_) nodes.emplace(finish_[ref.rank][ref.index], ref);
    std::string text;
    std::size_t shown = 0;
    for (const OpId op : cycle) {
      const auto found = nodes.find(op);
      if (found == nodes.end()) continue;
      if (++shown > 8) continue;
      text += (text.empty() ? "" : ", ") + where(found->second);
    }
    if (shown > 8) text += ", " + std::to_string(shown - 8) + " more";
    const bool hint = options_.rendezvous;
    refuse(
        "nodes wait for each other in a circle: " + text +
        " and back to the first; remove one of the dependencies" +
        (hint ? ", or let messages start without their receives (workload.chakra_rendezvous: false)" : ""));
  }

  const std::vector<Rank>& ranks_;
  const ImportOptions& options_;
  Matches m_;
  std::unique_ptr<CollectiveAlgorithm> algorithm_;
  Imported out_;
  std::vector<NodeRef> order_;
  std::vector<std::vector<OpId>> finish_;  // by rank and node
  std::vector<OpId> first_of_;             // by collective
  std::vector<Exchange> parts_;
};

}  // namespace

Imported import_ranks(const std::vector<Rank>& ranks, const std::string& prefix,
                      const ImportOptions& options) {
  if (ranks.empty()) refuse(prefix + ": no ranks");
  const auto groups = read_groups(options.groups_file, prefix, static_cast<std::uint32_t>(ranks.size()));
  return Importer(ranks, options, match(ranks, groups)).run();
}

Imported import_files(const std::string& prefix, const ImportOptions& options) {
  return import_ranks(read_ranks(prefix), prefix, options);
}

}  // namespace ring::chakra
