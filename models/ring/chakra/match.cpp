// SPDX-License-Identifier: Apache-2.0
// Copyright The Tricycle Authors
#include "models/ring/chakra/match.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "sim/core/error.h"

namespace ring::chakra {
namespace {

class Matcher {
 public:
  Matcher(const std::vector<Rank>& ranks, const std::map<std::string, std::vector<std::uint32_t>>& groups)
      : ranks_(ranks), groups_(groups), count_(static_cast<std::uint32_t>(ranks.size())) {}

  Matches run() {
    for (std::uint32_t r = 0; r < count_; ++r) {
      const std::vector<Node>& nodes = ranks_[r].nodes;
      std::vector<std::uint32_t> order(nodes.size());
      std::iota(order.begin(), order.end(), 0);
      std::sort(order.begin(), order.end(),
                [&](std::uint32_t a, std::uint32_t b) { return nodes[a].id < nodes[b].id; });
      m_.order.push_back(std::move(order));
      m_.partner.emplace_back(nodes.size());
      m_.of_collective.emplace_back(nodes.size(), kNoNode);
    }
    for (std::uint32_t r = 0; r < count_; ++r) {
      for (const std::uint32_t i : m_.order[r]) {
        const NodeType type = ranks_[r].nodes[i].type;
        if (type == NodeType::send || type == NodeType::recv) enlist({r, i}, type == NodeType::send);
        if (type == NodeType::collective) join({r, i});
      }
    }
    pair_messages();
    check_collectives();
    return std::move(m_);
  }

 private:
  const Node& at(NodeRef ref) const { return ranks_[ref.rank].nodes[ref.index]; }
  std::string where(NodeRef ref) const { return place(ranks_, ref); }

  std::int64_t wanted(NodeRef ref, const std::optional<std::int64_t>& value, const char* name) const {
    if (!value)
      refuse(where(ref) + " has no attribute " + name + "; every " + word(at(ref).type) + " needs it");
    if (*value < 0)
      refuse(where(ref) + ": " + name + " is " + std::to_string(*value) + "; it cannot be negative");
    return *value;
  }

  std::uint32_t peer(NodeRef ref, const std::optional<std::int64_t>& value, const char* name) const {
    const std::int64_t rank = wanted(ref, value, name);
    if (rank >= count_) {
      refuse(where(ref) + ": " + name + " is rank " + std::to_string(rank) +
             ", but there are files of ranks 0 to " + std::to_string(count_ - 1) + " only; add " +
             std::to_string(rank) + ".et or correct the node");
    }
    return static_cast<std::uint32_t>(rank);
  }

  // A message is known by who sends it, who gets it, and its tag; equal ones follow each other.
  struct Queue {
    std::vector<NodeRef> sends, receives;
  };
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::int64_t>;

  void enlist(NodeRef ref, bool send) {
    const Node& node = at(ref);
    const auto& own = send ? node.comm_src : node.comm_dst;
    if (own && *own != ref.rank) {
      refuse(where(ref) + ": " + (send ? "comm_src" : "comm_dst") + " is " + std::to_string(*own) +
             ", but the file is of rank " + std::to_string(ref.rank));
    }
    const std::uint32_t other =
        send ? peer(ref, node.comm_dst, "comm_dst") : peer(ref, node.comm_src, "comm_src");
    wanted(ref, node.comm_size, "comm_size");
    Queue& queue = queues_[send ? Key{ref.rank, other, node.comm_tag.value_or(0)}
                                : Key{other, ref.rank, node.comm_tag.value_or(0)}];
    (send ? queue.sends : queue.receives).push_back(ref);
  }

  void pair_messages() {
    for (const auto& [key, queue] : queues_) {
      const auto& [from, to, tag] = key;
      const std::size_t both = std::min(queue.sends.size(), queue.receives.size());
      for (std::size_t k = 0; k < both; ++k) {
        const NodeRef s = queue.sends[k], r = queue.receives[k];
        if (*at(s).comm_size != *at(r).comm_size) {
          refuse(where(s) + " sends " + std::to_string(*at(s).comm_size) + " bytes to rank " +
                 std::to_string(to) + ", but " + where(r) + " receives " + std::to_string(*at(r).comm_size) +
                 "; make their comm_size equal, or give the messages different tags");
        }
        m_.partner[s.rank][s.index] = r;
        m_.partner[r.rank][r.index] = s;
      }
      const bool sends = queue.sends.size() > both;
      if (!sends && queue.receives.size() == both) continue;
      const NodeRef alone = (sends ? queue.sends : queue.receives)[both];
      const std::uint32_t other = sends ? to : from;
      refuse(where(alone) + (sends ? " sends to rank " : " receives from rank ") + std::to_string(other) +
             " with tag " + std::to_string(tag) + ", but " + ranks_[other].file + " has no " +
             (sends ? "receive" : "send") + " left for it; add one or remove this node");
    }
  }

  void join(NodeRef ref) {
    const Node& node = at(ref);
    if (node.some_dims) {
      refuse(where(ref) +
             ": involved_dim leaves out a dimension of a logical topology, which is not known here; name "
             "the members with pg_name and a file of groups");
    }
    std::vector<std::uint32_t> all(count_);
    std::iota(all.begin(), all.end(), 0);
    const auto group = groups_.find(node.pg_name);
    if (group == groups_.end() && !node.pg_name.empty() && !groups_.empty()) {
      refuse(where(ref) + ": there is no group '" + node.pg_name +
             "' in the file of groups; add its ranks there");
    }
    const std::vector<std::uint32_t>& members = group == groups_.end() ? all : group->second;
    const auto self = std::find(members.begin(), members.end(), ref.rank);
    if (self == members.end()) {
      refuse(where(ref) + ": rank " + std::to_string(ref.rank) + " is no member of group '" + node.pg_name +
             "'");
    }
    std::vector<std::uint32_t>& numbers = of_group_[node.pg_name];
    std::uint32_t& next = progress_[{node.pg_name, ref.rank}];
    if (next == numbers.size()) {
      CollectiveMatch c;
      c.group = members;
      c.nodes.assign(members.size(), {kNoNode, 0});
      numbers.push_back(static_cast<std::uint32_t>(m_.collectives.size()));
      m_.collectives.push_back(std::move(c));
    }
    const std::uint32_t number = numbers[next++];
    m_.collectives[number].nodes[static_cast<std::size_t>(self - members.begin())] = ref;
    m_.of_collective[ref.rank][ref.index] = number;
  }

  void check_collectives() {
    for (CollectiveMatch& c : m_.collectives) {
      NodeRef first{kNoNode, 0};
      for (std::size_t i = 0; i < c.group.size(); ++i) {
        if (c.nodes[i].rank != kNoNode && first.rank == kNoNode) first = c.nodes[i];
      }
      const std::int64_t type = wanted(first, at(first).comm_type, "comm_type");
      if (type > static_cast<std::int64_t>(CommType::barrier)) {
        refuse(where(first) + ": comm_type " + std::to_string(type) + " is not known; 0 to 9 are");
      }
      c.type = static_cast<CommType>(type);
      c.bytes = c.type == CommType::barrier
                    ? 0
                    : static_cast<std::uint64_t>(wanted(first, at(first).comm_size, "comm_size"));
      const std::int64_t root = at(first).root.value_or(c.group[0]);
      const auto found = std::find(c.group.begin(), c.group.end(), root);
      if (found == c.group.end()) {
        refuse(where(first) + ": root is rank " + std::to_string(root) + ", which is no member of the group");
      }
      c.root = static_cast<std::uint32_t>(found - c.group.begin());
      for (std::size_t i = 0; i < c.group.size(); ++i) agree(c, first, i, root);
    }
  }

  void agree(const CollectiveMatch& c, NodeRef first, std::size_t i, std::int64_t root) const {
    const std::string kind = std::string(word(c.type)) + " of " + std::to_string(c.bytes) + " bytes";
    if (c.nodes[i].rank == kNoNode) {
      refuse(where(first) + " is " + kind + ", but " + ranks_[c.group[i]].file +
             " has no collective left for it; every member of a group takes part in all of its collectives");
    }
    const Node& node = at(c.nodes[i]);
    const std::int64_t type = wanted(c.nodes[i], node.comm_type, "comm_type");
    if (type != static_cast<std::int64_t>(c.type)) {
      refuse(where(first) + " is " + word(c.type) + ", but the collective that meets it, " +
             where(c.nodes[i]) + ", is " +
             (type <= static_cast<std::int64_t>(CommType::barrier) ? word(static_cast<CommType>(type))
                                                                   : "unknown") +
             "; ranks must go through collectives in the same order of ids");
    }
    if (c.type != CommType::barrier &&
        static_cast<std::uint64_t>(wanted(c.nodes[i], node.comm_size, "comm_size")) != c.bytes) {
      refuse(where(first) + " is " + kind + ", but " + where(c.nodes[i]) + " has a comm_size of " +
             std::to_string(*node.comm_size) + "; make them equal");
    }
    if (node.root.value_or(root) != root) {
      refuse(where(first) + " has root " + std::to_string(root) + ", but " + where(c.nodes[i]) +
             " has root " + std::to_string(*node.root) + "; make them equal");
    }
  }

  const std::vector<Rank>& ranks_;
  const std::map<std::string, std::vector<std::uint32_t>>& groups_;
  const std::uint32_t count_;
  Matches m_;
  std::map<Key, Queue> queues_;
  std::map<std::string, std::vector<std::uint32_t>> of_group_;  // group: its collectives in their order
  std::map<std::pair<std::string, std::uint32_t>, std::uint32_t>
      progress_;  // group, rank: how many it has had
};

}  // namespace

std::string place(const std::vector<Rank>& ranks, NodeRef ref) {
  const Node& node = ranks[ref.rank].nodes[ref.index];
  return ranks[ref.rank].file + ": node " + std::to_string(node.id) +
         (node.name.empty() ? "" : " '" + node.name.substr(0, 80) + "'");
}

Matches match(const std::vector<Rank>& ranks,
              const std::map<std::string, std::vector<std::uint32_t>>& groups) {
  return Matcher(ranks, groups).run();
}

}  // namespace ring::chakra
